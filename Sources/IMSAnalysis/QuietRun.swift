import IMSBytes
import IMSCapture
import IMSWire

/// Frames of one interface that bring nothing but their stamps, one behind the other and in order. They are most of what a
/// capture of a whole site holds: what is to be done for each of them is done once for the run.
struct QuietRun {
  private var interface: UInt16 = 0
  /// Those that nobody was told of yet.
  private var frames: UInt64 = 0
  /// Of the last frame; what follows stands behind it.
  private var last = Timestamp.distantPast
  /// Of the last two datagrams among them.
  private var (datagram, before) = (Timestamp.distantPast, Timestamp.distantPast)
  private var isDatagram = false
  /// From here on somebody wants to be told; no run goes on behind it.
  private var due = Timestamp.distantPast

  /// After a frame that was fed on its own and is the newest by every clock.
  mutating func begin(_ interface: UInt16, _ time: Timestamp, until due: Timestamp) {
    (self.interface, last, self.due) = (interface, time, due)
  }

  /// May the frame go on with the run? One whose stamp leaps is left to the clocks.
  @inline(__always)
  func reaches(_ frame: borrowing Frame) -> Bool {
    let time = frame.time
    return frame.interface == interface && time >= last && time < due && time - last <= PacketClock.leap
  }

  /// Does it, by what the sieve says?
  @inline(__always)
  mutating func take(_ frame: borrowing Frame, _ look: Sieve.Look) -> Bool {
    switch look {
    case .passes: return false
    case .datagram:
      (before, datagram) = (datagram, frame.time)
      isDatagram = true
    case .empty: isDatagram = false
    }
    last = frame.time
    frames &+= 1
    return true
  }

  /// Tells what it was: the last stamp, and the last two of datagrams, by the second of which is forgotten what the first one
  /// made old.
  mutating func end(
    input: UInt16, _ dissector: inout Dissector, _ clock: inout Watermark,
    _ tick: (CapturePoint, Dissector.News) -> Void
  ) {
    if frames == 0 { return }
    dissector.pass(frames, until: last)
    clock.advance(to: last)
    let point = CapturePoint(input: input, interface: interface)
    if before != .distantPast { tick(point, .foreignDatagram(before)) }
    if datagram != .distantPast { tick(point, .foreignDatagram(datagram)) }
    if !isDatagram { tick(point, Dissector.News(time: last)) }
    (frames, datagram, before) = (0, .distantPast, .distantPast)
  }
}

extension Dissector.News {
  fileprivate static func foreignDatagram(_ time: Timestamp) -> Self {
    var news = Self(time: time)
    news.hasForeignDatagram = true
    return news
  }
}
