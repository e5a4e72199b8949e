import IMSBytes
import IMSMessages

/// Frames of one input whose stamps go back grossly: files that were written or joined out of order.
struct Disorder {
  /// What several queues of an interface, and files merged by wrong clocks, stay below.
  static let gross = Interval.seconds(1)

  /// Places, not frames: what follows a single stamp from far ahead is in order itself.
  private var count = 0
  private var largest = Interval.zero
  /// The first three, the one that stands ahead and the one that stands behind.
  private var frames: [UInt32] = []
  /// Of the last frame that stood behind: its stamp, and the newest before it.
  private var last: (time: Timestamp, newest: Timestamp)?

  /// A frame with an older stamp than the newest of all frames before it.
  mutating func note(_ time: Timestamp, newest: Timestamp, frame: UInt32) {
    let step = newest - time
    guard step > Disorder.gross else { return }
    largest = max(largest, step)
    defer { last = (time, newest) }
    if let last, last.newest == newest, last.time - time <= Disorder.gross { return }
    count += 1
    for frame in [frame - min(1, frame), frame] where frames.count < 3 && !frames.contains(frame) {
      frames.append(frame)
    }
  }

  func issue(input: UInt16) -> IssueLog.Entry? {
    guard count > 0 else { return nil }
    return IssueLog.Entry(
      layer: "order", reason: "stamps go back, by \(largest.nanoseconds / 1_000_000) ms at the most", count: count,
      frames: frames.map { IssueLog.FrameReference(input: input, frame: $0) })
  }
}
