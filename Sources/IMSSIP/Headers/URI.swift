package import IMSBytes

/// A SIP, SIPS or tel URI (RFC 3261 §19.1, RFC 3966); of any other scheme the parts that can be told.
package struct SIPURI: Hashable, Sendable {
  private let text: Text
  private let parts: SpanText.URIParts

  package init?(_ text: Text) {
    guard let parts = text.read({ SpanText.uri($0) }) else { return nil }
    self.init(text, parts)
  }

  init(_ text: Text, _ parts: SpanText.URIParts) {
    self.text = text
    self.parts = parts
  }

  package var scheme: Text { text.part(parts.scheme) }
  /// The user of a SIP URI, escapes left in; the number of a tel URI.
  package var user: Text? { parts.user.map { text.part($0) } }
  package var password: Text? { parts.password.map { text.part($0) } }
  /// Empty for tel; everything up to the parameters for an unknown scheme. An IPv6 address keeps its brackets.
  package var host: Text { text.part(parts.host) }
  package var port: UInt16? { parts.port }
  package var parameters: Parameters { Parameters(text.part(parts.parameters)) }
  package var headers: Text? { parts.headers.map { text.part($0) } }

  /// Is the user part a telephone number?
  package var isTelephone: Bool {
    parts.kind == .tel || parameters["user"].map { $0.isToken("phone") } ?? false
  }

  package var sentBy: SentBy { SentBy(host: host, port: port) }

  /// The address of record by which identities are compared: scheme and host in lower case, without password, port,
  /// parameters and headers, escapes of unreserved characters decoded, visual separators of telephone numbers removed
  /// (RFC 3261 §10.3 item 5, §19.1.4, RFC 3966 §3).
  package func addressOfRecord() -> Text {
    var result: [UInt8] = []
    writeAddressOfRecord { result.append($0) }
    return Text(result)
  }

  /// `Fingerprint(of: addressOfRecord())` without making the text.
  package var addressOfRecordFingerprint: Fingerprint {
    if let plain = plainFingerprint { return plain }
    let limit = scheme.count + (user?.count ?? 0) + host.count + 2
    return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
      var count = 0
      writeAddressOfRecord { byte in
        buffer[count] = byte
        count += 1
      }
      return Fingerprint(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])))
    }
  }

  /// Of a URI whose address of record stands in it as it is.
  private var plainFingerprint: Fingerprint? {
    guard parts.kind == .sip, parts.password == nil, parts.scheme.start == 0, !isTelephone else { return nil }
    return text.read { SIPURI.plainAddressOfRecord($0.extracting(0..<Int(parts.host.end))) }
  }

  /// The fingerprint of the address of record of a URI that is nothing else, in lower case and without escapes, as most
  /// are; nil for every other.
  static func plainAddressOfRecord(_ uri: RawSpan) -> Fingerprint? {
    let start = uri.spells("sip:", at: 0) ? 4 : 5
    guard start == 4 || uri.spells("sips:", at: 0), let at = uri.firstIndex(of: 0x40, from: start), at > start,
      at + 1 < uri.byteCount
    else { return nil }
    for index in start..<at where uri.u8(index) == 0x25 || !ASCII.isToken(uri.u8(index)) { return nil }
    for index in (at + 1)..<uri.byteCount where !isPlainHost(uri.u8(index)) { return nil }
    return Fingerprint(of: uri)
  }

  /// A small letter, a digit, hyphen or dot.
  @inline(__always)
  private static func isPlainHost(_ byte: UInt8) -> Bool {
    if byte >= 0x61 { return byte <= 0x7a }
    return byte < 0x40 && 0x03ff_6000_0000_0000 >> UInt64(byte) & 1 == 1
  }

  /// The fingerprint of the address of record of a URI, whatever it is; nil for what is none.
  static func addressOfRecord(_ uri: RawSpan) -> Fingerprint? {
    plainAddressOfRecord(uri) ?? SIPURI(Text(uri.array))?.addressOfRecordFingerprint
  }

  /// At most one byte per byte of scheme, user and host, and two marks.
  private func writeAddressOfRecord(_ emit: (UInt8) -> Void) {
    for byte in scheme.bytes { emit(ASCII.lowercased(byte)) }
    emit(0x3a)
    if let user {
      writeUser(user, emit)
      if !host.isEmpty { emit(0x40) }
    }
    for byte in host.bytes { emit(parts.kind == .sip ? ASCII.lowercased(byte) : byte) }
  }

  private func writeUser(_ user: Text, _ emit: (UInt8) -> Void) {
    // A user part may carry parameters of its own (RFC 3398: `+1555;npdi=yes@gateway`); only the number is a number.
    let isNumber = isTelephone && user.bytes.allSatisfy { SIPURI.isNumberCharacter($0) }
    var bytes = user.bytes
    while let byte = bytes.popFirst() {
      if byte == 0x25, let decoded = SIPURI.unreserved(bytes) {
        emit(decoded)
        bytes.removeFirst(2)
      } else if byte == 0x25, let digits = SIPURI.digits(bytes) {
        // In letters of either case (RFC 3986 §6.2.2.1).
        emit(byte)
        emit(ASCII.hexDigit(digits.high))
        emit(ASCII.hexDigit(digits.low))
        bytes.removeFirst(2)
      } else if !isNumber || !SIPURI.isVisualSeparator(byte) {
        emit(byte)
      }
    }
  }

  private static func isVisualSeparator(_ byte: UInt8) -> Bool {
    byte == 0x2d || byte == 0x2e || byte == 0x28 || byte == 0x29
  }

  private static func isNumberCharacter(_ byte: UInt8) -> Bool {
    ASCII.hexValue(byte) != nil || isVisualSeparator(byte) || byte == 0x2b || byte == 0x2a || byte == 0x23
  }

  /// The values of the two hexadecimal digits at the front.
  private static func digits(_ bytes: ArraySlice<UInt8>) -> (high: UInt8, low: UInt8)? {
    guard bytes.count >= 2, let high = ASCII.hexValue(bytes[bytes.startIndex]),
      let low = ASCII.hexValue(bytes[bytes.startIndex + 1])
    else { return nil }
    return (high, low)
  }

  /// The unreserved character (RFC 3261 §25.1) that the two digits at the front spell.
  private static func unreserved(_ digits: ArraySlice<UInt8>) -> UInt8? {
    guard let (high, low) = self.digits(digits) else { return nil }
    let byte = high << 4 | low
    switch byte {
    case 0x2d, 0x5f, 0x2e, 0x21, 0x7e, 0x2a, 0x27, 0x28, 0x29: return byte
    default: return ASCII.isAlphanumeric(byte) ? byte : nil
    }
  }
}

extension Text {
  /// The address of record of a URI in plain text or in angle brackets, for identities outside SIP headers
  /// (Public-Identity of TS 29.229 §6.3.2); a text that is no URI is returned trimmed.
  package var addressOfRecord: Text {
    SIPURI(withoutBrackets)?.addressOfRecord() ?? trimmedLWS
  }

  package var addressOfRecordFingerprint: Fingerprint {
    if let plain = bytes.withUnsafeBytes({ SIPURI.plainAddressOfRecord(RawSpan(_unsafeBytes: $0)) }) { return plain }
    return SIPURI(withoutBrackets)?.addressOfRecordFingerprint ?? Fingerprint(of: trimmedLWS)
  }

  private var withoutBrackets: Text {
    let text = trimmedLWS
    guard text.bytes.first == 0x3c, text.bytes.last == 0x3e, text.count > 1 else { return text }
    return Text(text.bytes.dropFirst().dropLast())
  }
}
