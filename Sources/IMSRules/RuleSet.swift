/// A set of rules by their numbers: one bit each. Those of the catalogue lie in the set itself.
struct RuleSet: Equatable, Sendable {
  private var first: SIMD4<UInt64>
  /// From 256 on.
  private var further: [UInt64]?

  private static let few = 256

  /// Of rules 0 to `count`: none, or all.
  init(count: Int, isFull: Bool = false) {
    first = SIMD4(repeating: 0)
    if count > Self.few { further = Array(repeating: 0, count: (count - Self.few + 63) / 64) }
    guard isFull else { return }
    for number in 0..<count { insert(number) }
  }

  func contains(_ number: Int) -> Bool {
    let word = number < Self.few ? first[number >> 6] : further?[(number - Self.few) >> 6] ?? 0
    return word >> UInt64(number & 63) & 1 == 1
  }

  mutating func insert(_ number: Int) {
    let bit: UInt64 = 1 << UInt64(number & 63)
    if number < Self.few { first[number >> 6] |= bit } else { further?[(number - Self.few) >> 6] |= bit }
  }

  mutating func remove(_ number: Int) {
    let bit: UInt64 = 1 << UInt64(number & 63)
    if number < Self.few { first[number >> 6] &= ~bit } else { further?[(number - Self.few) >> 6] &= ~bit }
  }

  // Both sets are of the same rules.

  mutating func formUnion(_ other: RuleSet) {
    first |= other.first
    if other.further != nil { merge(other) { $0 | $1 } }
  }

  mutating func formIntersection(_ other: RuleSet) {
    first &= other.first
    if other.further != nil { merge(other) { $0 & $1 } }
  }

  mutating func subtract(_ other: RuleSet) {
    first &= ~other.first
    if other.further != nil { merge(other) { $0 & ~$1 } }
  }

  private mutating func merge(_ other: RuleSet, _ body: (UInt64, UInt64) -> UInt64) {
    guard var words = further, let others = other.further else { return }
    for index in words.indices { words[index] = body(words[index], others[index]) }
    further = words
  }

  /// Takes the one with the lowest number out; nil when none is left.
  mutating func popFirst() -> Int? {
    for index in 0..<4 where first[index] != 0 {
      let number = index << 6 + first[index].trailingZeroBitCount
      first[index] &= first[index] - 1
      return number
    }
    guard let words = further, let index = words.firstIndex(where: { $0 != 0 }) else { return nil }
    let number = Self.few + index << 6 + words[index].trailingZeroBitCount
    remove(number)
    return number
  }

  /// In the order of their numbers.
  func forEach(_ body: (Int) -> Void) {
    for index in 0..<4 { Self.forEach(first[index], from: index << 6, body) }
    guard let further else { return }
    for index in further.indices { Self.forEach(further[index], from: Self.few + index << 6, body) }
  }

  private static func forEach(_ bits: UInt64, from start: Int, _ body: (Int) -> Void) {
    var bits = bits
    while bits != 0 {
      body(start + bits.trailingZeroBitCount)
      bits &= bits - 1
    }
  }
}

/// Rules of a report: named only when they are asked for.
package struct RuleList: Sendable {
  private let names: [String]
  private(set) var numbers: RuleSet

  init(_ numbers: RuleSet, of names: [String]) {
    self.names = names
    self.numbers = numbers
  }

  /// Their identifiers, in the order in which they are run.
  var identifiers: [String] {
    var identifiers: [String] = []
    numbers.forEach { identifiers.append(names[$0]) }
    return identifiers
  }
}
