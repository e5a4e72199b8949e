package import IMSBytes

/// What is asked of a Via again and again, as numbers.
package struct ViaFacts: Sendable, BitwiseCopyable {
  /// Of the whole entry as it is written.
  package let text: Fingerprint
  /// Of protocol, transport, sent-by and branch as they are written.
  package let place: Fingerprint
  /// `empty` where there is none and where it is a quoted string; `place` too.
  package let branch: Fingerprint
  /// The host of sent-by, and what `received` says without quotes.
  package let host: AddressLiteral
  package let received: AddressLiteral
  package let transport: Transport
  package let rport: Rport
  /// Of sent-by.
  package let port: UInt16?
  private let marks: UInt8

  package enum Transport: UInt8, Sendable, BitwiseCopyable { case udp, tcp, sctp, tls, other }

  package enum Rport: Equatable, Sendable, BitwiseCopyable {
    case absent, empty, unreadable
    case port(UInt64)
  }

  package var hasReceived: Bool { marks & 1 != 0 }
  /// The branch begins with the magic cookie of RFC 3261 §8.1.1.7 as it is written there, and goes on behind it.
  package var hasCookie: Bool { marks & 2 != 0 }
  /// It has no parameters but branch, received and rport, and no white space between them.
  package var isPlain: Bool { marks & 4 != 0 }

  /// Of one element; nil for what is no Via.
  init?(_ span: RawSpan, text: Fingerprint) {
    if let (parts, marks) = SpanText.plainVia(span) {
      self.init(span, parts, marks, text: text)
    } else if let parts = SpanText.via(span, 0..<span.byteCount) {
      self.init(span, parts, SpanText.viaMarks(span, parts.parameters.range), text: text)
    } else {
      return nil
    }
  }

  private init(_ span: RawSpan, _ parts: SpanText.ViaParts, _ found: SpanText.ViaMarks, text: Fingerprint) {
    self.text = text
    host = AddressLiteral(span, parts.host.range)
    transport = Self.transport(span, parts.transport.range)
    port = parts.port
    var marks: UInt8 = 0
    // What the known parameters take up, with the semicolons between them.
    var count = Int(parts.parameters.start)
    if let value = found.branch?.range, !Self.isQuoted(span, value) {
      branch = Fingerprint(of: span.extracting(value))
      var place = branch
      place.combine(span.extracting(0..<Int(parts.parameters.start)))
      self.place = place
      if value.count > 7, span.spells("z9hG4bK", at: value.lowerBound) { marks |= 2 }
      count += 7 + value.count
    } else {
      (branch, place) = (.empty, .empty)
    }
    if let part = found.received {
      received = AddressLiteral(span, part.range)
      marks |= 1
      count += 10 + part.range.count
    } else {
      received = .none
    }
    switch found.rport {
    case .none: rport = .absent
    case .some(.none):
      rport = .empty
      count += 6
    case .some(.some(let part)):
      rport = Decimal.read(span, part.range).map { .port($0) } ?? .unreadable
      count += 7 + part.range.count
    }
    if branch != .empty, count == span.byteCount { marks |= 4 }
    self.marks = marks
  }

  private static func isQuoted(_ span: RawSpan, _ value: Range<Int>) -> Bool {
    value.isEmpty || span.u8(value.lowerBound) == 0x22
  }

  private static func transport(_ span: RawSpan, _ range: Range<Int>) -> Transport {
    let start = range.lowerBound
    switch range.count {
    case 3:
      if span.spells("UDP", at: start, ignoringCase: true) { return .udp }
      if span.spells("TCP", at: start, ignoringCase: true) { return .tcp }
      return span.spells("TLS", at: start, ignoringCase: true) ? .tls : .other
    case 4: return span.spells("SCTP", at: start, ignoringCase: true) ? .sctp : .other
    default: return .other
    }
  }
}

/// The Via entries of some messages, each text once, numbered from 0.
package struct ViaTable: Sendable {
  private var known: [ViaFacts] = []

  package init() { known.reserveCapacity(16) }

  package subscript(_ number: Int) -> ViaFacts { known[number] }

  /// The same branch, transport and sent-by, letter for letter.
  package func isSamePlace(_ first: Int, _ second: Int) -> Bool {
    first == second || known[first].place == known[second].place && known[first].place != .empty
  }

  /// Of one element; nil for what is no Via.
  mutating func number(of element: RawSpan) -> Int? {
    let text = Fingerprint(of: element)
    // The latest are met again first.
    var place = known.count
    while place > 0 {
      place &-= 1
      if known[place].text == text { return place }
    }
    guard let facts = ViaFacts(element, text: text) else { return nil }
    known.append(facts)
    return known.count - 1
  }
}

/// The numbers of the Via entries of one message, top first: at most eight, and below 255.
package struct ViaNumbers: Equatable, Sendable, BitwiseCopyable {
  private var numbers: UInt64 = 0
  package private(set) var count = 0
  /// Some entry has no number.
  package private(set) var isCut = false

  package subscript(_ place: Int) -> Int { Int(numbers >> UInt64(8 * place) & 0xff) }

  /// Without the first.
  package var dropFirst: ViaNumbers {
    var rest = self
    if count > 0 { (rest.numbers, rest.count) = (numbers >> 8, count - 1) }
    return rest
  }

  mutating func append(_ number: Int) {
    guard count < 8, number < 255 else {
      isCut = true
      return
    }
    numbers |= UInt64(number) << UInt64(8 * count)
    count += 1
  }
}

extension SpanText {
  /// The parts of a Via as nearly all write it: a host name or an IPv4 address, no parameters but branch, received and rport
  /// with what stands behind them, each once; one space, no quotes. Nil for every other.
  static func plainVia(_ span: RawSpan) -> (ViaParts, ViaMarks)? {
    let end = span.byteCount
    guard end > 12, span.spells("SIP/2.0/", at: 0), ASCII.isToken(span.u8(8)), ASCII.isToken(span.u8(9)),
      ASCII.isToken(span.u8(10)), span.u8(11) == 0x20, span.exceeds(0x22, from: 12, to: end),
      let semicolon = span.firstIndex(of: 0x3b, from: 12, to: end), let (host, port) = plainPlace(span, 12..<semicolon)
    else { return nil }
    let parts = ViaParts(
      name: Part(0..<3), version: Part(4..<7), transport: Part(8..<11), host: Part(host), port: port,
      parameters: Part(semicolon + 1..<end))
    var marks = ViaMarks()
    var start = semicolon + 1
    while start < end {
      let stop = span.firstIndex(of: 0x3b, from: start, to: end) ?? end
      if marks.branch == nil, start + 7 < stop, span.spells("branch=", at: start) {
        marks.branch = Part(start + 7..<stop)
      } else if marks.rport == nil, start + 5 == stop, span.spells("rport", at: start) {
        marks.rport = .some(nil)
      } else if marks.rport == nil, start + 6 < stop, span.spells("rport=", at: start) {
        marks.rport = .some(Part(start + 6..<stop))
      } else if marks.received == nil, start + 9 < stop, span.spells("received=", at: start) {
        marks.received = Part(start + 9..<stop)
      } else {
        return nil
      }
      start = stop + 1
    }
    return (parts, marks)
  }

  /// Host and port of a range without white space and quotes that holds nothing else; nil for what is no host name or IPv4
  /// address.
  static func plainPlace(_ span: RawSpan, _ range: Range<Int>) -> (host: Range<Int>, port: UInt16?)? {
    let (start, end) = (range.lowerBound, range.upperBound)
    guard start < end, span.u8(start) != 0x5b, span.firstIndex(of: 0x2c, from: start, to: end) == nil else {
      return nil
    }
    guard let colon = span.firstIndex(of: 0x3a, from: start, to: end) else { return (range, nil) }
    guard colon > start, let number = Decimal.read(span, colon + 1..<end), let port = UInt16(exactly: number) else {
      return nil
    }
    return (start..<colon, port)
  }
}
