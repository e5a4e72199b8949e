package import IMSBytes
import IMSDiameter
package import IMSMessages
import IMSSIP
import IMSWire

/// Finds the subscriber a message belongs to: the one key by which work is spread over lanes. It is the public identity,
/// which SIP and Cx requests always carry; a Cx answer follows its request, an RTR its private identity.
package struct Router: Sendable {
  private let capacity: Int

  private var pending = FingerprintTable<Fingerprint>()
  private var pendingOrder = FIFO<Fingerprint>()
  private var publicOf = FingerprintTable<Fingerprint>()
  private var publicOrder = FIFO<Fingerprint>()
  /// Requests or identities forgotten because a table was full.
  package private(set) var evicted = 0

  package init(capacity: Int = Bounds.identities) { self.capacity = capacity }

  /// The subscriber's key, or nil when the message belongs to nobody.
  package mutating func route(_ message: Message) -> Fingerprint? {
    if let keys = message.keys { return route(message, keys) }
    return message.application == .cx ? message.diameter.flatMap { route($0, message) } : nil
  }

  /// A Cx answer whose request was not met: its subscriber is not known for sure.
  package func isEarly(_ message: Message) -> Bool {
    message.application == .cx && !message.asks && pending[message.exchangeKey] == nil
  }

  private mutating func route(_ message: Message, _ keys: SIPKeys) -> Fingerprint? {
    guard keys.method == .register || keys.method == .notify else { return nil }
    if keys.method == .register, message.asks, let impi = message.authorizedUser { learn(impi, keys.toAOR) }
    return keys.toAOR
  }

  private mutating func route(_ diameter: DiameterMessage, _ message: Message) -> Fingerprint? {
    let key = message.exchangeKey
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
      if let impi, diameter.command != .registrationTermination { learn(Fingerprint(of: impi), key) }
      if diameter.command == .registrationTermination, let impi, let known = publicOf[Fingerprint(of: impi)] {
        return known
      }
      return key
    }
    guard let impi else { return nil }
    return publicOf[Fingerprint(of: impi)] ?? Fingerprint(of: impi)
  }

  private mutating func learn(_ impi: Fingerprint, _ impu: Fingerprint) {
    if publicOf.insert(impi, impu).before == nil { publicOrder.append(impi) }
    if publicOf.count > capacity, let oldest = publicOrder.popFirst() {
      publicOf.remove(oldest)
      evicted += 1
    }
  }

  private mutating func remember(_ key: Fingerprint, _ subscriber: Fingerprint) {
    if pending.insert(key, subscriber).before == nil { pendingOrder.append(key) }
    // Answered requests leave their key in the queue: the queue's length is what must stay bounded.
    if pendingOrder.count > capacity, let oldest = pendingOrder.popFirst(),
      pending.remove(oldest) != nil
    {
      evicted += 1
    }
  }
}
