internal import IMSBytes

extension AVP {
  /// Keys and what is as good as a key: never shown unless asked for. RAND and AUTN (609) are none.
  package var isKeyMaterial: Bool {
    switch (vendor, code) {
    case (0, 2), (0, 464): true  // User-Password, EAP-Master-Session-Key
    case (0, 121), (10415, 121), (10415, 663): true  // Digest-HA1, Alternate-Digest-HA1
    case (13019, 511), (193, 1192): true  // ETSI-Digest-HA1, Secondary-Digest-HA1 of Ericsson
    case (0, 343): true  // MIP-Session-Key
    // SIP-Authorization (XRES), Confidentiality-Key, Integrity-Key; a stack may forget the V-bit.
    case (10415, 610), (10415, 625), (10415, 626), (0, 610), (0, 625), (0, 626): true
    case (10415, 1448), (10415, 1450): true  // XRES and KASME of S6a (TS 29.272)
    default: false
    }
  }

  /// The value on one line, by the type in the dictionary; a group is `{…}`.
  package func rendered(revealKeys: Bool) -> String {
    if isKeyMaterial, !revealKeys { return "‹\(data.count) bytes›" }
    let type = definition?.type
    if type == nil, !revealKeys, holdsKeyMaterial { return "‹\(data.count) bytes›" }
    switch type {
    case .grouped: return "{…}"
    case .utf8String, .diameterIdentity, .diameterURI, .ipFilterRule: return data.string
    case .unsigned32: return unsigned32.map { "\($0)" } ?? hex
    case .integer32: return unsigned32.map { "\(Int32(bitPattern: $0))" } ?? hex
    case .unsigned64: return unsigned64.map { "\($0)" } ?? hex
    case .integer64: return unsigned64.map { "\(Int64(bitPattern: $0))" } ?? hex
    case .float32: return unsigned32.map { "\(Float(bitPattern: $0))" } ?? hex
    case .float64: return unsigned64.map { "\(Double(bitPattern: $0))" } ?? hex
    case .enumerated: return enumerated ?? hex
    case .address: return address ?? hex
    case .time: return unsigned32.map { AVP.utc(ntpSeconds: $0) } ?? hex
    case .octetString, nil: return isPrintable ? data.string : hex
    }
  }

  /// Of an AVP that the dictionary lacks: read as a group, is a key in it? A stack may forget the V-bit of the group, and other
  /// applications have groups of their own.
  package var holdsKeyMaterial: Bool {
    // `children` ends at the deepest level that is read.
    for child in children where child.isKeyMaterial || child.holdsKeyMaterial { return true }
    return false
  }

  private var hex: String { data.isEmpty ? "" : "0x" + Hex.encode(data.bytes) }

  private var enumerated: String? {
    unsigned32.map { value in
      EnumeratedValue.name(of: value, in: name).map { "\(value) \($0)" } ?? "\(Int32(bitPattern: value))"
    }
  }

  /// Text that a reader would rather see as text: ASCII and the line ends of a document.
  private var isPrintable: Bool {
    !data.isEmpty && data.bytes.allSatisfy { (0x20...0x7e).contains($0) || [0x09, 0x0a, 0x0d].contains($0) }
  }

  /// Address (RFC 6733 §4.3.1): two octets of family, then the address.
  private var address: String? {
    let bytes = Array(data.bytes)
    guard bytes.count > 2 else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    switch (number(0..<2), bytes.count) {
    case (1, 6): return AddressText.ipv4(UInt32(number(2..<6)))
    case (2, 18): return AddressText.ipv6(high: number(2..<10), low: number(10..<18))
    default: return nil
    }
  }

  /// Time (RFC 6733 §4.3.1): NTP seconds; with the high bit clear, after the wrap of 2036 (RFC 4330 §3).
  private static func utc(ntpSeconds: UInt32) -> String {
    let era: Int64 = ntpSeconds & 0x8000_0000 == 0 ? 1 << 32 : 0
    let seconds = Int64(ntpSeconds) + era - 2_208_988_800
    let date = civil(days: seconds / 86_400)
    let second = seconds % 86_400
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return
      "\(date.year)-\(two(date.month))-\(two(date.day))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
  }

  /// The Gregorian date of a day number since 1970-01-01, by counting years from March.
  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
