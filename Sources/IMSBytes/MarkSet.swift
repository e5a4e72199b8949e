/// What stands in a message or is odd about it, one bit each; the marks of one kind of message are of no use for another.
@frozen @usableFromInline package struct MarkSet<Subject>: Equatable, Sendable, BitwiseCopyable {
  @usableFromInline var bits: UInt64

  /// None.
  @inlinable package init() { bits = 0 }
  /// The mark of this number, below 64.
  @inlinable package init(_ number: UInt64) { bits = 1 << number }

  @inlinable init(bits: UInt64) { self.bits = bits }

  @inlinable package func contains(_ other: MarkSet) -> Bool { other.bits & ~bits == 0 }
  @inlinable package func isDisjoint(with other: MarkSet) -> Bool { bits & other.bits == 0 }
  @inlinable package func union(_ other: MarkSet) -> MarkSet { MarkSet(bits: bits | other.bits) }
  @inlinable package func intersection(_ other: MarkSet) -> MarkSet { MarkSet(bits: bits & other.bits) }
  @inlinable package mutating func insert(_ other: MarkSet) { bits |= other.bits }
  @inlinable package mutating func insert(_ other: MarkSet, if stands: Bool) { if stands { bits |= other.bits } }
  @inlinable package mutating func remove(_ other: MarkSet) { bits &= ~other.bits }
}
