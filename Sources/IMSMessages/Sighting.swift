package import IMSBytes
package import IMSWire

/// One appearance of a message at one capture point.
/// Messages hold several each, so its parts stand by their size.
package struct Sighting: Hashable, Sendable {
  package var point: CapturePoint
  /// By the clock of the reference point, as far as it is known; until a registration is looked at the stamp itself.
  package var time: Timestamp
  /// As the frame has it in its file.
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
}
