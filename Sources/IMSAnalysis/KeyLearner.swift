import IMSBytes
import IMSDiameter
import IMSFlows
package import IMSMessages
import IMSSIP
package import IMSSecrets
import IMSWire

/// Learns the security associations of Gm from the messages: CK and IK from the MAA on Cx or from the 401 on Mw, SPIs and
/// algorithms from Security-Client and Security-Server on Gm. RAND and AUTN, which the nonce and the vector hold, join
/// them; Call-ID and CSeq join the two headers. Where the subscriber's K was given, CK and IK are computed from the challenge.
///
/// Most captures hold no ESP: until the first packet of it the messages wait unread.
package struct KeyLearner {
  /// Messages that are remembered while no ESP packet was met.
  private let mostEarly: Int

  /// What belongs together comes within seconds; so many challenges, offers and agreements as are remembered of each kind are
  /// some 20 s of 400 registrations begun in each.
  static let patience = Interval.seconds(Int64(Bounds.keyPatience))

  private var keys: BoundedTable<AKAKeys>
  private var agreements: BoundedTable<SecurityAgreement>
  private var offers: BoundedTable<[AgreedMechanism]>
  /// What was read of headers, by their text: a UE offers the same again when it answers the challenge.
  private var mechanisms: BoundedTable<[AgreedMechanism]>
  /// The nonce of the challenge that answered a REGISTER.
  private var challenges: BoundedTable<Fingerprint>
  /// K of subscribers, and whose REGISTER it was; the latter is remembered only where there are such keys.
  private let subscriberKeys: SubscriberKeys
  private var subscribers: BoundedTable<SubscriberKey>
  /// Nobody asked for keys yet: what may hold some is kept, and not read.
  private var isIdle = true
  private var early = FIFO<Clue>()
  private var earlyForgotten = 0
  private var learned: [SecurityAssociation] = []
  /// Of the message that is read.
  private var now = Timestamp.distantPast

  package init(
    _ subscriberKeys: SubscriberKeys = SubscriberKeys(), capacity: Int = Bounds.keyExchanges,
    mostEarly: Int = Bounds.earlyKeyMessages
  ) {
    self.mostEarly = mostEarly
    self.subscriberKeys = subscriberKeys
    subscribers = BoundedTable(capacity: capacity, patience: Self.patience)
    keys = BoundedTable(capacity: capacity, patience: Self.patience)
    agreements = BoundedTable(capacity: capacity, patience: Self.patience)
    offers = BoundedTable(capacity: capacity, patience: Self.patience)
    mechanisms = BoundedTable(capacity: capacity, patience: Self.patience)
    challenges = BoundedTable(capacity: capacity, patience: Self.patience)
  }

  /// What had to be forgotten, by name; nothing while nobody asked for keys.
  package var forgotten: [String: Int] {
    if isIdle { return [:] }
    return [
      "messages that may hold keys": earlyForgotten,
      "challenges, offers and agreements of keys": keys.evicted + agreements.evicted + offers.evicted
        + challenges.evicted + subscribers.evicted,
    ]
  }

  /// What was learned since the last call; nil for nothing. From the first call on, everything is read at once.
  package mutating func take() -> [SecurityAssociation]? {
    if isIdle { wake() }
    if learned.isEmpty { return nil }
    defer { learned = [] }
    return learned
  }

  /// What is read of a message: its sightings, which still change, are not shared.
  private struct Clue {
    var time: Timestamp
    var source: IPAddress
    var destination: IPAddress
    var sip: SIPMessage?
    var diameter: DiameterMessage?

    init(_ message: Message) {
      time = message.time
      (source, destination) = (message.source.address, message.destination.address)
      (sip, diameter) = (message.sip, message.diameter)
    }
  }

  package mutating func note(_ message: Message) {
    // Most tell nothing.
    let tells =
      message.isSIP
      ? message.isRegister && (message.asks || message.status == 401)
      : message.command == .multimediaAuth && !message.asks
    if !tells { return }
    if message.isSIP, message.asks, message.viaCount > 1 || !message.has(.securityClient) { return }
    if !isIdle { return read(Clue(message)) }
    early.append(Clue(message))
    if early.count > mostEarly, early.popFirst() != nil { earlyForgotten += 1 }
  }

  private mutating func wake() {
    isIdle = false
    while let clue = early.popFirst() { read(clue) }
  }

  private mutating func read(_ clue: Clue) {
    now = clue.time
    if let sip = clue.sip {
      let keys = sip.keys
      if sip.isRequest {
        noteOffer(sip, keys, clue)
      } else if keys.viaCount <= 1, sip.has(.securityServer) {
        noteAgreement(sip, keys, clue)
      } else {
        noteKeys(of: sip.wwwAuthenticate)
      }
    } else if let answer = clue.diameter {
      noteKeys(of: answer)
    }
  }

  // MARK: The agreement

  private mutating func noteOffer(_ sip: SIPMessage, _ keys: SIPKeys, _ clue: Clue) {
    let client = associations(.securityClient, of: sip)
    guard !client.isEmpty else { return }
    let key = Self.roundKey(keys)
    offers.insert(key, client, at: now)
    let credentials = sip.authorization
    if !subscriberKeys.isEmpty { noteSubscriber(sip, credentials, key) }
    if let challenge = challenges[key] { complete(challenge, client) }
    // An answer to a challenge that was not seen repeats what was agreed.
    guard let nonce = Self.challengeKey(credentials) else { return }
    if agreements[nonce] == nil {
      let server = associations(.securityVerify, of: sip)
      guard !server.isEmpty else { return }
      agree(
        nonce,
        SecurityAgreement(
          ue: clue.source, proxy: clue.destination, client: client, server: server))
    } else {
      complete(nonce, client)
    }
  }

  private mutating func noteSubscriber(_ sip: SIPMessage, _ credentials: [Digest], _ key: Fingerprint) {
    let username = credentials.lazy.compactMap(\.username).first
    guard let subscriber = subscriberKeys.key(privateIdentity: username, publicIdentity: sip.to?.uriText) else {
      return
    }
    subscribers.insert(key, subscriber, at: now)
    // The challenge itself may never have been seen: its nonce is repeated in the answer.
    credentials.forEach { compute($0.nonce, subscriber) }
  }

  private mutating func noteAgreement(_ sip: SIPMessage, _ keys: SIPKeys, _ clue: Clue) {
    let challenged = sip.wwwAuthenticate
    noteKeys(of: challenged)
    let server = associations(.securityServer, of: sip)
    guard !server.isEmpty, let nonce = Self.challengeKey(challenged) else { return }
    let key = Self.roundKey(keys)
    if !subscriberKeys.isEmpty,
      let subscriber = subscribers[key] ?? subscriberKeys.key(privateIdentity: nil, publicIdentity: sip.to?.uriText)
    {
      challenged.forEach { compute($0.nonce, subscriber) }
    }
    challenges.insert(key, nonce, at: now)
    agree(
      nonce,
      SecurityAgreement(
        ue: clue.destination, proxy: clue.source, client: offers[key] ?? [], server: server))
  }

  private mutating func agree(_ nonce: Fingerprint, _ agreement: SecurityAgreement) {
    agreements.insert(nonce, agreement, at: now)
    derive(nonce)
  }

  /// The offer of an agreement whose REGISTER was not seen before.
  private mutating func complete(_ nonce: Fingerprint, _ client: [AgreedMechanism]) {
    guard var agreement = agreements[nonce], agreement.client.isEmpty else { return }
    agreement.client = client
    agree(nonce, agreement)
  }

  // MARK: The keys

  private mutating func noteKeys(of challenges: [Digest]) {
    for challenge in challenges {
      guard let ck = challenge.ck, let ik = challenge.ik, let nonce = Self.challengeKey(challenge.nonce) else {
        continue
      }
      learn(nonce, Hex.decode(ck), Hex.decode(ik))
    }
  }

  private mutating func noteKeys(of answer: DiameterMessage) {
    for item in answer.authDataItems {
      guard let challenge = item.challengeKey else { continue }
      learn(challenge, item.octets(625), item.octets(626))
    }
  }

  /// CK and IK of a challenge whose MAC-A follows from K; those that the network told win.
  private mutating func compute(_ nonce: Text?, _ subscriber: SubscriberKey) {
    guard let octets = AKAChallenge.octets(of: nonce), let challenge = AKAChallenge(octets) else { return }
    let key = Fingerprint(of: Text(octets))
    guard keys[key] == nil, let opened = subscriber.milenage.open(challenge) else { return }
    learn(key, opened.answer.keys.confidentiality, opened.answer.keys.integrity)
  }

  private mutating func learn(_ nonce: Fingerprint, _ ck: [UInt8]?, _ ik: [UInt8]?) {
    guard let ck, let ik, let vector = AKAKeys(confidentiality: ck, integrity: ik), keys[nonce] != vector else {
      return
    }
    keys.insert(nonce, vector, at: now)
    derive(nonce)
  }

  private mutating func derive(_ nonce: Fingerprint) {
    guard let vector = keys[nonce], let agreement = agreements[nonce] else { return }
    learned += agreement.associations(vector)
  }

  /// Those of IPsec in a header.
  private mutating func associations(_ name: HeaderName, of sip: SIPMessage) -> [AgreedMechanism] {
    let text = sip.spelling(of: name)
    if let text, let known = mechanisms[text] { return known }
    var read: [AgreedMechanism] = []
    for mechanism in sip.mechanisms(name) where mechanism.isIPsec { read.append(AgreedMechanism(mechanism)) }
    if let text { mechanisms.insert(text, read, at: now) }
    return read
  }

  /// RAND and AUTN; nil for a nonce that holds none.
  static func challengeKey(_ nonce: Text?) -> Fingerprint? {
    AKAChallenge.octets(of: nonce).map { Fingerprint(of: Text($0)) }
  }

  /// Of the first that holds one.
  private static func challengeKey(_ digests: [Digest]) -> Fingerprint? {
    for digest in digests {
      if let key = challengeKey(digest.nonce) { return key }
    }
    return nil
  }

  private static func roundKey(_ keys: SIPKeys) -> Fingerprint {
    var key = keys.callID
    key.combine(UInt64(keys.cseq))
    return key
  }
}

extension DiameterMessage {
  /// RAND and AUTN of each vector of an MAA.
  var challenges: [Fingerprint] { authDataItems.compactMap(\.challengeKey) }
}

extension AVP {
  fileprivate func octets(_ code: UInt32) -> [UInt8]? {
    children.first { $0.code == code }.map { Array($0.data.bytes) }
  }

  /// Of a SIP-Auth-Data-Item: RAND and AUTN of its SIP-Authenticate.
  fileprivate var challengeKey: Fingerprint? {
    guard let challenge = octets(609), challenge.count >= 32 else { return nil }
    return Fingerprint(of: Text(Array(challenge.prefix(32))))
  }
}
