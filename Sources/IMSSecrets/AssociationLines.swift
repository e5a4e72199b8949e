// The table `esp_sa` of Wireshark: a line for each security association, eight fields in quotes.
//
//   "IPv4","10.10.0.2","10.20.0.10","0x00001003","AES-CBC [RFC3602]","0x…","HMAC-SHA-1-96 [RFC2404]","0x…"
//
// Newer versions add a ninth, the length of sequence numbers. `*` stands for any address, octet, group, SPI or digit of
// one; `#` begins a remark.

import IMSBytes

/// Reads and writes security associations as Wireshark keeps them.
package enum AssociationLines {
  /// Why a line cannot be read; line and column count from 1.
  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    package var column: Int
    package var reason: String

    package init(line: Int, column: Int, reason: String) {
      self.line = line
      self.column = column
      self.reason = reason
    }

    package var description: String { "line \(line), column \(column): \(reason)" }
  }

  /// - Throws: for the first field that cannot be read, or names an algorithm that is not supported.
  package static func read(_ text: String) throws(Failure) -> [SecurityAssociation] {
    var associations: [SecurityAssociation] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let first = line.first { $0 != " " && $0 != "\t" }
      if first == nil || first == "#" { continue }
      var fields = Fields(line.utf8.map { $0 }, line: index + 1)
      associations.append(try association(&fields))
    }
    return associations
  }

  private static func association(_ fields: inout Fields) throws(Failure) -> SecurityAssociation {
    let family = try fields.next("protocol")
    guard ["IPv4", "IPv6"].contains(family.text) else { throw family.failure("expected IPv4 or IPv6") }
    let isIPv4 = family.text == "IPv4"
    let source = try fields.next("source address")
    let destination = try fields.next("destination address")
    let spi = try fields.next("SPI")
    let cipher = try fields.next("encryption")
    let cipherKey = try fields.next("encryption key")
    let check = try fields.next("authentication")
    let checkKey = try fields.next("authentication key")
    try fields.end()
    let integrity = try integrity(check, checkKey)
    var association = SecurityAssociation(
      source: try pattern(source, isIPv4: isIPv4), destination: try pattern(destination, isIPv4: isIPv4), spi: 0,
      suite: try suite(cipher, cipherKey, integrity))
    (association.spi, association.spiMask) = try spiPattern(spi)
    return association
  }

  // MARK: Algorithms

  private static let hashes: [(name: String, hash: ESPSuite.Hash, length: Int)] = [
    ("HMAC-MD5-96 [RFC2403]", .md5, 12), ("HMAC-SHA-1-96 [RFC2404]", .sha1, 12),
    ("HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]", .sha256, 12), ("HMAC-SHA-256-128 [RFC4868]", .sha256, 16),
    ("HMAC-SHA-384-192 [RFC4868]", .sha384, 24), ("HMAC-SHA-512-256 [RFC4868]", .sha512, 32),
  ]

  private static let unchecked: [(name: String, length: Int)] = [64, 96, 128, 192, 256].map {
    ("ANY \($0) bit authentication [no checking]", $0 / 8)
  }

  private static let aesCBC = "AES-CBC [RFC3602]"
  private static let aesGCM = "AES-GCM [RFC4106]"
  private static let aesGCMLengths: [(name: String, length: Int)] = [8, 12, 16].map {
    ("AES-GCM with \($0) octet ICV [RFC4106]", $0)
  }

  private static func integrity(_ name: Field, _ key: Field) throws(Failure) -> ESPSuite.Integrity {
    if name.text == "NULL" { return .null }
    if let known = unchecked.first(where: { $0.name == name.text }) { return .unchecked(length: known.length) }
    guard let known = hashes.first(where: { $0.name == name.text }) else {
      throw name.failure("authentication '\(name.text)' is not supported")
    }
    return .hmac(known.hash, key: try key.octets(), length: known.length)
  }

  private static func suite(
    _ name: Field, _ key: Field, _ integrity: ESPSuite.Integrity
  ) throws(Failure) -> ESPSuite {
    switch name.text {
    case "NULL": return ESPSuite(encryption: .null, integrity: integrity)
    case aesCBC:
      let octets = try key.octets()
      guard [16, 24, 32].contains(octets.count) else { throw key.failure("AES takes 16, 24 or 32 octets") }
      return ESPSuite(encryption: .aesCBC(key: octets), integrity: integrity)
    case aesGCM:
      guard case .unchecked(let length) = integrity else { return try gcm(key, 16) }
      return try gcm(key, length)
    default:
      guard let known = aesGCMLengths.first(where: { $0.name == name.text }) else {
        throw name.failure("encryption '\(name.text)' is not supported")
      }
      return try gcm(key, known.length)
    }
  }

  /// The last four octets of the key are the salt.
  private static func gcm(_ key: Field, _ length: Int) throws(Failure) -> ESPSuite {
    let octets = try key.octets()
    guard [20, 28, 36].contains(octets.count) else {
      throw key.failure("AES-GCM takes 16, 24 or 32 octets and four of salt")
    }
    return ESPSuite(
      encryption: .aesGCM(key: Array(octets.dropLast(4)), salt: octets.suffix(4), checkLength: length), integrity: .null
    )
  }

  // MARK: Patterns

  private static func spiPattern(_ field: Field) throws(Failure) -> (value: UInt32, mask: UInt32) {
    if field.text == "*" { return (0, 0) }
    if let number = UInt32(field.text) { return (number, .max) }
    let text = field.text.lowercased()
    guard text.hasPrefix("0x"), (3...10).contains(text.count) else { throw field.failure("'\(field.text)' is no SPI") }
    guard text.count == 10 || !text.contains("*") else { throw field.failure("a '*' in an SPI needs all eight digits") }
    var (value, mask): (UInt32, UInt32) = (0, .max)
    for digit in text.dropFirst(2) {
      value <<= 4
      mask = mask << 4 | (digit == "*" ? 0 : 15)
      guard digit == "*" || digit.hexDigitValue != nil else { throw field.failure("'\(field.text)' is no SPI") }
      value |= UInt32(digit.hexDigitValue ?? 0)
    }
    return (value, mask)
  }

  private static func pattern(_ field: Field, isIPv4: Bool) throws(Failure) -> AddressPattern {
    if field.text == "*" { return .any(isIPv4: isIPv4) }
    let parts = field.text.split(separator: "/", omittingEmptySubsequences: false)
    var pattern: AddressPattern?
    if isIPv4 {
      pattern = ipv4Pattern(parts[0])
    } else if let value = Text(String(parts[0])).ipv6 {
      pattern = AddressPattern(isIPv4: false, high: value.high, low: value.low)
    } else {
      pattern = ipv6Pattern(parts[0])
    }
    guard var pattern, parts.count <= 2 else {
      throw field.failure("'\(field.text)' is no \(isIPv4 ? "IPv4" : "IPv6") address")
    }
    guard parts.count == 2 else { return pattern }
    let most = isIPv4 ? 32 : 128
    guard let length = Int(parts[1]), (0...most).contains(length) else {
      throw field.failure("a prefix has 0 to \(most) bits")
    }
    let free = most - length
    pattern.maskLow &= free >= 64 ? 0 : .max << UInt64(free)
    if isIPv4 { pattern.maskLow |= 0xffff_ffff_0000_0000 }
    if free > 64 { pattern.maskHigh &= free == 128 ? 0 : .max << UInt64(free - 64) }
    return pattern
  }

  private static func ipv4Pattern(_ text: Substring) -> AddressPattern? {
    let octets = text.split(separator: ".", omittingEmptySubsequences: false)
    guard octets.count == 4 else { return nil }
    var (value, mask): (UInt64, UInt64) = (0, 0xffff_ffff)
    for octet in octets {
      value <<= 8
      mask = mask << 8 & ~0xff
      if octet == "*" { continue }
      guard let number = UInt8(octet) else { return nil }
      value |= UInt64(number)
      mask |= 0xff
    }
    var pattern = AddressPattern(isIPv4: true, high: 0, low: value)
    pattern.maskLow = mask | 0xffff_ffff_0000_0000
    return pattern
  }

  /// Eight groups, each hexadecimal or `*`.
  private static func ipv6Pattern(_ text: Substring) -> AddressPattern? {
    let groups = text.split(separator: ":", omittingEmptySubsequences: false)
    guard groups.count == 8 else { return nil }
    var halves: [(value: UInt64, mask: UInt64)] = [(0, 0), (0, 0)]
    for (index, group) in groups.enumerated() {
      halves[index / 4].value <<= 16
      halves[index / 4].mask <<= 16
      if group == "*" { continue }
      guard group.count <= 4, let number = UInt16(group, radix: 16) else { return nil }
      halves[index / 4].value |= UInt64(number)
      halves[index / 4].mask |= 0xffff
    }
    var pattern = AddressPattern(isIPv4: false, high: halves[0].value, low: halves[1].value)
    pattern.maskHigh = halves[0].mask
    pattern.maskLow = halves[1].mask
    return pattern
  }

  // MARK: Writing

  /// A line for each association, in order; of those with one SPI and destination Wireshark takes the first. What it does
  /// not know stands in a remark.
  package static func write(_ associations: [SecurityAssociation]) -> String {
    associations.map { line($0) + "\n" }.joined()
  }

  private static func line(_ association: SecurityAssociation) -> String {
    let suite = association.suite
    guard let cipher = cipher(suite), let check = check(suite) else {
      let name = suite.unsupported ?? "aes-gmac"
      return "# SPI \(spi(association)): Wireshark cannot be told of \(name)"
    }
    let fields = [
      association.source.isIPv4 ? "IPv4" : "IPv6", address(association.source), address(association.destination),
      spi(association), cipher.name, hex(cipher.key), check.name, hex(check.key),
    ]
    return fields.map { "\"\($0)\"" }.joined(separator: ",")
  }

  private static func cipher(_ suite: ESPSuite) -> (name: String, key: [UInt8])? {
    switch suite.encryption {
    case .null: ("NULL", [])
    case .aesCBC(let key): (aesCBC, key)
    case .aesGCM(let key, let salt, let length):
      aesGCMLengths.first { $0.length == length }.map { ($0.name, key + salt) }
    case .unsupported: nil
    }
  }

  private static func check(_ suite: ESPSuite) -> (name: String, key: [UInt8])? {
    switch suite.integrity {
    case .null: ("NULL", [])
    case .hmac(let hash, let key, let length):
      hashes.first { $0.hash == hash && $0.length == length }.map { ($0.name, key) }
    case .unchecked(let length): unchecked.first { $0.length == length }.map { ($0.name, []) }
    case .aesGMAC, .unsupported: nil
    }
  }

  private static func hex(_ octets: [UInt8]) -> String { octets.isEmpty ? "" : "0x" + Hex.encode(octets) }

  private static func spi(_ association: SecurityAssociation) -> String {
    let digits = Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: association.spi >> UInt32($0)) })
    let mask = Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: association.spiMask >> UInt32($0)) })
    if association.spiMask == 0 { return "*" }
    return "0x" + String(zip(digits, mask).map { $1 == "0" ? "*" : $0 })
  }

  private static func address(_ pattern: AddressPattern) -> String {
    let words = [pattern.high, pattern.low]
    let masks = [pattern.maskHigh, pattern.maskLow]
    if pattern == .any(isIPv4: pattern.isIPv4) { return "*" }
    if pattern.isIPv4 {
      return [24, 16, 8, 0].map { (shift: UInt64) in
        pattern.maskLow >> shift & 0xff == 0 ? "*" : "\(pattern.low >> shift & 0xff)"
      }.joined(separator: ".")
    }
    return (0..<8).map { group -> String in
      let shift = UInt64(48 - 16 * (group % 4))
      let value = words[group / 4] >> shift & 0xffff
      return masks[group / 4] >> shift & 0xffff == 0 ? "*" : String(value, radix: 16)
    }.joined(separator: ":")
  }
}

/// One field of a line, with its place.
private struct Field {
  var text: String
  var line: Int
  var column: Int

  func failure(_ reason: String) -> AssociationLines.Failure {
    AssociationLines.Failure(line: line, column: column, reason: reason)
  }

  /// A key: hexadecimal behind `0x`, else the characters themselves.
  func octets() throws(AssociationLines.Failure) -> [UInt8] {
    guard text.hasPrefix("0x") || text.hasPrefix("0X") else { return Array(text.utf8) }
    let digits = text.dropFirst(2)
    guard let octets = Hex.decode(digits.count % 2 == 0 ? String(digits) : "0" + digits) else {
      throw failure("the key is not hexadecimal")
    }
    return octets
  }
}

/// The fields of a line: in quotes, divided by commas. In quotes `\xNN` is an octet, `\"` and `\\` are the characters.
private struct Fields {
  private let bytes: [UInt8]
  private let line: Int
  private var position = 0
  private var isFirst = true

  init(_ bytes: [UInt8], line: Int) {
    self.bytes = bytes
    self.line = line
  }

  private func failure(_ reason: String) -> AssociationLines.Failure {
    AssociationLines.Failure(line: line, column: position + 1, reason: reason)
  }

  mutating func next(_ name: String) throws(AssociationLines.Failure) -> Field {
    skipBlanks()
    if !isFirst {
      guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else {
        throw failure("expected a comma and the \(name)")
      }
      position += 1
      skipBlanks()
    }
    isFirst = false
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      throw failure("expected the \(name) in quotes")
    }
    var field = Field(text: "", line: line, column: position + 1)
    position += 1
    var octets: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") { octets.append(try character()) }
    guard position < bytes.count else { throw field.failure("the quotes around the \(name) are not closed") }
    position += 1
    field.text = String(decoding: octets, as: UTF8.self)
    return field
  }

  /// A ninth field may say that sequence numbers have 32 bits.
  mutating func end() throws(AssociationLines.Failure) {
    skipBlanks()
    guard position < bytes.count else { return }
    let length = try next("length of sequence numbers")
    guard length.text.hasPrefix("32") else { throw length.failure("extended sequence numbers are not supported") }
    skipBlanks()
    if position < bytes.count { throw failure("expected the end of the line") }
  }

  private mutating func character() throws(AssociationLines.Failure) -> UInt8 {
    defer { position += 1 }
    guard bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count else { return bytes[position] }
    position += 1
    guard bytes[position] == UInt8(ascii: "x") else { return bytes[position] }
    guard position + 2 < bytes.count,
      let octet = Hex.decode(String(decoding: bytes[position + 1...position + 2], as: UTF8.self))
    else { throw failure("'\\x' needs two hexadecimal digits") }
    position += 2
    return octet[0]
  }

  private mutating func skipBlanks() {
    while position < bytes.count, ASCII.isBlank(bytes[position]) || bytes[position] == 0x0d { position += 1 }
  }
}
