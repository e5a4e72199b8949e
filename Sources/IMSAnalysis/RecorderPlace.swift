import IMSBytes
import IMSCapture
import IMSWire

/// Where a recorder stands, by those between whom its packets go.
struct RecorderPlace {
  /// The host that records, of one interface: whose address is in every packet.
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

  /// Two generations of conversations, so that the newest are known.
  private var newest = FingerprintTable<Bool>()
  private var older = FingerprintTable<Bool>()
  /// Likewise of packets.
  private var packets = FingerprintTable<Bool>()
  private var olderPackets = FingerprintTable<Bool>()
  /// By interface.
  private var own: [OwnHost] = []
  private var last = Timestamp.distantFuture
  /// The longest time without a packet.
  private(set) var silence = Interval.zero

  mutating func note(_ frame: borrowing Frame) {
    silence = max(silence, frame.time - last)
    last = frame.time
    guard let ends = PacketEnds(frame) else { return }
    insert(ends.conversation)
    if packets.count >= Bounds.recorderConversations {
      olderPackets = packets
      packets = FingerprintTable<Bool>()
    }
    packets.insert(Self.key(frame), true)
    let interface = Int(frame.interface)
    while own.count <= interface { own.append(OwnHost()) }
    own[interface].note(ends)
  }

  private mutating func insert(_ conversation: Fingerprint) {
    if newest.slot(of: conversation) != nil { return }
    if newest.count >= Bounds.recorderConversations {
      older = newest
      newest = FingerprintTable<Bool>()
    }
    newest.insert(conversation, true)
  }

  private static func key(_ frame: borrowing Frame) -> Fingerprint {
    var key = Fingerprint(of: frame.bytes)
    key.combine(UInt64(frame.interface))
    return key
  }

  private func knows(_ conversation: Fingerprint) -> Bool {
    newest.slot(of: conversation) != nil || older.slot(of: conversation) != nil
  }

  /// May the file that begins with these packets be recorded here? Two hosts must talk over the same link as before, unless
  /// its list of interfaces is proof enough; and no other host may record. What two hosts say that a recorder nearby heard,
  /// whose clock is off, was seen here already, most of it.
  func fits(_ reader: inout CaptureReader) -> Bool {
    var isKnown = reader.interfaces.count > 1
    var others: [OwnHost] = []
    var (seen, copies) = (0, 0)
    _ = reader.lookAhead(Bounds.packetsLookedAhead) { frame in
      guard let ends = PacketEnds(frame) else { return true }
      if knows(ends.conversation) {
        isKnown = true
        seen += 1
        let key = Self.key(frame)
        if packets.slot(of: key) != nil || olderPackets.slot(of: key) != nil { copies += 1 }
      }
      let interface = Int(frame.interface)
      while others.count <= interface { others.append(OwnHost()) }
      others[interface].note(ends)
      return true
    }
    return isKnown && copies * 2 <= seen && !zip(own, others).contains { $0.contradicts($1) }
  }
}
