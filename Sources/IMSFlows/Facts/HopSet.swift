/// A set of hops: one bit each. What is asked of it stands in line in other modules too.
@usableFromInline package struct HopSet: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline var bits: UInt64 = 0

  package init(_ hops: [Hop]) {
    for hop in hops { insert(hop) }
  }

  @inlinable package var isEmpty: Bool { bits == 0 }
  @inlinable package func isDisjoint(with other: HopSet) -> Bool { bits & other.bits == 0 }
  @inlinable package func isSuperset(of other: HopSet) -> Bool { other.bits & ~bits == 0 }

  package func contains(_ hop: Hop) -> Bool { bits >> hop.ordinal & 1 == 1 }
  package mutating func insert(_ hop: Hop) { bits |= 1 << hop.ordinal }
  package mutating func formUnion(_ other: HopSet) { bits |= other.bits }
}
