package import IMSBytes
package import IMSWire

/// One appearance of a message at one capture point.
package struct Sighting: Hashable, Sendable {
  package var point: CapturePoint
  /// By the clock of the reference point, as far as it is known; until a registration is looked at the stamp itself.
  package var time: Timestamp
  /// As the frame has it in its file, but for a clock that is grossly off (`Recorders.stamp(of:)`).
  package let stamp: Timestamp
  package var layers: LayerStack
  package var frames: FrameList
  /// What copies of one packet have in common: IPv4 Identification, TCP sequence number or TSN; 0 for none.
  package var identity: UInt32
  /// Of the security association that the packet was taken out of, 0 for what came in clear.
  package var spi: UInt32
  /// The tunnels that the packet was taken out of; `Message.tunnels(of:)` says which they are.
  package var outer: OuterPaths.Number
  /// Which sending of its message it belongs to, from 0.
  var transmission: Int32 = 0
  /// TTL or hop limit there: the highest is nearest to the sender.
  package var hopLimit: UInt8

  package init(
    point: CapturePoint, time: Timestamp, frames: FrameList, hopLimit: UInt8, layers: LayerStack, identity: UInt32,
    spi: UInt32 = 0, outer: OuterPaths.Number = .none
  ) {
    self.point = point
    self.time = time
    stamp = time
    self.frames = frames
    self.hopLimit = hopLimit
    self.layers = layers
    self.spi = spi
    self.identity = identity
    self.outer = outer
  }

  init(_ appearance: Appearance, _ frames: FrameList) {
    point = appearance.point
    time = appearance.time
    stamp = appearance.stamp
    self.frames = frames
    hopLimit = appearance.hopLimit
    layers = appearance.layers
    identity = appearance.identity
    spi = appearance.spi
    outer = appearance.outer
    transmission = appearance.transmission
  }
}

/// A sighting as its message keeps it: flat, so that nothing is counted when it is looked at, moved or forgotten;
/// a message keeps several, so its parts stand by their size.
package struct Appearance: BitwiseCopyable, Sendable {
  package let point: CapturePoint
  package let time: Timestamp
  package let stamp: Timestamp
  package let fileOffset: UInt64
  package let layers: LayerStack
  /// The first one.
  package let frame: UInt32
  package let identity: UInt32
  package let spi: UInt32
  package let outer: OuterPaths.Number
  package let transmission: Int32
  /// Of two frames.
  let secondFrame: UInt32
  /// Where its message keeps the frames, when there are more than two; `single` or `pair` for fewer.
  let list: Int32
  package let hopLimit: UInt8

  static let single: Int32 = -1
  static let pair: Int32 = -2

  init(_ sighting: borrowing Sighting, transmission: Int32, list: Int32) {
    point = sighting.point
    time = sighting.time
    stamp = sighting.stamp
    frame = sighting.frames.first
    fileOffset = sighting.frames.fileOffset
    hopLimit = sighting.hopLimit
    layers = sighting.layers
    identity = sighting.identity
    spi = sighting.spi
    outer = sighting.outer
    self.transmission = transmission
    self.list = list
    secondFrame = list == Appearance.pair ? sighting.frames.more[0] : 0
  }

  /// Of one or two.
  var frames: FrameList {
    FrameList(frame, fileOffset: fileOffset, more: list == Appearance.pair ? [secondFrame] : [])
  }

  /// By time, capture point and frame.
  func precedes(_ other: Appearance) -> Bool {
    if time != other.time { return time < other.time }
    return point == other.point ? frame < other.frame : point < other.point
  }
}
