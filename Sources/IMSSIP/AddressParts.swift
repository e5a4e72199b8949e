package import IMSBytes

/// Where the pieces of a `NameAddr` lie in the bytes of its message: read and asked without a reference.
struct AddressParts: BitwiseCopyable {
  /// Of the element, in the message; the offsets of its parts count from there.
  private let start: Int
  private let name: SpanText.NameAddrParts
  /// Offsets count from the first byte of the URI.
  let uri: SpanText.URIParts
  private let marks: SpanText.AddressMarks

  /// Nil when there is no URI or a quote or bracket is not closed.
  init?(_ span: RawSpan, _ element: Range<Int>) {
    let text = span.extracting(element)
    guard let read = SpanText.address(text) else { return nil }
    start = element.lowerBound
    (name, uri, marks) = read
  }

  private func range(_ part: Part) -> Range<Int> { start + Int(part.start)..<start + Int(part.end) }

  var uriRange: Range<Int> { range(name.uri) }
  var hasTag: Bool { marks.tag != nil }
  /// `empty` without one.
  func tag(_ span: RawSpan) -> Fingerprint { SpanText.fingerprint(span, marks.tag.map { range($0) }) }

  /// The parameter `expires`, where it is a number.
  func expires(_ span: RawSpan) -> UInt64? {
    guard let value = marks.expires.map({ range($0) }), !value.isEmpty else { return nil }
    if span.u8(value.lowerBound) == 0x22 { return Text(span.extracting(value).array).unquoted.number }
    return Decimal.read(span, value)
  }

  /// A SIP URI of a host name with `lr` and nothing hidden, and nothing behind it.
  func isPlainRoute(_ span: RawSpan) -> Bool {
    guard name.parameters.range.isEmpty else { return false }
    let text = span.extracting(uriRange)
    let (scheme, parameters, host) = (uri.scheme.range, uri.parameters.range, uri.host.range)
    return text.spells(scheme.count == 4 ? "sips" : "sip", at: scheme.lowerBound, ignoringCase: true)
      && scheme.count <= 4 && parameters.count == 2
      && text.spells("lr", at: parameters.lowerBound, ignoringCase: true)
      && host.first.map { text.u8($0) >= 0x61 && text.u8($0) <= 0x7a } ?? false
  }
}

extension SpanText {
  /// The parts of a whole element; the URI's count from its own first byte.
  static func address(_ text: RawSpan) -> (NameAddrParts, URIParts, AddressMarks)? {
    guard let parts = nameAddr(text, 0..<text.byteCount), let uri = uri(text.extracting(parts.uri.range)) else {
      return nil
    }
    return (parts, uri, addressMarks(text, parts.parameters.range))
  }
}

extension SpanText {
  /// The fingerprint of the address of record of one element; nil where none can be read.
  static func addressOfRecord(_ span: RawSpan, _ element: Range<Int>) -> Fingerprint? {
    guard let parts = nameAddr(span, element) else { return nil }
    let uri = span.extracting(parts.uri.range)
    if let plain = SIPURI.plainAddressOfRecord(uri) { return plain }
    return AddressParts(span, element) == nil ? nil : SIPURI.addressOfRecord(uri)
  }
}

extension SIPMessage {
  /// Do the addresses of record of all elements of a header pass? What cannot be read is left out.
  package func allAddressesOfRecord(_ name: HeaderName, _ passes: (Fingerprint) -> Bool) -> Bool {
    guard let first = firstField(name) else { return true }
    let span = span
    let end = headers.repeated.contains(name) ? fieldCount : first + 1
    for number in first..<end where field(number).id == name.id {
      let value = field(number).value
      var at = value.lowerBound
      while let element = SpanText.element(span, from: &at, to: value.upperBound) {
        if let address = SpanText.addressOfRecord(span, element), !passes(address) { return false }
      }
    }
    return true
  }
}
