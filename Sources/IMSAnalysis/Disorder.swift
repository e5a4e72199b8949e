import IMSBytes
import IMSMessages

/// Frames of one input whose stamps go back grossly: files that were written or joined out of order.
struct Disorder {
  /// What several queues of an interface, and files merged by wrong clocks, stay below.
  static let gross = Interval.seconds(1)

  private var count = 0
  private var largest = Interval.zero
  /// The first three.
  private var frames: [UInt32] = []

  /// A frame with an older stamp than the newest of all frames before it.
  mutating func note(_ time: Timestamp, newest: Timestamp, frame: UInt32) {
    let step = newest - time
    guard step > Disorder.gross else { return }
    count += 1
    largest = max(largest, step)
    if frames.count < 3 { frames.append(frame) }
  }

  func issue(input: UInt16) -> IssueLog.Entry? {
    guard count > 0 else { return nil }
    return IssueLog.Entry(
      layer: "order", reason: "stamps go back, by \(largest.nanoseconds / 1_000_000) ms at the most", count: count,
      frames: frames.map { IssueLog.FrameReference(input: input, frame: $0) })
  }
}
