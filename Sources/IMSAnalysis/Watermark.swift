import IMSBytes
import IMSWire

/// Packet time as far as it can be trusted: the newest accepted stamp. A stamp more than a minute ahead is accepted only
/// when sixteen frames in a row stand there; a lone leap moves nothing.
struct Watermark {
  private var time = Timestamp.distantPast
  private var ahead = 0

  /// The newest one, with that of a frame; one that stands behind it is noted.
  @inline(__always)
  mutating func accept(_ stamp: Timestamp, _ disorder: inout Disorder, frame: UInt32) -> Timestamp {
    let newest = accept(stamp)
    if stamp < newest { disorder.note(stamp, newest: newest, frame: frame) }
    return newest
  }

  /// To a stamp that is not older than the newest, and to which no step leaps.
  mutating func advance(to stamp: Timestamp) { (time, ahead) = (stamp, 0) }

  mutating func accept(_ stamp: Timestamp) -> Timestamp {
    if time == .distantPast {
      time = stamp
    } else if stamp - time > PacketClock.leap {
      ahead += 1
      if ahead >= PacketClock.witnesses {
        time = stamp
        ahead = 0
      }
    } else {
      ahead = 0
      time = max(time, stamp)
    }
    return time
  }
}
