/// A set of hops: one bit each.
package struct HopSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package init(_ hops: some Sequence<Hop>) { self.init(rawValue: hops.reduce(0) { $0 | 1 << $1.ordinal }) }

  package func contains(_ hop: Hop) -> Bool { rawValue >> hop.ordinal & 1 == 1 }
  package mutating func insert(_ hop: Hop) { self = HopSet(rawValue: rawValue | 1 << hop.ordinal) }
}
