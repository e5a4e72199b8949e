package import IMSBytes
package import IMSSecrets
import IMSSIP

/// What several rules derive from a registration, derived once. A class, because a flow is passed on often.
package final class FlowFacts: Sendable {
  /// All vectors of the MAAs of this registration, in order.
  package let authenticationVectors: [AuthenticationVector]
  /// The nonces of AKA in the 401s, and what base 64 makes of them; nil where they are none.
  package let nonces: [(text: Text, octets: [UInt8]?)]
  /// The key of the subscriber, where one was given and AKA was used.
  package let subscriber: SubscriberKey?
  /// What that key makes of each challenge whose MAC-A follows from it.
  package let provenVectors: [AuthenticationVector]
  /// Each challenged round with what the UE answered. A round that the network challenged several times (a transaction
  /// that died and came back) has an entry for each.
  package let answeredChallenges: [AnsweredChallenge]
  /// The REGISTERs on Gm that answer a 401 with Security-Server. One that asks for resynchronisation is none: no
  /// association stands yet (TS 24.229 §5.1.1.5.3).
  package let protectedAnswers: [ProtectedAnswer]
  /// Some REGISTER that answers such a challenge was seen behind the P-CSCF only.
  package let hasUnseenAnswer: Bool
  /// `Flow.challengedWithIPsec`.
  package let isChallengedWithIPsec: Bool
  /// `Flow.usesIPsec`.
  package let usesIPsec: Bool
  /// The User-Data of each successful SAA, in order, with the index of the SAA.
  package let serviceProfiles: [(answer: Int, profile: ServiceProfile)]
  /// The 2xx responses to REGISTER on the hops of SIP.
  package let grants: [Int]

  /// Of a registration without messages.
  static let empty = FlowFacts()

  private init() {
    (authenticationVectors, answeredChallenges, protectedAnswers, hasUnseenAnswer) = ([], [], [], false)
    (isChallengedWithIPsec, usesIPsec, serviceProfiles, grants) = (false, false, [], [])
    (nonces, subscriber, provenVectors) = ([], nil, [])
  }

  /// The index of the flow is made.
  static func of(_ flow: Flow, _ keys: SubscriberKeys, _ parts: inout ProfileParts) -> FlowFacts {
    FlowFacts(flow, keys, &parts)
  }

  private init(_ flow: borrowing Flow, _ keys: SubscriberKeys, _ parts: inout ProfileParts) {
    let nonces = FlowFacts.nonces(of: flow)
    self.nonces = nonces
    let vectors = AuthenticationVector.all(of: flow)
    authenticationVectors = vectors
    let key =
      keys.isEmpty || flow.mechanism != .aka
      ? nil : keys.key(privateIdentity: flow.impi, publicIdentity: flow.impu)
    subscriber = key
    provenVectors = key.map { AuthenticationVector.proven(of: flow, by: $0.milenage, known: vectors, nonces) } ?? []
    answeredChallenges = AnsweredChallenge.all(of: flow)
    isChallengedWithIPsec = flow.challengedWithIPsec
    usesIPsec = isChallengedWithIPsec || (flow.before?.inIPsec ?? false)
    (protectedAnswers, hasUnseenAnswer) = isChallengedWithIPsec ? ProtectedAnswer.all(of: flow) : ([], false)
    serviceProfiles = ServiceProfile.all(of: flow, &parts)
    grants = FlowFacts.grants(of: flow)
  }

  private static func grants(of flow: Flow) -> [Int] {
    var grants: [Int] = []
    for index in flow.index.registerMessages where (200..<300).contains(flow.messages[index].status) {
      guard flow.messages[index].hop?.depth != nil else { continue }
      // One on each hop.
      if grants.isEmpty { grants.reserveCapacity(3) }
      grants.append(index)
    }
    return grants
  }

  private static func nonces(of flow: Flow) -> [(text: Text, octets: [UInt8]?)] {
    var nonces: [(text: Text, octets: [UInt8]?)] = []
    // The copies of a challenge on the hops have one nonce.
    var last = Fingerprint.empty
    func add(_ nonce: Text) {
      if !nonces.contains(where: { $0.text == nonce }) { nonces.append((nonce, Base64.decode(nonce))) }
    }
    for index in flow.index.registerMessages where flow.messages[index].status == 401 {
      let asked = flow.messages[index].authentication
      if !asked.asksForAKA || asked.nonce == last && !asked.isOdd { continue }
      guard let message = flow.messages[index].sip else { continue }
      if !asked.isOdd {
        last = asked.nonce
        if let nonce = asked.nonce(of: message, flow.digests) { add(nonce) }
        continue
      }
      for challenge in message.wwwAuthenticate where challenge.isAKA {
        if let nonce = challenge.nonce { add(nonce) }
      }
    }
    return nonces
  }
}

extension Flow {
  /// What base 64 makes of a nonce; nil where it is none.
  package func octets(ofNonce nonce: Text) -> [UInt8]? { FlowFacts.octets(of: nonce, known: facts.nonces) }

  /// RAND and AUTN of a nonce (RFC 3310 §3.2); nil for one that holds none.
  package func challengeOctets(ofNonce nonce: Text?) -> [UInt8]? {
    FlowFacts.challengeOctets(of: nonce, known: facts.nonces)
  }
}

extension FlowFacts {
  typealias Nonces = [(text: Text, octets: [UInt8]?)]

  fileprivate static func octets(of nonce: Text, known: Nonces) -> [UInt8]? {
    if let known = known.first(where: { $0.text == nonce }) { return known.octets }
    return Base64.decode(nonce)
  }

  static func challengeOctets(of nonce: Text?, known: Nonces) -> [UInt8]? {
    guard let octets = nonce.flatMap({ octets(of: $0, known: known) }), octets.count >= 32 else { return nil }
    return Array(octets[..<32])
  }
}
