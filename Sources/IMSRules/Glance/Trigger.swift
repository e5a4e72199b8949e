/// What must stand in a registration for a rule to have something to say: where nothing of the kind does, the rule passes
/// without being run. Found once for all rules (`Glance`), and rather once too often than once too seldom: the rule judges.
package enum Trigger: UInt8, Sendable, CaseIterable {
  // Via
  /// A request has a Via without branch, or with one that is not the magic cookie and more.
  case oddBranch
  /// Two requests on one hop belong to one REGISTER, or have one branch.
  case repeatedRequest
  /// A copy of a request has not one Via more than the one before it, or the new one names another node; the UE's has not one.
  case oddPush
  /// A copy of a request has other entries below its own than the one before it.
  case alteredVia
  /// A response has other Via entries than its request.
  case otherVia
  /// A response was passed on with other Via entries than those below the first.
  case oddPop
  /// A request names another address in its Via than it comes from.
  case foreignSentBy
  /// The Contact of the UE names another address than it registers from.
  case foreignContact
  /// A receiver did not write `received` where it is due, or no address.
  case oddReceived
  /// A receiver left `rport` empty, or wrote another port than that of the source.
  case oddRport
  /// A Via names another transport than the one that was used.
  case otherTransport
  /// A response over UDP went elsewhere than the request came from, and not to the protected port of the UE.
  case otherDestination

  // Headers
  case missingHeader
  /// One that may stand only once.
  case repeatedHeader
  /// No number up to 255, or not one less for each Via.
  case oddMaxForwards
  case oddCSeq
  case oddLength
  /// A request of more than 1300 octets.
  case largeRequest
  /// One is missing, or stands in a REGISTER, or differs between two hops.
  case oddTag
  /// From of a response is spelled otherwise than in its request.
  case otherFrom
  /// A proxy spelled From, To, credentials, Supported or the body otherwise than it got them.
  case alteredHeader
  case unreadable
  case issues

  // Routes
  /// A request with Route.
  case route
  case noPath
  case pathNotRequired
  case alteredPath
  case otherPath
  case noServiceRoute
  case oddServiceRoute
  case alteredServiceRoute
  /// The Request-URI behind the I-CSCF is that before it, or not the Server-Name of the UAA.
  case oddRequestURI
  /// An entry of Path that is not plain, or a Record-Route.
  case oddPath
  /// The Request-URI of the UE has a user, or another scheme than sip.
  case oddTarget
  case oddVisitedNetwork
  case oddChargingVector

  // Privacy
  /// A key in a challenge on Gm.
  case keyOnGm
  /// A key in credentials or in a response that is no challenge, or a header that may hold anything.
  case keyElsewhere
  /// The UE writes integrity-protected.
  case claimOfUE
  case chargingOnGm
  case coreOnGm
  /// The UE writes what only trusted nodes write.
  case trustedHeaderOfUE

  // Authentication
  /// A 401 without a whole challenge of AKAv1-MD5.
  case oddChallenge
  case oddAlgorithm
  /// It is in base 64 no 32 octets or more, or it could be hexadecimal.
  case oddNonce
  /// A nonce that no vector was made of, or several vectors.
  case otherNonce
  /// Two 401s on one hop, two challenges that were answered, or two vectors.
  case challengedTwice
  /// A parameter of credentials or of a challenge is not spelled as usual.
  case oddDigest
  /// `qop` or a counter.
  case qop
  /// A 401 or 403 to credentials with a response.
  case refusedAnswer
  /// The first REGISTER has no whole credentials, or they answer.
  case oddFirstCredentials
  /// Credentials are not those of the challenge that they answer, of the request before it or of their Request-URI.
  case otherCredentials
  /// Credentials with a nonce and no response, or with AUTS.
  case unanswered
  /// A challenge of the S-CSCF has other keys than the one vector.
  case otherKeys
  /// No request was refused with 401 or 407.
  case unchallenged
  /// Authentication-Info in a grant, or SIP Digest, where it is due.
  case authenticationInfo

  // Identities and bindings
  case otherIdentity
  /// The user name begins with a digit.
  case userOfDigits
  /// A Cx request names another identity or user than the REGISTERs, or a REGISTER no user.
  case otherCxIdentity
  case otherVisitedNetwork
  /// The REGISTERs of the UE have another user or contacts that are not alike.
  case otherDevice
  case wildcardContact
  /// A REGISTER without contact, or with expiry 0, or a UAR that is for no registration.
  case deregistration
  /// A proxy spelled Contact otherwise, or a grant has several.
  case alteredContact
  /// A grant does not begin with the contact of the request.
  case otherContact
  /// Its expiry is past what was asked for, or nothing tells.
  case oddExpiry
  case noExpiry
  /// The UE asks for another time than 600 000 s.
  case oddRequestedExpiry

  // Security agreement
  case noAgreementRequired
  case agreementInCore
  case noProtectionMark

  /// Only one of UE and P-CSCF offers an association, or what they offer is not as most have it, weak, or does not fit together.
  case oddOffer
  /// No answer to an offer was seen, or one that repeats other mechanisms or names other ports, or it or its grant went elsewhere.
  case oddProtection

  // Order
  /// A request was sent again.
  case repetition
  /// A REGISTER has no final response on a hop, or one was lost.
  case openTransaction
  /// A final response came after half a second, or a node gave up.
  case lateFinal
  /// The UE waited for more than 5 s.
  case slowRegistration
  /// Final responses to one REGISTER have different statuses.
  case changedFinal
  /// The S-CSCF answered before the HSS.
  case earlyFinal
  /// The I-CSCF sent a request on without an answer to a UAR.
  case unaskedRequest
  /// The I-CSCF sent requests to two places.
  case severalServers

  // Cx
  case oddDiameterHeader
  case oddAVP
  case otherApplication
  case oddFlags
  case oddSession
  /// An answer that is no plain success.
  case oddAnswer
  /// Command, End-to-End Identifier or P flag differ between request and answer.
  case otherAnswer
  case repeatedCxRequest
  case oddUAR
  /// Result, Server-Name and Server-Capabilities are not as most UAAs have them.
  case oddUAA
  case oddMAR
  case oddSAR
  case oddServerName
  case oddVector
  case oddMAA
  /// A SAR that stores nothing, or one for a REGISTER that was not granted.
  case oddAssignment
  /// An SAA without a whole profile, or with one of other identities.
  case oddProfile
  /// The registrar's grant names no identities, or one that is not in the profile, or one is barred.
  case otherAssociatedURI
  /// A UAA names another S-CSCF than the one that challenged, or none.
  case otherServer
  /// A REGISTER was sent to another S-CSCF than a UAA named.
  case otherTarget
}

/// A set of triggers: one bit each.
package struct TriggerSet: Equatable, Sendable, BitwiseCopyable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  package init() {}

  static var all: TriggerSet {
    var all = TriggerSet()
    (all.low, all.high) = (.max, .max)
    return all
  }

  package func contains(_ trigger: Trigger) -> Bool {
    let bit = UInt64(trigger.rawValue)
    return (bit < 64 ? low >> bit : high >> (bit & 63)) & 1 == 1
  }

  mutating func insert(_ trigger: Trigger) {
    let bit = UInt64(trigger.rawValue)
    if bit < 64 { low |= 1 << bit } else { high |= 1 << (bit & 63) }
  }

  /// Their numbers.
  func forEach(_ body: (Int) -> Void) {
    var (low, high) = (low, high)
    while low != 0 {
      body(low.trailingZeroBitCount)
      low &= low - 1
    }
    while high != 0 {
      body(64 + high.trailingZeroBitCount)
      high &= high - 1
    }
  }

  mutating func insert(_ trigger: Trigger, if stands: Bool) { if stands { insert(trigger) } }
}
