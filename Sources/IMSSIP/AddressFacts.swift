package import IMSBytes

/// What is asked of an address in a header again and again, as numbers.
package struct AddressFacts: Sendable, BitwiseCopyable {
  /// Of the whole element as it is written.
  let text: Fingerprint
  /// Of the URI as it is written, without brackets; `empty` where none can be read.
  package let uri: Fingerprint
  /// `empty` without one.
  let tag: Fingerprint
  /// The parameter `expires`, where it is a number.
  let expires: UInt64?
  /// Of the URI.
  let host: AddressLiteral
  let port: UInt16?
  private var marks: UInt8

  /// There is a URI, and each quote and bracket is closed.
  var isReadable: Bool { marks & 1 != 0 }
  var hasTag: Bool { marks & 2 != 0 }
  /// A SIP URI of a host name with `lr` and nothing hidden, and nothing behind it.
  var isPlainRoute: Bool { marks & 4 != 0 }
  /// Anywhere in the element.
  var hasAsterisk: Bool { marks & 8 != 0 }
  var hasPlus: Bool { marks & 16 != 0 }

  /// Of one element.
  init(_ span: RawSpan, text: Fingerprint) {
    if let plain = PlainAddress(span) {
      self.init(span, plain, text: text)
    } else {
      self.init(span, AddressParts(span, 0..<span.byteCount), text: text)
    }
    if span.firstIndex(of: 0x2a) != nil { marks |= 8 }
    if span.firstIndex(of: 0x2b) != nil { marks |= 16 }
  }

  private init(_ span: RawSpan, _ plain: PlainAddress, text: Fingerprint) {
    self.text = text
    uri = Fingerprint(of: span.extracting(plain.uri))
    tag = plain.tag.map { Fingerprint(of: span.extracting($0)) } ?? .empty
    expires = plain.expires.flatMap { Decimal.read(span, $0) }
    host = AddressLiteral(span, plain.host)
    port = plain.port
    let first = span.u8(plain.host.lowerBound)
    let isRoute =
      plain.uri.upperBound + 1 == span.byteCount && plain.parameters.count == 2
      && span.spells("lr", at: plain.parameters.lowerBound, ignoringCase: true) && first >= 0x61 && first <= 0x7a
    marks = 1 | (plain.tag == nil ? 0 : 2) | (isRoute ? 4 : 0)
  }

  private init(_ span: RawSpan, _ parts: AddressParts?, text: Fingerprint) {
    self.text = text
    guard let parts else {
      (uri, tag, expires, host, port, marks) = (.empty, .empty, nil, .none, nil, 0)
      return
    }
    uri = Fingerprint(of: span.extracting(parts.uriRange))
    tag = parts.tag(span)
    expires = parts.expires(span)
    host = AddressLiteral(span.extracting(parts.uriRange), parts.uri.host.range)
    port = parts.uri.port
    marks = 1 | (parts.hasTag ? 2 : 0) | (parts.isPlainRoute(span) ? 4 : 0)
  }
}

/// The addresses in the headers of some messages, each text once.
struct AddressTable: Sendable {
  private var known: [AddressFacts] = []

  init() { known.reserveCapacity(12) }

  subscript(_ number: Int) -> AddressFacts { known[number] }

  /// Of one element with this fingerprint.
  mutating func number(of element: RawSpan, text: Fingerprint) -> Int {
    // The latest are met again first.
    var place = known.count
    while place > 0 {
      place &-= 1
      if known[place].text == text { return place }
    }
    known.append(AddressFacts(element, text: text))
    return known.count - 1
  }
}

/// `<sip:user@host:port;parameters>` with at most one parameter behind it, as nearly all addresses are: a host name or an IPv4
/// address, no white space, no quotes, no headers.
private struct PlainAddress {
  /// Without brackets.
  var uri: Range<Int>
  var host: Range<Int>
  var port: UInt16?
  /// Of the URI.
  var parameters: Range<Int>
  var tag: Range<Int>?
  var expires: Range<Int>?

  init?(_ span: RawSpan) {
    let end = span.byteCount
    guard end > 6, span.u8(0) == 0x3c, span.spells("sip:", at: 1), span.exceeds(0x22, from: 5, to: end),
      let close = span.firstIndex(of: 0x3e, from: 5, to: end),
      span.firstIndex(of: 0x3f, from: 5, to: close) == nil
    else { return nil }
    uri = 1..<close
    let start = span.firstIndex(of: 0x40, from: 5, to: close).map { $0 + 1 } ?? 5
    let semicolon = span.firstIndex(of: 0x3b, from: start, to: close) ?? close
    guard let place = SpanText.plainPlace(span, start..<semicolon) else { return nil }
    (host, port) = place
    parameters = min(semicolon + 1, close)..<close
    let rest = close + 1
    if rest == end { return }
    guard span.u8(rest) == 0x3b, span.firstIndex(of: 0x3b, from: rest + 1, to: end) == nil else { return nil }
    if rest + 5 < end, span.spells(";tag=", at: rest) {
      tag = rest + 5..<end
    } else if rest + 9 < end, span.spells(";expires=", at: rest) {
      expires = rest + 9..<end
    } else {
      return nil
    }
  }
}

/// An IP address as a text spells it.
package enum AddressLiteral: Equatable, Sendable, BitwiseCopyable {
  case none
  case v4(UInt32)
  case v6(high: UInt64, low: UInt64)

  init(_ span: RawSpan, _ range: Range<Int>) {
    self = .none
    guard let first = range.first.map({ span.u8($0) }) else { return }
    if ASCII.isDigit(first), let address = span.ipv4(in: range) {
      self = .v4(address)
    } else if span.firstIndex(of: 0x3a, from: range.lowerBound, to: range.upperBound) != nil,
      let address = Text(span.extracting(range).array).ipv6
    {
      self = .v6(high: address.high, low: address.low)
    }
  }

  init(unquoting span: RawSpan, _ range: Range<Int>) {
    let isQuoted = !range.isEmpty && span.u8(range.lowerBound) == 0x22
    self = isQuoted ? AddressLiteral(of: Text(span.extracting(range).array).unquoted) : AddressLiteral(span, range)
  }

  init(of text: Text) { self = text.read { AddressLiteral($0, 0..<$0.byteCount) } }
}
