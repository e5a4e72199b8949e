import IMSBytes

/// The newest stamp that can be believed: what the timers of fragments and streams run by.
///
/// A stamp more than 60 s away counts only when 16 frames in a row stand there, so that one wrong stamp does not let
/// everything expire, or stand still for ever.
struct PacketClock: BitwiseCopyable {
  private(set) var now = Timestamp.distantPast
  private var leaps = 0

  mutating func accept(_ time: Timestamp) {
    if now != .distantPast, (time - now).magnitude > .seconds(60) {
      leaps += 1
      if leaps < 16 { return }
      now = time
    }
    leaps = 0
    now = max(now, time)
  }
}
