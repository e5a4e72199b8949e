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

  /// Where the value lies until the next one is kept. The latest are looked at first.
  func place(of key: Fingerprint) -> Int? {
    var place = keys.count
    while place > 0 {
      place -= 1
      if keys[place] == key { return place }
    }
    return nil
  }

  subscript(place: Int) -> Value { values[place] }

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
  var from: NameAddr? { senders.first }
  var to: NameAddr? { recipients.first }
  /// From and To, one or none of each: a list is passed on at the cost of a reference.
  let senders: [NameAddr]
  let recipients: [NameAddr]
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
    let places = fields.places
    let span = message.bytes.span.bytes
    via = fields.vias(span, &reader.via)
    senders = fields.address(places.from, span, &reader.from)
    recipients = fields.address(places.to, span, &reader.to)
    callID = fields.value(places.callID, span).map { message.text($0) }
    cseq = fields.value(places.cseq, span).flatMap { CSeq(message.text($0)) }
    expires = fields.value(places.expires, span).flatMap { message.text($0).number }
    contacts = fields.list(places.contact, span, &reader.contacts) { NameAddr($0) }
    path = fields.list(places.path, span, &reader.path) { NameAddr($0) }
    serviceRoute = fields.list(places.serviceRoute, span, &reader.serviceRoute) { NameAddr($0) }
    wwwAuthenticate = fields.list(places.wwwAuthenticate, span, &reader.wwwAuthenticate) { Digest($0) }
    authorization = fields.list(places.authorization, span, &reader.authorization) { Digest($0) }
    securityClient = fields.list(places.securityClient, span, &reader.securityClient) { SecurityMechanism($0) }
    securityServer = fields.list(places.securityServer, span, &reader.securityServer) { SecurityMechanism($0) }
    unreadable =
      if places.from >= 0, senders.isEmpty {
        .from
      } else if places.to >= 0, recipients.isEmpty {
        .to
      } else if places.via >= 0, via.isEmpty {
        .via
      } else if places.contact >= 0, contacts.isEmpty, message.isContactUnreadable {
        .contact
      } else {
        nil
      }
  }
}

/// The fields of a message, and where each header that is read first stands among them.
private struct Fields {
  private let message: SIPMessage
  private let fields: [SIPMessage.Field]
  private let repeated: HeaderSet
  private(set) var places = Places()

  struct Places: BitwiseCopyable {
    var via: Int32 = -1
    var from: Int32 = -1
    var to: Int32 = -1
    var callID: Int32 = -1
    var cseq: Int32 = -1
    var expires: Int32 = -1
    var contact: Int32 = -1
    var path: Int32 = -1
    var serviceRoute: Int32 = -1
    var wwwAuthenticate: Int32 = -1
    var authorization: Int32 = -1
    var securityClient: Int32 = -1
    var securityServer: Int32 = -1
  }

  init(_ message: SIPMessage) {
    self.message = message
    fields = message.fields
    repeated = message.headers.repeated
    // From the last field on, so that the first of a name stays.
    var index = fields.count
    while index > 0 {
      index -= 1
      let place = Int32(truncatingIfNeeded: index)
      switch fields[index].id {
      case HeaderName.via.id: places.via = place
      case HeaderName.from.id: places.from = place
      case HeaderName.to.id: places.to = place
      case HeaderName.callID.id: places.callID = place
      case HeaderName.cseq.id: places.cseq = place
      case HeaderName.expires.id: places.expires = place
      case HeaderName.contact.id: places.contact = place
      case HeaderName.path.id: places.path = place
      case HeaderName.serviceRoute.id: places.serviceRoute = place
      case HeaderName.wwwAuthenticate.id: places.wwwAuthenticate = place
      case HeaderName.authorization.id: places.authorization = place
      case HeaderName.securityClient.id: places.securityClient = place
      case HeaderName.securityServer.id: places.securityServer = place
      default: break
      }
    }
  }

  private func value(_ index: Int, _ span: RawSpan) -> Range<Int> {
    SpanText.trim(span, Int(fields[index].valueStart)..<Int(fields[index].valueEnd))
  }

  func value(_ place: Int32, _ span: RawSpan) -> Range<Int>? { place < 0 ? nil : value(Int(place), span) }

  func address(_ place: Int32, _ span: RawSpan, _ shelf: inout Shelf<[NameAddr]>) -> [NameAddr] {
    guard let range = value(place, span) else { return [] }
    let key = Fingerprint(of: span.extracting(range))
    if let known = shelf.place(of: key) { return shelf[known] }
    guard let address = NameAddr(message.text(range)) else { return [] }
    let value = [address]
    shelf.keep(value, of: key)
    return value
  }

  /// Field by field: the hops of a request share those below.
  func vias(_ span: RawSpan, _ shelf: inout Shelf<Via>) -> [Via] {
    if places.via < 0 { return [] }
    var vias: [Via] = []
    vias.reserveCapacity(min(Int(message.keys.viaCount), fields.count))
    for index in Int(places.via)..<fields.count where fields[index].id == HeaderName.via.id {
      let range = value(index, span)
      let key = Fingerprint(of: span.extracting(range))
      if let known = shelf.place(of: key) {
        vias.append(shelf[known])
        continue
      }
      let before = vias.count
      forEachElement(isList: true, range, span) { if let via = Via($0) { vias.append(via) } }
      // Of a comma list no element is known by the whole.
      if vias.count == before + 1, vias[before].raw.count == range.count { shelf.keep(vias[before], of: key) }
    }
    return vias
  }

  /// All values of the header that first stands there, and nearly always once.
  func list<Value>(_ place: Int32, _ span: RawSpan, _ shelf: inout Shelf<[Value]>, _ make: (Text) -> Value?) -> [Value]
  {
    if place < 0 { return [] }
    let first = Int(place)
    let name = HeaderName(id: fields[first].id)
    let end = repeated.contains(name) ? fields.count : first + 1
    var key = Fingerprint.empty
    for index in first..<end where fields[index].id == name.id { key.combine(span.extracting(value(index, span))) }
    if let known = shelf.place(of: key) { return shelf[known] }
    var values: [Value] = []
    for index in first..<end where fields[index].id == name.id {
      // RFC 3261 §7.3.1
      forEachElement(isList: !name.isCredentials, value(index, span), span) {
        if let value = make($0) { values.append(value) }
      }
    }
    shelf.keep(values, of: key)
    return values
  }

  private func forEachElement(isList: Bool, _ range: Range<Int>, _ span: RawSpan, _ body: (Text) -> Void) {
    if !isList { return body(message.text(range)) }
    var at = range.lowerBound
    while let piece = SpanText.piece(span, from: &at, to: range.upperBound, separator: 0x2c, brackets: true) {
      body(message.text(piece))
    }
  }
}
