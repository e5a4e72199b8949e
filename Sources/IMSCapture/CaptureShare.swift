package import IMSBytes

/// What one reader has of a capture, and what it takes off the stamps: all of it, unless the clocks of its interfaces are so
/// far apart that they cannot be read in one go. Packets of other interfaces are counted and passed over, so that numbers stay
/// those of the file.
package struct CaptureShare: Sendable, Equatable {
  /// Taken off every stamp that is given out.
  package var shift = Interval.zero
  /// The only ones, or those that are left out; in their order.
  private var interfaces: [UInt16] = []
  private var isRest = true

  /// All interfaces.
  package init(shift: Interval = .zero) { self.shift = shift }

  package init(only interfaces: [UInt16], shift: Interval) {
    (self.interfaces, isRest) = (interfaces, false)
    self.shift = shift
  }

  /// All interfaces but these.
  package init(without interfaces: [UInt16]) { self.interfaces = interfaces }

  /// Some interfaces are read elsewhere.
  package var isPart: Bool { !interfaces.isEmpty }

  @inline(__always)
  func includes(_ interface: UInt16) -> Bool { interfaces.isEmpty || interfaces.contains(interface) != isRest }
}
