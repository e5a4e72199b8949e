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

  private var entries: [Entry] = []

  package init() {}

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
