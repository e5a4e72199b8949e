import IMSBytes

/// The newest stamp that can be believed: what the timers of fragments and streams run by.
///
/// A stamp more than 60 s ahead counts only when 16 frames in a row stand there, so that one wrong stamp does not let
/// everything expire.
struct PacketClock: BitwiseCopyable {
  private(set) var now = Timestamp.distantPast
  private var leaps = 0

  mutating func accept(_ time: Timestamp) {
    if time <= now {
      leaps = 0
    } else if now == .distantPast || time - now <= .seconds(60) {
      now = time
      leaps = 0
    } else {
      leaps += 1
      if leaps >= 16 {
        now = time
        leaps = 0
      }
    }
  }
}
