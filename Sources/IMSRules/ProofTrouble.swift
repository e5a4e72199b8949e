import IMSBytes
import IMSFlows
import IMSSecrets

// What is wrong with one challenge, the plainest explanation first. Who holds what is told by three witnesses: the key that
// was given, the HSS (MAC-A, XRES), and the UE (its response, its refusal, AUTS).

extension ProofReader {
  typealias Trouble = (verdict: KeyProof.Verdict, text: String)

  /// AMFs that are common, tried first: all others are a matter of 65 536 attempts, made only where XRES proves the key.
  private static let commonAMFs: [UInt16] = [0, 0x8000, 0xb9b9, 0xffff]

  func trouble(_ reading: Reading) -> Trouble? {
    if reading.opened == nil { return ofNetwork(reading) }
    if reading.xres == false {
      return (.wrongVector, "wrong vector: MAC-A follows from \(given), XRES of the HSS does not")
    }
    if reading.keys == false {
      return (.wrongVector, "wrong vector: MAC-A follows from \(given), CK and IK of the network do not")
    }
    switch reading.reply?.reply {
    case .refusal:
      return (.wrongKey, "wrong key or OP in the UE: it finds MAC-A wrong, which follows from \(given)")
    case .resynchronisation(let auts): return ofSequence(reading, auts)
    case .response(let response, let request, isRight: false): return ofUE(reading, response, request)
    case .response, nil: return nil
    }
  }

  /// MAC-A does not follow from the key.
  private func ofNetwork(_ reading: Reading) -> Trouble {
    let challenge = reading.challenge
    let candidates = ProofReader.commonAMFs + [challenge.amf ^ 0x8000]
    if reading.xres == true {
      let amf =
        key.milenage.otherAMF(of: challenge, among: candidates)
        ?? key.milenage.otherAMF(of: challenge, among: 0...UInt16.max)
      if let amf { return wrongAMF(challenge, amf) }
      return (
        .wrongVector, "wrong vector: XRES follows from \(given), MAC-A with no AMF: AUTN is not as the HSS made it"
      )
    }
    if let found = key.alternatives.first(where: { $0.milenage.open(challenge) != nil }) {
      return mistake(found.mistake, "MAC-A follows")
    }
    if let amf = key.milenage.otherAMF(of: challenge, among: candidates) { return wrongAMF(challenge, amf) }
    let network = reading.xres == nil ? "MAC-A does" : "MAC-A and XRES of the HSS do"
    if reading.response == true {
      return (
        .wrongKey, "wrong key in the HSS: the response of the UE follows from \(given), \(network) not"
      )
    }
    if isAnswered(reading, asThe: reading.vector) {
      return (.wrongKey, "wrong key: UE and HSS agree with each other, not with the \(given) that were given")
    }
    return (.wrongKey, "wrong key: \(network) not follow from \(given), whichever of both is wrong")
  }

  private func wrongAMF(_ challenge: AKAChallenge, _ amf: UInt16) -> Trouble {
    (
      .wrongAMF,
      "wrong AMF: MAC-A was made with AMF \(KeyProof.Challenge.text(amf)), AUTN says \(KeyProof.Challenge.text(challenge.amf))"
    )
  }

  private func mistake(_ mistake: SubscriberKey.Alternative.Mistake, _ what: String) -> Trouble {
    switch mistake {
    case .otherKind:
      let other = key.operatorValue == .op ? "OPc" : "OP"
      return (.wrongOP, "wrong OP: \(what) when the \(key.operatorValue.rawValue) that was given is taken for \(other)")
    case .operatorValue(let name): return (.wrongOP, "wrong OP: \(what) from K with the OP of \(owner(name))")
    case .key(let name): return (.wrongKey, "wrong key: \(what) from the key of \(owner(name))")
    }
  }

  private func owner(_ name: String) -> String { name == "*" ? "all others" : name }

  /// Does the response follow from the XRES of the MAA?
  private func isAnswered(_ reading: Reading, asThe vector: AuthenticationVector?) -> Bool {
    guard let secret = vector?.secret, case .response(let response, let request, _) = reading.reply?.reply else {
      return false
    }
    return request.response(to: secret)?.equalsIgnoringCase(response) ?? false
  }

  /// The network has the key, and the response is another.
  private func ofUE(_ reading: Reading, _ text: Text, _ request: DigestRequest) -> Trouble {
    if let why = DigestHypothesis.explaining(text, request, secret: secret(reading.answer)) {
      return (.wrongResponse, "the UE has the key and computes the response in another way: \(why.rawValue)")
    }
    let found = key.alternatives.first { alternative in
      guard let answer = alternative.milenage.answer(to: reading.challenge.rand) else { return false }
      return request.response(to: secret(answer))?.equalsIgnoringCase(text) ?? false
    }
    if let found { return mistake(found.mistake, "the response of the UE follows") }
    let network = reading.xres == nil ? "MAC-A follows" : "MAC-A and XRES follow"
    return (.wrongKey, "wrong key or OP in the UE: \(network) from \(given), its response does not")
  }

  private func ofSequence(_ reading: Reading, _ auts: [UInt8]) -> Trouble? {
    guard let sqn = reading.opened?.sqn else { return nil }
    guard let known = key.milenage.sequenceNumber(of: auts, after: reading.challenge) else {
      return (.wrongKey, "wrong key or OP in the UE: MAC-S of its AUTS does not follow from \(given)")
    }
    let ahead = ProofReader.difference(known, sqn)
    return (
      .sqnOutOfRange,
      ahead >= 0
        ? "SQN out of range: that of the challenge is \(ahead) behind that of the SIM"
        : "SQN out of range: that of the challenge is \(-ahead) ahead of that of the SIM, more than it accepts"
    )
  }

  /// A number that does not rise.
  var order: Trouble? {
    let numbers = readings.compactMap { $0.opened?.sqn }
    guard let fall = zip(numbers, numbers.dropFirst()).first(where: { $0 >= $1 }) else { return nil }
    return (
      .sqnOutOfRange,
      "SQN out of range: it goes back by \(ProofReader.difference(fall.0, fall.1)) from one challenge to the next"
    )
  }
}
