/// A point in packet time: nanoseconds since 1970-01-01T00:00:00Z.
@usableFromInline package struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
  @usableFromInline package var nanoseconds: Int64

  @inlinable package static var distantPast: Timestamp { Timestamp(nanoseconds: .min) }
  @inlinable package static var distantFuture: Timestamp { Timestamp(nanoseconds: .max) }

  @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  @inlinable package static func == (left: Timestamp, right: Timestamp) -> Bool {
    left.nanoseconds == right.nanoseconds
  }
  @inlinable package static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Saturating: an absurd stamp moves to the end of time and does not trap.
  @inlinable package static func - (left: Timestamp, right: Timestamp) -> Interval {
    let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
    return Interval(nanoseconds: overflow ? (left.nanoseconds < right.nanoseconds ? .min : .max) : difference)
  }

  @inlinable package static func + (left: Timestamp, right: Interval) -> Timestamp {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return Timestamp(nanoseconds: overflow ? (right.nanoseconds < 0 ? .min : .max) : sum)
  }

  @inlinable package static func - (left: Timestamp, right: Interval) -> Timestamp {
    left + Interval(nanoseconds: right.nanoseconds == .min ? .max : -right.nanoseconds)
  }
}

/// A length of packet time in nanoseconds, signed.
@usableFromInline package struct Interval: Hashable, Comparable, Sendable, BitwiseCopyable {
  @usableFromInline package var nanoseconds: Int64

  @inlinable package static var zero: Interval { Interval(nanoseconds: 0) }

  @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  @inlinable package static func seconds(_ value: Int64) -> Interval { Interval(nanoseconds: value * 1_000_000_000) }
  @inlinable package static func milliseconds(_ value: Int64) -> Interval { Interval(nanoseconds: value * 1_000_000) }

  /// Saturating.
  @inlinable package static func + (left: Interval, right: Interval) -> Interval {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return Interval(nanoseconds: overflow ? (right.nanoseconds < 0 ? .min : .max) : sum)
  }

  @inlinable package static func - (left: Interval, right: Interval) -> Interval {
    let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
    return Interval(nanoseconds: overflow ? (right.nanoseconds < 0 ? .max : .min) : difference)
  }

  @inlinable package static func == (left: Interval, right: Interval) -> Bool { left.nanoseconds == right.nanoseconds }
  @inlinable package static func < (left: Interval, right: Interval) -> Bool { left.nanoseconds < right.nanoseconds }
  @inlinable package var magnitude: Interval { Interval(nanoseconds: nanoseconds == .min ? .max : abs(nanoseconds)) }
}
