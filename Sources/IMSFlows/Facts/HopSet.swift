/// A set of hops: one bit each.
package struct HopSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package init(_ hops: [Hop]) {
    var bits: UInt64 = 0
    for hop in hops { bits |= 1 << hop.ordinal }
    self.init(rawValue: bits)
  }

  package func contains(_ hop: Hop) -> Bool { rawValue >> hop.ordinal & 1 == 1 }
  package mutating func insert(_ hop: Hop) { self = HopSet(rawValue: rawValue | 1 << hop.ordinal) }
}
