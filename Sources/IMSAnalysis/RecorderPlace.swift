import IMSBytes
import IMSCapture
import IMSWire

/// Where a recorder stands, by those between whom its packets go.
struct RecorderPlace {
  /// Two generations of conversations, so that the newest are known.
  private var newest = FingerprintTable<Bool>()
  private var older = FingerprintTable<Bool>()
  /// Likewise of packets.
  private var packets = FingerprintTable<Bool>()
  private var olderPackets = FingerprintTable<Bool>()
  /// By interface.
  private var own = RecordingHosts()
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
    own.note(ends, on: frame.interface)
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
    var others = RecordingHosts()
    var (seen, copies) = (0, 0)
    _ = reader.lookAhead(Bounds.packetsLookedAhead) { frame in
      guard let ends = PacketEnds(frame) else { return true }
      if knows(ends.conversation) {
        isKnown = true
        seen += 1
        let key = Self.key(frame)
        if packets.slot(of: key) != nil || olderPackets.slot(of: key) != nil { copies += 1 }
      }
      others.note(ends, on: frame.interface)
      return true
    }
    return isKnown && copies * 2 <= seen && !own.contradict(others)
  }
}
