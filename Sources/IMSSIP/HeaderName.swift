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
  static func id(of bytes: RawSpan) -> UInt8 {
    let count = bytes.byteCount
    guard count > 1 else {
      guard count == 1 else { return 0 }
      let letter = ASCII.lowercased(bytes.u8(0))
      return letter >= 0x61 && letter <= 0x7a ? lookup.compact[Int(letter - 0x61)] : 0
    }
    guard let key = NameKey(bytes) else { return 0 }
    return lookup[key]
  }

  private static let lookup = NameLookup(table)

  /// The known name that stands at `start`, with its colon right behind it and before `end`, as nearly every name does: its
  /// number and its length. Nil says nothing of the line.
  static func known(_ bytes: RawSpan, at start: Int, to end: Int) -> (id: UInt8, count: Int)? {
    guard start + NameKey.longest <= bytes.byteCount else { return nil }
    let (key, count) = NameKey.beforeColon(bytes, at: start)
    guard count > 0, count < NameKey.longest, start + count < end else { return nil }
    let id = count == 1 ? self.id(of: bytes.extracting(start..<start + 1)) : lookup[key]
    return id == 0 ? nil : (id, count)
  }
}

/// A name of at most 32 bytes in lower case, as four words: two names are compared at once.
private struct NameKey: Equatable, BitwiseCopyable {
  var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  static var longest: Int { 32 }

  private init() {}

  init?(_ bytes: RawSpan) {
    let count = bytes.byteCount
    guard count <= Self.longest else { return nil }
    words.0 = Self.word(bytes, 0, count)
    if count > 8 { words.1 = Self.word(bytes, 8, count) }
    if count > 16 { words.2 = Self.word(bytes, 16, count) }
    if count > 24 { words.3 = Self.word(bytes, 24, count) }
  }

  /// The bytes up to the first colon, which is looked for in eight at once; `longest` where none is near. As many bytes are
  /// there.
  @inline(__always)
  static func beforeColon(_ bytes: RawSpan, at start: Int) -> (key: NameKey, count: Int) {
    var key = NameKey()
    var count: Int
    (key.words.0, count) = part(bytes, start)
    if count < 8 { return (key, count) }
    (key.words.1, count) = part(bytes, start + 8)
    if count < 8 { return (key, 8 + count) }
    (key.words.2, count) = part(bytes, start + 16)
    if count < 8 { return (key, 16 + count) }
    (key.words.3, count) = part(bytes, start + 24)
    return (key, 24 + count)
  }

  /// Eight bytes, those before the first colon in lower case and the others zero, and how many stand before it.
  @inline(__always)
  private static func part(_ bytes: RawSpan, _ start: Int) -> (UInt64, Int) {
    let word = bytes.u64(start).byteSwapped
    let count = firstColon(word)
    return (lowercased(count == 8 ? word : word & (1 << UInt64(8 * count) - 1)), count)
  }

  /// The first of the eight bytes that is a colon; 8 for none. A byte that is zero borrows from those above it alone.
  @inline(__always)
  private static func firstColon(_ word: UInt64) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let zeros = word ^ (ones &* 0x3a)
    return ((zeros &- ones) & ~zeros & (ones &* 0x80)).trailingZeroBitCount / 8
  }

  /// The bytes from `start` on, at most eight, in lower case, the first one lowest.
  private static func word(_ bytes: RawSpan, _ start: Int, _ count: Int) -> UInt64 {
    if start + 8 <= count { return lowercased(bytes.u64(start).byteSwapped) }
    var word: UInt64 = 0
    for index in start..<count { word |= UInt64(bytes.u8(index)) << UInt64(8 * (index - start)) }
    return lowercased(word)
  }

  /// Letters in all eight bytes at once: a carry into the high bit of a byte tells whether it lies past A, and past Z.
  private static func lowercased(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let low = word & (ones &* 0x7f)
    let fromA = low &+ (ones &* (0x80 - 0x41))
    let pastZ = low &+ (ones &* (0x80 - 0x5b))
    let isLetter = (fromA ^ pastZ) & ~word & (ones &* 0x80)
    return word | (isLetter >> 2)
  }

  var slot: Int {
    let mixed = (words.0 ^ words.1 &* 3 ^ words.2 &* 5 ^ words.3 &* 7) &* 0x9E37_79B9_7F4A_7C15
    return Int(mixed >> 55)
  }

  static func == (left: NameKey, right: NameKey) -> Bool {
    left.words.0 == right.words.0 && left.words.1 == right.words.1 && left.words.2 == right.words.2
      && left.words.3 == right.words.3
  }
}

/// The table of names by their bytes: 512 slots with linear probing.
private struct NameLookup: Sendable {
  private var slots = [UInt8](repeating: 0, count: 512)
  private var keys: [NameKey] = []
  /// By letter.
  var compact = [UInt8](repeating: 0, count: 26)

  init(_ table: [HeaderName.Row]) {
    for row in table {
      let id = UInt8(keys.count + 1)
      let name = Array(row.name.description.utf8)
      // Never input: the names are literals of `HeaderName.table`, and the first header that is read, in any test, comes by here.
      guard let key = NameKey(name.span.bytes) else { preconditionFailure("a name of the table is too long") }
      keys.append(key)
      var slot = key.slot
      while slots[slot] != 0 { slot = (slot + 1) & 511 }
      slots[slot] = id
      if let letter = row.compact { compact[Int(letter.utf8Start.pointee - 0x61)] = id }
    }
  }

  subscript(key: NameKey) -> UInt8 {
    var slot = key.slot
    while slots[slot] != 0 {
      if keys[Int(slots[slot]) - 1] == key { return slots[slot] }
      slot = (slot + 1) & 511
    }
    return 0
  }
}
