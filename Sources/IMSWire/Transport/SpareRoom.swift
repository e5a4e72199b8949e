/// The room of streams of which nothing waits any more, for those of which something will: few wait at a time, but any of
/// tens of thousands may.
struct SpareRoom {
  private static let most = 16
  /// Larger ones are given back.
  private static let largest = (bytes: 16_384, marks: 64)

  private var buffers: [[UInt8]] = []
  private var marks: [[SegmentMark]] = []

  /// - Parameter stream: one without untaken bytes.
  mutating func keep(_ stream: inout TCPStream) {
    var (buffer, marks): ([UInt8], [SegmentMark]) = ([], [])
    swap(&buffer, &stream.buffer)
    swap(&marks, &stream.marks)
    guard buffers.count < Self.most, buffer.capacity <= Self.largest.bytes, marks.capacity <= Self.largest.marks else {
      return
    }
    buffers.append(buffer)
    self.marks.append(marks)
  }

  /// - Parameter stream: one without untaken bytes.
  mutating func lend(to stream: inout TCPStream) {
    guard let buffer = buffers.popLast(), let marks = marks.popLast() else { return }
    stream.buffer = buffer
    stream.marks = marks
  }
}
