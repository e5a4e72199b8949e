/// Whether a frame is to be taken apart: asked with its link type, its bytes and its length on the wire.
package typealias FrameFilter = @Sendable (LinkType, RawSpan, UInt32) -> FilterAnswer

package enum FilterAnswer: Hashable, Sendable {
  case pass
  case drop
  /// The filter cannot be asked of this link type: why not. The frame is not taken apart.
  case refuse(String)
}
