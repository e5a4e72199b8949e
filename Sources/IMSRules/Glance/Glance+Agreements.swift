import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

// Challenges and their answers, and the associations that UE and P-CSCF agree on.

extension Glance {
  /// Credentials beside the challenge that they answer.
  mutating func lookAtAnsweredChallenges(of flow: Flow) {
    for number in flow.facts.answeredChallenges.indices {
      guard let request = flow.facts.answeredChallenges[number].request, sip[request].digestCount > 0 else { continue }
      let (round, challenge) = (
        flow.facts.answeredChallenges[number].round, flow.facts.answeredChallenges[number].challenge
      )
      note(.otherCredentials, if: !answers(request, challenge, of: round, flow))
    }
  }

  /// Credentials of one challenge, as the challenge, the request before and the Request-URI have it; or none that answer.
  private func answers(_ request: Int, _ challenge: Int, of round: Int, _ flow: Flow) -> Bool {
    guard sip[request].digestCount == 1, sip[challenge].digestCount == 1,
      let given = spellings.digest(of: sip[request]), let asked = spellings.digest(of: sip[challenge]),
      !given.marks.union(asked.marks).contains(.oddDigest)
    else { return false }
    if !given.marks.contains(.responds) { return true }
    guard given.nonce == asked.nonce, given.realm == asked.realm, given.opaque == asked.opaque,
      flow.messages[request].hop != .h0 || given.uri == sip[request].requestURI
    else { return false }
    guard let first = flow.firstRequest(of: round), let before = spellings.digest(of: sip[first]) else { return true }
    return before.username == .empty || before.username == given.username
  }

  /// The keys that the S-CSCF passes on beside those of the one vector.
  mutating func lookAtKeys(_ vector: AuthenticationVector?, _ flow: Flow) {
    let (ik, ck) = (vector?.ik.flatMap { DigestFacts.Key($0) }, vector?.ck.flatMap { DigestFacts.Key($0) })
    for index in flow.index.registerMessages where flow.messages[index].status == 401 {
      guard flow.messages[index].hop == .h1 || flow.messages[index].hop == .h2 else { continue }
      let challenge = spellings.digest(of: sip[index])
      let isSame = ik != nil && ck != nil && challenge?.ik == ik && challenge?.ck == ck
      note(.otherKeys, if: !isSame || sip[index].digestCount > 1)
    }
  }

  // MARK: security agreement

  mutating func lookAtAgreements(of flow: Flow) {
    for index in flow.index.registerMessages where flow.messages[index].hop == .h0 {
      guard let message = flow.messages[index].sip else { continue }
      if flow.messages[index].isRequest {
        if sip[index].present.contains(.securityClient) { lookAtMechanisms(message.securityClient) }
        continue
      }
      if sip[index].present.contains(.securityServer) { lookAtMechanisms(message.securityServer) }
      let status = flow.messages[index].status
      note(.oddOffer, if: status == 421 || status == 494)
      if status == 401 { note(.oddOffer, if: !agree(index, message.securityServer, flow)) }
    }
    note(.oddProtection, if: flow.facts.protectedAnswers.isEmpty)
    for answer in flow.facts.protectedAnswers { note(.oddProtection, if: !isProtected(answer, flow)) }
  }

  private mutating func lookAtMechanisms(_ mechanisms: [SecurityMechanism]) {
    for number in mechanisms.indices where mechanisms[number].isOfSignalling {
      note(.oddOffer, if: !mechanisms[number].facts.isPlain || !mechanisms[number].facts.isStrong)
    }
  }

  /// Nobody offers an association, or both do, and what they chose fits together.
  private func agree(_ challenge: Int, _ server: [SecurityMechanism], _ flow: Flow) -> Bool {
    guard let request = flow.request(of: challenge) else { return server.isEmpty }
    let client = flow.messages[request].sip?.securityClient ?? []
    if client.isEmpty, server.isEmpty { return true }
    guard let mine = Self.signalling(client), let its = Self.signalling(server),
      !sip[request].present.contains(.securityVerify)
    else { return false }
    return mine.algorithms == its.algorithms && mine.portC != mine.portS && its.portC != its.portS
      && mine.spiC != mine.spiS && its.spiC != its.spiS
      && mine.spiC != its.spiC && mine.spiC != its.spiS && mine.spiS != its.spiC && mine.spiS != its.spiS
  }

  /// The first association of IPsec for the signalling.
  private static func signalling(_ mechanisms: [SecurityMechanism]) -> SecurityFacts? {
    for number in mechanisms.indices where mechanisms[number].isOfSignalling { return mechanisms[number].facts }
    return nil
  }

  /// The answer repeats what was agreed on, and it and its grant go through the association, to the ports that were named.
  private func isProtected(_ answer: ProtectedAnswer, _ flow: Flow) -> Bool {
    guard let challenged = flow.request(of: answer.challenge),
      sip[answer.request].present.contains(.securityVerify),
      sip[answer.challenge].present.contains(.securityServer),
      !sip[answer.request].repeated.contains(.securityVerify),
      !sip[answer.challenge].repeated.contains(.securityServer),
      sip[answer.request].agreement == sip[answer.challenge].agreement,
      sip[answer.request].securityClient == sip[challenged].securityClient, namesItsPort(answer.request, flow)
    else { return false }
    let server = flow.messages[answer.challenge].sip?.securityServer ?? []
    let port = flow.messages[answer.request].facts.destination.port
    guard server.contains(where: { $0.facts.portS == port }) || flow.messages[answer.request].message.isInESP else {
      return false
    }
    for final in flow.index.finals(of: answer.round, on: .h0) where (200..<300).contains(flow.messages[final].status) {
      let port = flow.messages[final].facts.destination.port
      let client = flow.messages[challenged].sip?.securityClient ?? []
      return client.contains { $0.facts.portS == port || $0.facts.portC == port }
        || flow.messages[final].message.isInESP
    }
    return true
  }

  /// Contact and Via of a REGISTER name the protected server port that it offers.
  private func namesItsPort(_ request: Int, _ flow: Flow) -> Bool {
    let offered = flow.messages[request].sip?.securityClient ?? []
    guard let mine = Self.signalling(offered), mine.isPlain, sip[request].contactCount > 0, sip[request].vias.count > 0
    else { return false }
    let top = vias[sip[request].vias[0]]
    let port = mine.portS
    return sip[request].contactPort == port && (top.port ?? (top.transport == .tls ? 5061 : 5060)) == port
  }
}

extension SecurityMechanism {
  /// An association of IPsec for the signalling.
  fileprivate var isOfSignalling: Bool { isIPsec && !facts.isOfMedia }
}
