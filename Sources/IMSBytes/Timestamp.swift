/// A point in packet time: nanoseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
  package var nanoseconds: Int64

  package static let distantPast = Timestamp(nanoseconds: .min)
  package static let distantFuture = Timestamp(nanoseconds: .max)

  @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  @inlinable package static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Saturating: an absurd stamp moves to the end of time and does not trap.
  package static func - (left: Timestamp, right: Timestamp) -> Interval {
    let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
    return Interval(nanoseconds: overflow ? (left.nanoseconds < right.nanoseconds ? .min : .max) : difference)
  }

  package static func + (left: Timestamp, right: Interval) -> Timestamp {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return Timestamp(nanoseconds: overflow ? (right.nanoseconds < 0 ? .min : .max) : sum)
  }

  package static func - (left: Timestamp, right: Interval) -> Timestamp {
    left + Interval(nanoseconds: right.nanoseconds == .min ? .max : -right.nanoseconds)
  }
}

/// A length of packet time in nanoseconds, signed.
package struct Interval: Hashable, Comparable, Sendable, BitwiseCopyable {
  package var nanoseconds: Int64

  package static let zero = Interval(nanoseconds: 0)

  @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  package static func seconds(_ value: Int64) -> Interval { Interval(nanoseconds: value * 1_000_000_000) }
  package static func milliseconds(_ value: Int64) -> Interval { Interval(nanoseconds: value * 1_000_000) }

  @inlinable package static func < (left: Interval, right: Interval) -> Bool { left.nanoseconds < right.nanoseconds }
  package var magnitude: Interval { Interval(nanoseconds: nanoseconds == .min ? .max : abs(nanoseconds)) }
}
