internal import IMSBytes

/// Makes the typed values of the headers that a registration is judged by, once for each spelling: the copies of a message
/// on the hops, its retransmissions and its responses say much the same, and all registrations of a network some of it.
///
/// Spellings are told apart by their fingerprints; the latest of each header are remembered. A value keeps the bytes of the
/// message alive that it was first read from.
package struct HeaderReader: Sendable {
  fileprivate var via = Shelf<Via>()
  fileprivate var from = Shelf<[NameAddr]>()
  fileprivate var to = Shelf<[NameAddr]>()
  fileprivate var contacts = Shelf<[NameAddr]>()
  fileprivate var path = Shelf<[NameAddr]>()
  fileprivate var serviceRoute = Shelf<[NameAddr]>()
  fileprivate var wwwAuthenticate = Shelf<[Digest]>()
  fileprivate var authorization = Shelf<[Digest]>()
  fileprivate var securityClient = Shelf<[SecurityMechanism]>()
  fileprivate var securityServer = Shelf<[SecurityMechanism]>()

  package init() {}

  package mutating func read(_ message: inout SIPMessage) { message.read(by: &self) }
}

/// The values that were read last, by the fingerprints of what they were read from.
private struct Shelf<Value: Sendable>: Sendable {
  private static var capacity: Int { 16 }

  private var keys: [Fingerprint] = []
  private var values: [Value] = []
  private var oldest = 0

  /// The latest are looked at first.
  func value(of key: Fingerprint) -> Value? {
    var index = keys.count
    while index > 0 {
      index -= 1
      if keys[index] == key { return values[index] }
    }
    return nil
  }

  mutating func keep(_ value: Value, of key: Fingerprint) {
    if keys.count < Self.capacity {
      keys.append(key)
      values.append(value)
    } else {
      keys[oldest] = key
      values[oldest] = value
      oldest = (oldest + 1) % Self.capacity
    }
  }
}

/// The headers that a registration is judged by, read once.
final class SIPReadings: Sendable {
  let via: [Via]
  /// One or none: a list is passed on at the cost of a reference.
  let from: [NameAddr]
  let to: [NameAddr]
  let callID: Text?
  let cseq: CSeq?
  let expires: UInt64?
  let contacts: [NameAddr]
  let path: [NameAddr]
  let serviceRoute: [NameAddr]
  let wwwAuthenticate: [Digest]
  let authorization: [Digest]
  let securityClient: [SecurityMechanism]
  let securityServer: [SecurityMechanism]
  /// From, To, Via or Contact, where it stands there and cannot be read.
  let unreadable: HeaderName?

  init(_ message: SIPMessage, _ reader: inout HeaderReader) {
    let fields = Fields(message)
    let span = message.bytes.span.bytes
    via = fields.vias(span, &reader.via)
    from = fields.first(.from, span, &reader.from)
    to = fields.first(.to, span, &reader.to)
    callID = fields.value(.callID, span).map { message.text($0) }
    cseq = fields.value(.cseq, span).flatMap { CSeq(message.text($0)) }
    expires = fields.value(.expires, span).flatMap { message.text($0).number }
    contacts = fields.list(.contact, span, &reader.contacts) { NameAddr($0) }
    path = fields.list(.path, span, &reader.path) { NameAddr($0) }
    serviceRoute = fields.list(.serviceRoute, span, &reader.serviceRoute) { NameAddr($0) }
    wwwAuthenticate = fields.list(.wwwAuthenticate, span, &reader.wwwAuthenticate) { Digest($0) }
    authorization = fields.list(.authorization, span, &reader.authorization) { Digest($0) }
    securityClient = fields.list(.securityClient, span, &reader.securityClient) { SecurityMechanism($0) }
    securityServer = fields.list(.securityServer, span, &reader.securityServer) { SecurityMechanism($0) }
    unreadable =
      if from.isEmpty, message.has(.from) {
        .from
      } else if to.isEmpty, message.has(.to) {
        .to
      } else if via.isEmpty, message.has(.via) {
        .via
      } else if contacts.isEmpty, message.has(.contact), message.isContactUnreadable {
        .contact
      } else {
        nil
      }
  }
}

/// The fields of a message, and where each known header first stands among them.
private struct Fields {
  private let message: SIPMessage
  private let fields: [SIPMessage.Field]
  private let headers: (present: HeaderSet, repeated: HeaderSet)

  init(_ message: SIPMessage) {
    self.message = message
    fields = message.fields
    headers = message.headers
  }

  private func first(_ name: HeaderName) -> Int? {
    guard headers.present.contains(name) else { return nil }
    return fields.indices.first { fields[$0].id == name.id }
  }

  private func value(_ index: Int, _ span: RawSpan) -> Range<Int> {
    SpanText.trim(span, Int(fields[index].valueStart)..<Int(fields[index].valueEnd))
  }

  /// Of the first field of this name.
  func value(_ name: HeaderName, _ span: RawSpan) -> Range<Int>? { first(name).map { value($0, span) } }

  /// The address of the first field of this name.
  func first(_ name: HeaderName, _ span: RawSpan, _ shelf: inout Shelf<[NameAddr]>) -> [NameAddr] {
    guard let range = value(name, span) else { return [] }
    let key = Fingerprint(of: span.extracting(range))
    if let known = shelf.value(of: key) { return known }
    guard let address = NameAddr(message.text(range)) else { return [] }
    let value = [address]
    shelf.keep(value, of: key)
    return value
  }

  /// Field by field: the hops of a request share those below.
  func vias(_ span: RawSpan, _ shelf: inout Shelf<Via>) -> [Via] {
    guard let first = first(.via) else { return [] }
    var vias: [Via] = []
    vias.reserveCapacity(min(Int(message.keys.viaCount), fields.count))
    for index in first..<fields.count where fields[index].id == HeaderName.via.id {
      let range = value(index, span)
      let key = Fingerprint(of: span.extracting(range))
      if let known = shelf.value(of: key) {
        vias.append(known)
        continue
      }
      let before = vias.count
      forEachElement(of: .via, range, span) { if let via = Via($0) { vias.append(via) } }
      // Of a comma list no element is known by the whole.
      if vias.count == before + 1, vias[before].raw.count == range.count { shelf.keep(vias[before], of: key) }
    }
    return vias
  }

  /// All values of a header, which nearly always stands there once.
  func list<Value>(
    _ name: HeaderName, _ span: RawSpan, _ shelf: inout Shelf<[Value]>, _ make: (Text) -> Value?
  ) -> [Value] {
    guard let first = first(name) else { return [] }
    let end = headers.repeated.contains(name) ? fields.count : first + 1
    var key = Fingerprint.empty
    for index in first..<end where fields[index].id == name.id { key.combine(span.extracting(value(index, span))) }
    if let known = shelf.value(of: key) { return known }
    var values: [Value] = []
    for index in first..<end where fields[index].id == name.id {
      forEachElement(of: name, value(index, span), span) { if let value = make($0) { values.append(value) } }
    }
    shelf.keep(values, of: key)
    return values
  }

  /// Headers with credentials have no comma lists (RFC 3261 §7.3.1).
  private func forEachElement(of name: HeaderName, _ range: Range<Int>, _ span: RawSpan, _ body: (Text) -> Void) {
    if name.isCredentials { return body(message.text(range)) }
    var at = range.lowerBound
    while let piece = SpanText.piece(span, from: &at, to: range.upperBound, separator: 0x2c, brackets: true) {
      body(message.text(piece))
    }
  }
}
