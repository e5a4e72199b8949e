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
    guard count > 0, count <= 32 else { return 0 }
    if count == 1 {
      let letter = ASCII.lowercased(bytes.u8(0))
      return letter >= 0x61 && letter <= 0x7a ? compactIDs[Int(letter - 0x61)] : 0
    }
    var slot = Int(hash(bytes) & 511)
    let slots = hashedIDs
    while slots[slot] != 0 {
      let row = table[Int(slots[slot]) - 1]
      if row.name.utf8CodeUnitCount == count, bytes.spells(row.name, at: 0, ignoringCase: true) { return slots[slot] }
      slot = (slot + 1) & 511
    }
    return 0
  }

  /// Of the length and four letters, which tell nearly all names of the table apart.
  private static func hash(_ bytes: RawSpan) -> UInt32 {
    let count = bytes.byteCount
    var value = UInt32(truncatingIfNeeded: count)
    func take(_ index: Int) { value = value &* 31 &+ UInt32(bytes.u8(index) | 0x20) }
    take(0)
    take(count / 2)
    take(count - 1 - count / 4)
    take(count - 1)
    return value ^ value >> 9 ^ value >> 18
  }

  /// 512 slots with linear probing, filled from `table`.
  private static let hashedIDs: [UInt8] = {
    var slots = [UInt8](repeating: 0, count: 512)
    for (index, row) in table.enumerated() {
      let bytes = Array(row.name.description.utf8)
      var slot = bytes.withUnsafeBytes { Int(hash(RawSpan(_unsafeBytes: $0)) & 511) }
      while slots[slot] != 0 { slot = (slot + 1) & 511 }
      slots[slot] = UInt8(index + 1)
    }
    return slots
  }()

  private static let compactIDs: [UInt8] = {
    var ids = [UInt8](repeating: 0, count: 26)
    for (index, row) in table.enumerated() {
      if let compact = row.compact { ids[Int(compact.utf8Start.pointee - 0x61)] = UInt8(index + 1) }
    }
    return ids
  }()
}
