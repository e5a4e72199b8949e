package import IMSBytes
package import IMSWire

/// One appearance of a message at one capture point.
package struct Sighting: Hashable, Sendable {
  package var point: CapturePoint
  package var time: Timestamp
  package var frames: FrameList
  /// TTL or hop limit there: the highest is nearest to the sender.
  package var hopLimit: UInt8
  package var layers: LayerStack
  /// Of the security association that the packet was taken out of, 0 for what came in clear.
  package var spi: UInt32

  package init(
    point: CapturePoint, time: Timestamp, frames: FrameList, hopLimit: UInt8, layers: LayerStack, spi: UInt32 = 0
  ) {
    self.point = point
    self.time = time
    self.frames = frames
    self.hopLimit = hopLimit
    self.layers = layers
    self.spi = spi
  }
}
