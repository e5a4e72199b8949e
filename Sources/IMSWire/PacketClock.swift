package import IMSBytes

/// The newest stamp that can be believed: what the timers of fragments and streams run by.
///
/// A stamp more than 60 s away counts only when 16 frames in a row stand there, so that one wrong stamp does not let
/// everything expire, or stand still for ever.
package struct PacketClock: BitwiseCopyable {
  package static let leap = Interval.seconds(60)
  package static let witnesses = 16

  private(set) var now = Timestamp.distantPast
  private var leaps = 0

  mutating func accept(_ time: Timestamp) {
    if now != .distantPast, (time - now).magnitude > PacketClock.leap {
      leaps += 1
      if leaps < PacketClock.witnesses { return }
      now = time
    }
    leaps = 0
    now = max(now, time)
  }
}
