package import IMSBytes

/// A SIP, SIPS or tel URI (RFC 3261 §19.1, RFC 3966); of any other scheme the parts that can be told.
package struct SIPURI: Hashable, Sendable {
  package let scheme: Text
  /// The user of a SIP URI, escapes left in; the number of a tel URI.
  package let user: Text?
  package let password: Text?
  /// Empty for tel; everything up to the parameters for an unknown scheme. An IPv6 address keeps its brackets.
  package let host: Text
  package let port: UInt16?
  package let parameters: Parameters
  package let headers: Text?

  package init?(_ text: Text) {
    let text = text.trimmedLWS
    guard let colon = text.bytes.firstIndex(of: 0x3a), colon > text.bytes.startIndex else { return nil }
    scheme = Text(text.bytes[..<colon])
    guard scheme.bytes.allSatisfy({ ASCII.isAlphanumeric($0) || $0 == 0x2b || $0 == 0x2d || $0 == 0x2e }) else {
      return nil
    }
    var rest = text.bytes[(colon + 1)...]
    let isSIP = scheme.isToken("sip") || scheme.isToken("sips")
    var userinfo: ArraySlice<UInt8>?
    if isSIP, let at = rest.firstIndex(of: 0x40) {
      userinfo = rest[..<at]
      rest = rest[(at + 1)...]
    }
    var headers: Text?
    if isSIP, let mark = rest.firstIndex(of: 0x3f) {
      headers = Text(rest[(mark + 1)...])
      rest = rest[..<mark]
    }
    self.headers = headers
    let semicolon = rest.firstIndex(of: 0x3b) ?? rest.endIndex
    parameters = Parameters(Text(rest[min(semicolon + 1, rest.endIndex)...]))
    let subject = Text(rest[..<semicolon]).trimmedLWS
    if isSIP {
      var scanner = Scanner(subject)
      guard let place = SentBy(&scanner), scanner.isAtEnd else { return nil }
      host = place.host
      port = place.port
      let split = userinfo.map { info in info.firstIndex(of: 0x3a) ?? info.endIndex }
      user = split.map { Text(userinfo![..<$0]) }
      password = split.flatMap { $0 < userinfo!.endIndex ? Text(userinfo![($0 + 1)...]) : nil }
    } else if scheme.isToken("tel") {
      (user, password, host, port) = (subject, nil, Text(subject.bytes.suffix(0)), nil)
    } else {
      (user, password, host, port) = (nil, nil, subject, nil)
    }
  }

  /// Is the user part a telephone number?
  package var isTelephone: Bool {
    scheme.isToken("tel") || parameters["user"].map { $0.isToken("phone") } ?? false
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

  /// The fingerprint of the address of record of a URI that is nothing else, in lower case and without escapes, as most
  /// are; nil for every other.
  static func plainAddressOfRecord(_ uri: RawSpan) -> Fingerprint? {
    let start = uri.spells("sip:", at: 0) ? 4 : 5
    guard start == 4 || uri.spells("sips:", at: 0), let at = uri.firstIndex(of: 0x40, from: start), at > start,
      at + 1 < uri.byteCount
    else { return nil }
    for index in start..<at where uri.u8(index) == 0x25 || !ASCII.isToken(uri.u8(index)) { return nil }
    for index in (at + 1)..<uri.byteCount {
      switch uri.u8(index) {
      case 0x61...0x7a, 0x30...0x39, 0x2d, 0x2e: continue
      default: return nil
      }
    }
    return Fingerprint(of: uri)
  }

  /// At most one byte per byte of scheme, user and host, and two marks.
  private func writeAddressOfRecord(_ emit: (UInt8) -> Void) {
    for byte in scheme.bytes { emit(ASCII.lowercased(byte)) }
    emit(0x3a)
    if let user {
      writeUser(user, emit)
      if !host.isEmpty { emit(0x40) }
    }
    let isKnown = scheme.isToken("sip") || scheme.isToken("sips")
    for byte in host.bytes { emit(isKnown ? ASCII.lowercased(byte) : byte) }
  }

  private func writeUser(_ user: Text, _ emit: (UInt8) -> Void) {
    // A user part may carry parameters of its own (RFC 3398: `+1555;npdi=yes@gateway`); only the number is a number.
    let isNumber = isTelephone && user.bytes.allSatisfy { SIPURI.isNumberCharacter($0) }
    var bytes = user.bytes
    while let byte = bytes.popFirst() {
      if byte == 0x25, let decoded = SIPURI.unreserved(bytes) {
        emit(decoded)
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

  /// The unreserved character (RFC 3261 §25.1) that the two digits at the front spell.
  private static func unreserved(_ digits: ArraySlice<UInt8>) -> UInt8? {
    guard digits.count >= 2, let high = ASCII.hexValue(digits[digits.startIndex]),
      let low = ASCII.hexValue(digits[digits.startIndex + 1])
    else { return nil }
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
