import IMSBytes
import IMSCapture
import IMSWire

/// The host that records, of each interface: whose address is in every packet.
struct RecordingHosts {
  private struct OwnHost {
    var one: Fingerprint?
    var other: Fingerprint?
    var packets = 0

    mutating func note(_ ends: PacketEnds) {
      if packets == 0 {
        (one, other) = (ends.one, ends.other)
      } else {
        if one != ends.one, one != ends.other { one = nil }
        if other != ends.one, other != ends.other { other = nil }
      }
      packets += 1
    }

    /// Of each so many packets were seen that it is not by chance who is in all of them, and it is another one.
    func contradicts(_ host: OwnHost) -> Bool {
      guard packets >= Self.enough, host.packets >= Self.enough else { return false }
      let (mine, others) = ([one, other].compactMap(\.self), [host.one, host.other].compactMap(\.self))
      return !mine.isEmpty && !others.isEmpty && !mine.contains(where: others.contains)
    }

    private static let enough = 16
  }

  /// By interface.
  private var hosts: [OwnHost] = []
  /// Between whom the packets go that were looked at in advance.
  private var conversations: [Fingerprint] = []

  init() {}

  /// Of the packets that come next.
  init(_ reader: inout CaptureReader) {
    _ = reader.lookAhead(Bounds.packetsLookedAhead) { frame in
      if let ends = PacketEnds(frame) {
        note(ends, on: frame.interface)
        if !conversations.contains(ends.conversation) { conversations.append(ends.conversation) }
      }
      return true
    }
  }

  mutating func note(_ ends: PacketEnds, on interface: UInt16) {
    let place = Int(interface)
    while hosts.count <= place { hosts.append(OwnHost()) }
    hosts[place].note(ends)
  }

  /// Both show packets between the same two hosts over the same link.
  func meet(_ others: RecordingHosts) -> Bool { conversations.contains(where: others.conversations.contains) }

  /// Some interface was recorded by another host.
  func contradict(_ others: RecordingHosts) -> Bool { zip(hosts, others.hosts).contains { $0.contradicts($1) } }
}
