package import IMSBytes
package import IMSDiameter
package import IMSMessages
import IMSSIP
import IMSWire

/// Finds the subscriber a message belongs to: the one key by which work is spread over lanes. It is the public identity,
/// which SIP and Cx requests always carry; a Cx answer follows its request, an RTR its private identity.
package struct Router: Sendable {
  static let capacity = 65_536

  private var pending = FingerprintTable<Fingerprint>()
  private var pendingOrder = FIFO<Fingerprint>()
  private var publicOf = FingerprintTable<Fingerprint>()
  private var publicOrder = FIFO<Fingerprint>()
  /// Requests or identities forgotten because a table was full.
  package private(set) var evicted = 0

  package init() {}

  /// The subscriber's key, or nil when the message belongs to nobody.
  package mutating func route(_ message: Message) -> Fingerprint? {
    switch message.body {
    case .sip(let sip, let keys): route(sip, keys)
    case .diameter(let diameter): route(diameter, message)
    case .dns, .access, .event: nil
    }
  }

  /// A Cx answer whose request was not met: its subscriber is not known for sure.
  package func isEarly(_ message: Message) -> Bool {
    guard case .diameter(let diameter) = message.body else { return false }
    return diameter.application == .cx && !diameter.isRequest && pending[Router.exchangeKey(diameter, message)] == nil
  }

  private mutating func route(_ sip: SIPMessage, _ keys: SIPKeys) -> Fingerprint? {
    guard keys.method == .register || keys.method == .notify else { return nil }
    if keys.method == .register, sip.isRequest {
      for credentials in sip.authorization {
        guard let impi = credentials.username else { continue }
        learn(impi, keys.toAOR)
        break
      }
    }
    return keys.toAOR
  }

  private mutating func route(_ diameter: DiameterMessage, _ message: Message) -> Fingerprint? {
    guard diameter.application == .cx else { return nil }
    let key = Router.exchangeKey(diameter, message)
    if diameter.isRequest {
      guard let subscriber = subscriber(of: diameter) else { return nil }
      remember(key, subscriber)
      return subscriber
    }
    return pending.remove(key) ?? subscriber(of: diameter)
  }

  private mutating func subscriber(of diameter: DiameterMessage) -> Fingerprint? {
    let impi = diameter.userName
    if let impu = diameter.publicIdentity {
      let key = impu.addressOfRecordFingerprint
      if let impi, diameter.command != .registrationTermination { learn(impi, key) }
      if diameter.command == .registrationTermination, let impi, let known = publicOf[Fingerprint(of: impi)] {
        return known
      }
      return key
    }
    guard let impi else { return nil }
    return publicOf[Fingerprint(of: impi)] ?? Fingerprint(of: impi)
  }

  private mutating func learn(_ impi: Text, _ impu: Fingerprint) {
    let key = Fingerprint(of: impi)
    if publicOf.insert(key, impu) == nil { publicOrder.append(key) }
    if publicOf.count > Router.capacity, let oldest = publicOrder.popFirst() {
      publicOf.remove(oldest)
      evicted += 1
    }
  }

  private mutating func remember(_ key: Fingerprint, _ subscriber: Fingerprint) {
    if pending.insert(key, subscriber) == nil { pendingOrder.append(key) }
    // Answered requests leave their key in the queue: the queue's length is what must stay bounded.
    if pendingOrder.count > Router.capacity, let oldest = pendingOrder.popFirst(),
      pending.remove(oldest) != nil
    {
      evicted += 1
    }
  }

  /// What a Diameter request and its answer have in common: the connection, whatever the direction, and the Hop-by-Hop Id.
  package static func exchangeKey(_ diameter: DiameterMessage, _ message: Message) -> Fingerprint {
    if message.transport == .sctp { return associationKey(diameter, message) }
    var key = Fingerprint.empty
    key.combine(min(message.source, message.destination))
    key.combine(max(message.source, message.destination))
    key.combine(UInt64(diameter.hopByHop))
    // Requests of the HSS have their own numbers on the same connection.
    let client = diameter.isRequest ? message.source : message.destination
    key.combine(client)
    return key
  }

  /// The two may travel between different addresses of one association: what else they have in common tells them.
  private static func associationKey(_ diameter: DiameterMessage, _ message: Message) -> Fingerprint {
    var key = Fingerprint.empty
    let ports = (message.source.port, message.destination.port)
    let (client, server) = diameter.isRequest ? ports : (ports.1, ports.0)
    key.combine(UInt64(client) << 16 | UInt64(server))
    key.combine(UInt64(diameter.hopByHop) << 32 | UInt64(diameter.endToEnd))
    if let session = diameter.sessionID { key.combine(session) }
    return key
  }
}
