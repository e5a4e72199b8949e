import IMSBytes
import IMSDiameter
import IMSFlows
import IMSSIP
import IMSSecrets

/// Recomputes the response of one REGISTER from what the HSS gave the S-CSCF, or from the key of the subscriber.
struct DigestCheck {
  enum Verdict {
    /// The credentials answer nothing: no response, or a resynchronisation.
    case noAnswer
    /// No vector of this nonce and algorithm is known.
    case noVector
    case verified
    case wrong(DigestHypothesis?)
  }

  var verdict: Verdict
  /// Index of the MAA that gave the vector; nil for one that was computed.
  var answer: Int?
  var nonce: Text?
  var source: String { AuthenticationVector.source(answer) }

  fileprivate static func read(_ index: Int, _ flow: Flow) -> DigestCheck {
    var check = DigestCheck(verdict: .noAnswer)
    guard let sip = flow.sip(index), let credentials = sip.answer, let response = credentials.response,
      let request = DigestRequest(credentials, of: sip)
    else { return check }
    check.nonce = request.nonce
    guard let vector = flow.vector(of: request), let secret = vector.secret(for: request.algorithm),
      let due = request.response(to: secret)
    else {
      check.verdict = .noVector
      return check
    }
    check.answer = vector.answer
    check.verdict =
      due.equalsIgnoringCase(response)
      ? .verified : .wrong(vector.secret.flatMap { DigestHypothesis.explaining(response, request, secret: $0) })
    return check
  }
}

/// What the network must prove in Authentication-Info: the digest of an empty method (RFC 7616 §3.5).
struct MutualProof {
  var expected: Text
  /// Index of the MAA that gave the vector; nil for one that was computed.
  var answer: Int?
  var source: String { AuthenticationVector.source(answer) }

  /// Nil where the REGISTER answers nothing, or its vector is not known.
  init?(_ register: Int, grantedBy grant: SIPMessage, _ flow: Flow) {
    guard let sip = flow.sip(register), let credentials = sip.answer,
      var request = DigestRequest(credentials, of: sip), let vector = flow.vector(of: request),
      let secret = vector.secret
    else { return nil }
    request.method = ""
    request.body = grant.body
    if let qop = grant.authenticationInfo.first?.qop { request.qop = qop }
    guard let due = request.response(to: secret) else { return nil }
    expected = due
    answer = vector.answer
  }
}

extension SIPMessage {
  /// The credentials that answer a challenge, but with AUTS.
  var answer: Digest? { authorization.first { !($0.response?.isEmpty ?? true) && $0.auts == nil } }
}

extension DigestRequest {
  init?(_ credentials: Digest, of sip: SIPMessage) {
    guard let username = credentials.username, let realm = credentials.realm, let uri = credentials.uri,
      let nonce = credentials.nonce, !nonce.isEmpty
    else { return nil }
    self.init(
      method: sip.methodText, username: username, realm: realm, uri: uri, nonce: nonce,
      algorithm: credentials.algorithm, qop: credentials.qop, nonceCount: credentials.nc,
      clientNonce: credentials.cnonce,
      body: sip.body)
  }
}

extension AuthenticationVector {
  /// What answers a challenge of this algorithm: with the keys where it is not AKAv1, which has no use for them.
  fileprivate func secret(for algorithm: Text?) -> DigestSecret? {
    guard ha1 == nil, let expected, algorithm?.isToken("AKAv1-MD5") ?? false else { return secret }
    return .aka(response: expected, keys: nil)
  }

  fileprivate static func source(_ answer: Int?) -> String {
    answer == nil ? "the key of the subscriber" : "the vector of the MAA"
  }
}

extension Flow {
  func digestCheck(of register: Int) -> DigestCheck { DigestCheck.read(register, self) }

  /// The vector that a nonce was made of; SIP Digest's HA1 does for every nonce.
  fileprivate func vector(of request: DigestRequest) -> AuthenticationVector? {
    let isAKA = request.algorithm?.read { $0.spells("AKAv", at: 0, ignoringCase: true) } ?? false
    if !isAKA, let digest = facts.authenticationVectors.last(where: { $0.ha1 != nil }) { return digest }
    return vector(challengedBy: request.nonce)
  }

  /// The last vector whose RAND and AUTN a nonce begins with (RFC 3310 §3.2): of an MAA, else computed.
  func vector(challengedBy nonce: Text) -> AuthenticationVector? {
    if facts.authenticationVectors.isEmpty, facts.provenVectors.isEmpty { return nil }
    guard let octets = octets(ofNonce: nonce), octets.count >= 32 else { return nil }
    return facts.authenticationVectors.last { $0.challenge.elementsEqual(octets[..<32]) }
      ?? facts.provenVectors.last { $0.challenge.elementsEqual(octets[..<32]) }
  }

  /// REGISTERs that carry credentials and their final answers of one kind, at the deepest hop that shows them: one pair
  /// for each REGISTER of the UE.
  func judgedAnswers(_ status: (Int) -> Bool) -> [(request: Int, response: Int)] {
    var answers: [(request: Int, response: Int)] = []
    for round in rounds.indices {
      if let answer = judgedAnswer(of: round, status) { answers.append(answer) }
    }
    return answers
  }

  /// That of one REGISTER of the UE.
  func judgedAnswer(of round: Int, _ status: (Int) -> Bool) -> (request: Int, response: Int)? {
    var deepest: Int?
    for number in rounds[round].transactions where !transactions[number].requests.isEmpty {
      if let known = deepest, transactions[number].hop <= transactions[known].hop { continue }
      deepest = number
    }
    guard let deepest, let response = transactions[deepest].finals.last(where: { status(messages[$0].status) }),
      let request = request(of: response)
    else { return nil }
    return (request, response)
  }

  /// False where the REGISTER did not come to a hop behind although that was watched until then: a node before it answered.
  func mayComeFromRegistrar(_ response: Int) -> Bool {
    guard let number = index.transaction(of: response), let request = request(of: response) else { return true }
    let (start, end) = (messages[request].time, max(messages[request].time, messages[response].time))
    return Hop.sip.filter { $0 > transactions[number].hop }.allSatisfy {
      obstacle(to: $0, from: start, for: end - start) != nil
    }
  }

  /// Did a 2xx accept a response to this nonce, on any hop?
  func isAccepted(_ nonce: Text) -> Bool {
    !nonce.isEmpty
      && grants().contains { grant in
        request(of: grant).flatMap { sip($0) }?.authorization.contains { $0.nonce == nonce } ?? false
      }
  }

  /// Was the REGISTER that a response answers sent more than once on its hop? Then it may have been granted before, though nothing
  /// shows it.
  func isSentAgain(answeredBy response: Int) -> Bool {
    guard let number = index.transaction(of: response) else { return false }
    return isSentAgain(transactions[number].round, on: transactions[number].hop)
  }
}
