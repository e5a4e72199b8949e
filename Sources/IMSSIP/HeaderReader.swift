internal import IMSBytes

/// Makes the typed values of the headers that a registration is asked for again and again, once for each spelling: the copies
/// of a message on the hops and its retransmissions say the same, its responses and all registrations of a network some of it.
///
/// Spellings are told apart by their fingerprints; the latest of all headers together, and of each, are remembered. A value
/// keeps the bytes of the message alive that it was first read from.
package struct HeaderReader: Sendable {
  private var readings = Shelf<SIPReadings>()
  private var contacts = Shelf<[NameAddr]>()
  private var wwwAuthenticate = Shelf<[Digest]>()
  private var authorization = Shelf<[Digest]>()
  private var securityClient = Shelf<[SecurityMechanism]>()
  private var securityServer = Shelf<[SecurityMechanism]>()

  package init() {}

  package mutating func read(_ message: inout SIPMessage) { message.read(by: &self) }

  mutating func readings(of message: SIPMessage) -> SIPReadings {
    guard let key = Self.key(of: message, to: HeaderSet.read) else { return .none }
    if let known = readings.place(of: key) { return readings[known] }
    let made = SIPReadings(
      contacts: Self.values(.contact, of: message, &contacts) { message, _ in message.addresses(.contact) },
      wwwAuthenticate: Self.digests(.wwwAuthenticate, of: message, &wwwAuthenticate),
      authorization: Self.digests(.authorization, of: message, &authorization),
      securityClient: Self.values(.securityClient, of: message, &securityClient) { message, _ in
        message.mechanisms(.securityClient)
      },
      securityServer: Self.values(.securityServer, of: message, &securityServer) { message, _ in
        message.mechanisms(.securityServer)
      })
    readings.keep(made, of: key)
    return made
  }

  /// Of all values of these headers, with their names, as they are written; nil where none of them stands there.
  private static func key(of message: SIPMessage, to names: HeaderSet) -> Fingerprint? {
    if message.headers.present.isDisjoint(with: names) { return nil }
    let span = message.span
    var key = Fingerprint.empty
    for number in 0..<message.fieldCount {
      let field = message.field(number)
      if field.id == 0 || !names.has(field.id) { continue }
      key.combine(UInt64(field.id))
      key.combine(span.extracting(field.value))
    }
    return key
  }

  /// Nodes on the way add parameters to the end of credentials, and take some from the end of a challenge.
  private static func digests(
    _ name: HeaderName, of message: SIPMessage, _ shelf: inout Shelf<[Digest]>
  ) -> [Digest] {
    values(name, of: message, &shelf) { message, latest in
      if let latest, latest.count == 1, !message.headers.repeated.contains(name), let value = message.first(name),
        let copy = Digest(value, copying: latest[0])
      {
        return [copy]
      }
      return message.digests(name)
    }
  }

  /// - Parameter read: given the values that were read last too.
  private static func values<Value>(
    _ name: HeaderName, of message: SIPMessage, _ shelf: inout Shelf<[Value]>,
    _ read: (_ message: SIPMessage, _ latest: [Value]?) -> [Value]
  ) -> [Value] {
    guard let first = message.firstField(name) else { return [] }
    let span = message.span
    var key = Fingerprint(of: span.extracting(message.field(first).value))
    if message.headers.repeated.has(name.id) {
      for number in first + 1..<message.fieldCount where message.field(number).id == name.id {
        key.combine(span.extracting(message.field(number).value))
      }
    }
    if let known = shelf.place(of: key) { return shelf[known] }
    let values = read(message, shelf.latest)
    shelf.keep(values, of: key)
    return values
  }
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

  var latest: Value? {
    if values.count < Self.capacity { return values.last }
    return values[(oldest + Self.capacity - 1) % Self.capacity]
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

/// The headers that a registration is asked for again and again, read once.
package final class SIPReadings: Sendable {
  let contacts: [NameAddr]
  let wwwAuthenticate: [Digest]
  let authorization: [Digest]
  let securityClient: [SecurityMechanism]
  let securityServer: [SecurityMechanism]

  static let none = SIPReadings()

  init(
    contacts: [NameAddr] = [], wwwAuthenticate: [Digest] = [], authorization: [Digest] = [],
    securityClient: [SecurityMechanism] = [], securityServer: [SecurityMechanism] = []
  ) {
    self.contacts = contacts
    self.wwwAuthenticate = wwwAuthenticate
    self.authorization = authorization
    self.securityClient = securityClient
    self.securityServer = securityServer
  }
}

extension HeaderSet {
  /// The headers that `SIPReadings` hold.
  fileprivate static let read = HeaderSet(
    .contact, .wwwAuthenticate, .authorization, .securityClient, .securityServer)
}
