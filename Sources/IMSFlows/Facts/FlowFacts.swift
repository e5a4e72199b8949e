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
  /// Of each 401 on Gm with Security-Server.
  package let securityOffers: [SecurityOffer]
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
    (securityOffers, isChallengedWithIPsec, usesIPsec, serviceProfiles, grants) = ([], false, false, [], [])
    (nonces, subscriber, provenVectors) = ([], nil, [])
  }

  /// The index of the flow is made.
  static func of(_ flow: Flow, _ keys: SubscriberKeys) -> FlowFacts { FlowFacts(flow, keys) }

  private init(_ flow: borrowing Flow, _ keys: SubscriberKeys) {
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
    securityOffers = isChallengedWithIPsec ? SecurityOffer.all(of: flow) : []
    serviceProfiles = ServiceProfile.all(of: flow)
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
    for index in flow.index.registerMessages where flow.messages[index].status == 401 {
      for challenge in flow.messages[index].sip?.wwwAuthenticate ?? [] {
        guard challenge.isAKA, let nonce = challenge.nonce,
          !nonces.contains(where: { $0.text == nonce })
        else { continue }
        nonces.append((nonce, Base64.decode(nonce)))
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
