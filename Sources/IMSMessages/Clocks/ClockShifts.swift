package import IMSBytes
package import IMSCapture
package import IMSWire

/// By how much whole clocks are ahead: a time zone, a machine that nobody ever set. It is taken off the stamps while the
/// captures are read; what is left is for `Clocks` to tell.
package struct ClockShifts: Sendable, Equatable {
  private struct Entry: Sendable, Equatable {
    var input: UInt16
    /// Nil for all of the input that have no entry of their own.
    var interface: UInt16?
    var shift: Interval
  }

  /// A clock that shares no packet with the one that it was moved against, with the others of its group.
  package struct Bound: Sendable, Equatable {
    package var point: CapturePoint
    package var reference: CapturePoint
    /// Requests and responses enclose it.
    package var offset: ClosedRange<Interval>

    package init(point: CapturePoint, reference: CapturePoint, offset: ClosedRange<Interval>) {
      self.point = point
      self.reference = reference
      self.offset = offset
    }
  }

  /// A clock, and the one that it is compared with.
  package struct Member: Sendable, Equatable {
    package var point: CapturePoint
    package var reference: CapturePoint

    package init(point: CapturePoint, reference: CapturePoint) {
      self.point = point
      self.reference = reference
    }
  }

  private var entries: [Entry] = []
  private let members: [Member]
  package let bounds: [Bound]

  package init(_ members: [Member] = [], bounds: [Bound] = []) {
    self.members = members
    self.bounds = bounds
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// Of an input, or of one of its interfaces.
  package mutating func set(_ shift: Interval, of input: UInt16, interface: UInt16? = nil) {
    if shift != .zero { entries.append(Entry(input: input, interface: interface, shift: shift)) }
  }

  /// One input stands by the clocks of another.
  package mutating func copy(of other: UInt16, to input: UInt16) {
    for entry in entries where entry.input == other { set(entry.shift, of: input, interface: entry.interface) }
  }

  package subscript(point: CapturePoint) -> Interval {
    for entry in entries where entry.input == point.input && (entry.interface ?? point.interface) == point.interface {
      return entry.shift
    }
    return .zero
  }

  /// Two interfaces of an input that was merged from captures of several machines: nothing tells how their clocks stand to
  /// each other.
  package func areApart(_ one: CapturePoint, _ other: CapturePoint) -> Bool {
    guard entries.contains(where: { $0.input == one.input && $0.interface != nil }), one.interface != other.interface
    else { return false }
    let (mine, its) = (reference(of: one), reference(of: other))
    return mine == nil || mine != its
  }

  private func reference(of point: CapturePoint) -> CapturePoint? {
    members.first { $0.point.input == point.input && $0.point.interface == point.interface }?.reference
  }

  /// How an input is to be read: what keeps its stamps, or all of it, comes first.
  package func shares(of input: UInt16) -> [CaptureShare] {
    let mine = entries.filter { $0.input == input }
    let single = mine.compactMap(\.interface)
    if single.isEmpty { return [CaptureShare(shift: mine.first?.shift ?? .zero)] }
    var shares = [CaptureShare(without: single)]
    for shift in Set(mine.map(\.shift)).sorted() {
      shares.append(CaptureShare(only: mine.filter { $0.shift == shift }.compactMap(\.interface), shift: shift))
    }
    return shares
  }
}
