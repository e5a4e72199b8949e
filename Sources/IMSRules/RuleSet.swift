/// A set of rules by their numbers: one bit each.
struct RuleSet: Equatable, Sendable {
  private var words: [UInt64]

  /// Of rules 0 to `count`: none, or all.
  init(count: Int, isFull: Bool = false) {
    words = Array(repeating: isFull ? .max : 0, count: (count + 63) / 64)
    if isFull, count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
  }

  func contains(_ number: Int) -> Bool { words[number >> 6] >> UInt64(number & 63) & 1 == 1 }
  mutating func insert(_ number: Int) { words[number >> 6] |= 1 << UInt64(number & 63) }
  mutating func remove(_ number: Int) { words[number >> 6] &= ~(1 << UInt64(number & 63)) }

  // Both sets are of the same rules.

  mutating func formUnion(_ other: RuleSet) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  mutating func formIntersection(_ other: RuleSet) {
    for index in words.indices { words[index] &= other.words[index] }
  }

  mutating func subtract(_ other: RuleSet) {
    for index in words.indices { words[index] &= ~other.words[index] }
  }

  /// In the order of their numbers.
  func forEach(_ body: (Int) -> Void) {
    for index in words.indices {
      var word = words[index]
      while word != 0 {
        body(index << 6 + word.trailingZeroBitCount)
        word &= word - 1
      }
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
