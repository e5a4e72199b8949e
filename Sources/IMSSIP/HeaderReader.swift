internal import IMSBytes

/// Makes the mechanisms of a security agreement that a registration is asked for again and again, once for each spelling: the
/// copies of a message on the hops and its retransmissions say the same.
///
/// Spellings are told apart by their fingerprints; the latest are remembered. A value keeps the bytes of the message alive that
/// it was first read from.
package struct HeaderReader: Sendable {
  private static var capacity: Int { 16 }

  private var keys: [Fingerprint] = []
  private var readings: [SIPReadings] = []
  private var oldest = 0

  package init() {}

  package mutating func read(_ message: inout SIPMessage) { message.read(by: &self) }

  /// Nil where nothing stands there.
  mutating func readings(of message: SIPMessage) -> SIPReadings? {
    if message.headers.present.isDisjoint(with: .agreed) { return nil }
    let key = Self.key(of: message)
    // The latest are looked at first.
    var place = keys.count
    while place > 0 {
      place -= 1
      if keys[place] == key { return readings[place] }
    }
    let made = SIPReadings(
      securityClient: message.mechanisms(.securityClient), securityServer: message.mechanisms(.securityServer))
    keep(made, of: key)
    return made
  }

  /// Of all values of these headers, with their names, as they are written.
  private static func key(of message: SIPMessage) -> Fingerprint {
    let (span, fields) = (message.span, message.fieldSpan)
    var key = Fingerprint.empty
    for number in fields.indices {
      let field = fields[number]
      guard field.id == HeaderName.securityClient.id || field.id == HeaderName.securityServer.id else { continue }
      key.combine(UInt64(field.id))
      key.combine(span.extracting(field.value))
    }
    return key
  }

  private mutating func keep(_ made: SIPReadings, of key: Fingerprint) {
    if keys.count < Self.capacity {
      keys.append(key)
      readings.append(made)
    } else {
      keys[oldest] = key
      readings[oldest] = made
      oldest = (oldest + 1) % Self.capacity
    }
  }
}

/// The headers that a registration is asked for again and again, read once.
package final class SIPReadings: Sendable {
  let securityClient: [SecurityMechanism]
  let securityServer: [SecurityMechanism]
  /// `securityServer` offers an association of IPsec.
  package let offersIPsec: Bool

  init(securityClient: [SecurityMechanism], securityServer: [SecurityMechanism]) {
    self.securityClient = securityClient
    self.securityServer = securityServer
    offersIPsec = securityServer.contains { $0.isIPsec }
  }
}

extension HeaderSet {
  /// The headers that `SIPReadings` hold.
  fileprivate static let agreed = HeaderSet(.securityClient, .securityServer)
}
