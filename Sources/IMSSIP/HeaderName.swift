package import IMSBytes

/// The name of a header field (RFC 3261 §7.3.1): compared without regard to case, compact forms equal to the long ones.
///
/// A known name is a number, so that finding a header compares one byte per field.
package struct HeaderName: Sendable {
  /// Place in `table` from 1; 0 for a name that is not in the table.
  let id: UInt8
  private let other: Text?

  init(id: UInt8) {
    self.id = id
    other = nil
  }

  package init(_ text: Text) {
    id = text.bytes.withUnsafeBytes { HeaderName.id(of: RawSpan(_unsafeBytes: $0)) }
    other = id == 0 ? text : nil
  }

  package var isKnown: Bool { id != 0 }

  /// The long form in the spelling of its standard; an unknown name as it was given.
  package var name: String {
    if id != 0 { return HeaderName.table[Int(id) - 1].name.description }
    return other?.string ?? ""
  }

  /// Is this the name of an unknown header, written `text` on the wire?
  func spelled(_ text: Text) -> Bool { other?.equalsIgnoringCase(text) ?? false }

  /// Headers whose commas separate parameters and not values (RFC 3261 §7.3.1).
  package var isCredentials: Bool {
    switch self {
    case .wwwAuthenticate, .authorization, .proxyAuthenticate, .proxyAuthorization, .authenticationInfo,
      .proxyAuthenticationInfo:
      true
    default: false
    }
  }
}

extension HeaderName: Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  package init(stringLiteral value: String) { self.init(Text(value)) }

  package static func == (left: HeaderName, right: HeaderName) -> Bool {
    if left.id != 0 || right.id != 0 { return left.id == right.id }
    return left.other?.equalsIgnoringCase(right.other ?? "") ?? true
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    if let other { hasher.combine(other.lowercased) }
  }

  package var description: String { name }
}

extension HeaderName {
  /// The number of the name that `bytes` spell, 0 when it is unknown. Allocates nothing.
  static func id(of bytes: RawSpan) -> UInt8 { lookup.id(of: bytes) }

  static let lookup = NameLookup(table)
}

/// A name of at most 32 bytes as four words, the first byte lowest, with the bit set in every byte that tells a small letter:
/// two names are compared at once, and hashed without regard to case.
private struct NameKey: BitwiseCopyable {
  var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  static var longest: Int { 32 }
  /// The bit by which a small letter differs from the large one.
  static var smallLetters: UInt64 { 0x2020_2020_2020_2020 }

  /// The words of `bytes` as they are; nil where they are too many.
  init?(_ bytes: RawSpan) {
    let count = bytes.byteCount
    guard count <= Self.longest else { return nil }
    words.0 = Self.word(bytes, 0, count)
    if count > 8 { words.1 = Self.word(bytes, 8, count) }
    if count > 16 { words.2 = Self.word(bytes, 16, count) }
    if count > 24 { words.3 = Self.word(bytes, 24, count) }
  }

  /// At most eight bytes, from `start` on and below `count`.
  private static func word(_ bytes: RawSpan, _ start: Int, _ count: Int) -> UInt64 {
    if start + 8 <= count { return bytes.u64(start).byteSwapped }
    var word: UInt64 = 0
    for index in start..<max(start, count) { word |= UInt64(bytes.u8(index)) << UInt64(8 * (index - start)) }
    return word
  }

  /// The bytes before the first colon, which is looked for in eight at once, and how many they are; `longest` where none is
  /// near.
  @inline(__always)
  init(beforeColon bytes: RawSpan, at start: Int, count: inout Int) {
    count = Self.part(bytes, start, &words.0)
    if count < 8 { return }
    count = 8 &+ Self.part(bytes, start &+ 8, &words.1)
    if count < 16 { return }
    count = 16 &+ Self.part(bytes, start &+ 16, &words.2)
    if count < 24 { return }
    count = 24 &+ Self.part(bytes, start &+ 24, &words.3)
  }

  /// Eight bytes, those from the first colon on zero; how many stand before it.
  @inline(__always)
  private static func part(_ bytes: RawSpan, _ start: Int, _ part: inout UInt64) -> Int {
    let word = start &+ 8 <= bytes.byteCount ? bytes.u64(start).byteSwapped : Self.word(bytes, start, bytes.byteCount)
    let ones: UInt64 = 0x0101_0101_0101_0101
    // The high bit of each byte that is a colon. A byte that is one borrows from those above it alone.
    let others = word ^ (ones &* 0x3a)
    let colons = (others &- ones) & ~others & (ones &* 0x80)
    // Every bit below the first of them; all when there is none.
    let before = colons == 0 ? .max : (colons & (0 &- colons)) &>> 7 &- 1
    part = word & before
    return colons.trailingZeroBitCount &>> 3
  }

  /// Of 512 places, without regard to case.
  var slot: Int {
    let (first, second) = (words.0 | Self.smallLetters, words.1 | Self.smallLetters)
    let (third, last) = (words.2 | Self.smallLetters, words.3 | Self.smallLetters)
    let mixed = (first ^ second &* 3 ^ third &* 5 ^ last &* 7) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed &>> 55)
  }

  /// Does it spell `name`, which has small letters, in letters of either case?
  @inline(__always)
  func spells(_ name: NameKey) -> Bool {
    // A letter has bit 6 set, and everything else that stands in a name has not.
    func differs(_ word: UInt64, _ known: UInt64) -> UInt64 { (word | (known & 0x4040_4040_4040_4040) &>> 1) ^ known }
    return differs(words.0, name.words.0) | differs(words.1, name.words.1) | differs(words.2, name.words.2)
      | differs(words.3, name.words.3) == 0
  }
}

/// The table of names by their bytes: 512 slots with linear probing.
struct NameLookup: Sendable {
  private var slots = [UInt8](repeating: 0, count: 512)
  /// In small letters.
  private var keys: [NameKey] = []
  /// By letter.
  private var compact = [UInt8](repeating: 0, count: 26)

  init(_ table: [HeaderName.Row]) {
    for row in table {
      let id = UInt8(keys.count + 1)
      let name = row.name.description.utf8.map(ASCII.lowercased)
      // Never input: the names are literals of `HeaderName.table`, and the first header that is read, in any test, comes by here.
      guard let key = NameKey(name.span.bytes) else { preconditionFailure("a name of the table is too long") }
      keys.append(key)
      var slot = key.slot
      while slots[slot] != 0 { slot = (slot + 1) & 511 }
      slots[slot] = id
      if let letter = row.compact { compact[Int(letter.utf8Start.pointee - 0x61)] = id }
    }
  }

  private func id(of key: NameKey) -> UInt8 {
    var slot = key.slot
    while slots[slot] != 0 {
      if key.spells(keys[Int(slots[slot]) - 1]) { return slots[slot] }
      slot = (slot + 1) & 511
    }
    return 0
  }

  func id(of bytes: RawSpan) -> UInt8 {
    if bytes.byteCount == 1 { return id(ofLetter: bytes.u8(0)) }
    guard bytes.byteCount > 1, let key = NameKey(bytes) else { return 0 }
    return id(of: key)
  }

  private func id(ofLetter byte: UInt8) -> UInt8 {
    let letter = ASCII.lowercased(byte)
    return letter >= 0x61 && letter <= 0x7a ? compact[Int(letter - 0x61)] : 0
  }

  /// The known name that stands at `start`, with its colon right behind it and before `end`, as nearly every name does: its
  /// number and its length. 0 says nothing of the line.
  @inline(__always)
  func known(_ bytes: RawSpan, at start: Int, to end: Int) -> (id: UInt8, count: Int) {
    var count = 0
    let key = NameKey(beforeColon: bytes, at: start, count: &count)
    guard count > 0, count < NameKey.longest, start + count < end else { return (0, 0) }
    return (count == 1 ? id(ofLetter: bytes.u8(start)) : id(of: key), count)
  }
}
