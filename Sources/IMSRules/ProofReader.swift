import IMSBytes
import IMSFlows
import IMSSIP
import IMSSecrets

/// Collects the challenges of a registration with everything that was seen of them, and holds each against the key.
struct ProofReader {
  /// How the UE met a challenge.
  enum Reply {
    /// The response, its parts, and whether it follows from the key; nil for an algorithm that cannot be computed.
    case response(Text, DigestRequest, isRight: Bool?)
    /// An empty response without AUTS: to the UE MAC-A is wrong.
    case refusal
    case resynchronisation([UInt8])
  }

  /// A challenge and what became of it.
  struct Reading {
    var octets: [UInt8]
    var challenge: AKAChallenge
    /// Of the 401 or the MAA.
    var message: Int
    var answer: Milenage.Answer
    /// Nil where MAC-A does not follow from the key.
    var opened: OpenedChallenge?
    var vector: AuthenticationVector?
    /// CK and IK of a 401 on Mw.
    var told: AKAKeys?
    var reply: (message: Int, reply: Reply)?

    var xres: Bool? {
      vector?.expected.map { $0.count >= 4 && answer.response.starts(with: $0) }
    }

    var keys: Bool? { (vector?.keys ?? told).map { $0 == answer.keys } }

    var response: Bool? {
      if case .response(_, _, let isRight) = reply?.reply { return isRight }
      return nil
    }
  }

  let key: SubscriberKey
  private(set) var readings: [Reading] = []

  init(_ flow: Flow, _ key: SubscriberKey) {
    self.key = key
    for vector in flow.facts.authenticationVectors {
      if let answer = vector.answer { note(vector.challenge, at: answer, vector: vector) }
    }
    for index in flow.index.registerMessages {
      guard flow.messages[index].status == 401, let sip = flow.sip(index) else { continue }
      for challenge in sip.wwwAuthenticate {
        guard let octets = flow.challengeOctets(ofNonce: challenge.nonce) else { continue }
        note(octets, at: index, told: challenge.keys)
      }
    }
    for index in flow.index.registerMessages {
      guard flow.messages[index].isRequest, let sip = flow.sip(index) else { continue }
      for credentials in sip.authorization { note(credentials, of: sip, at: index, flow) }
    }
    readings.sort { $0.message < $1.message }
  }

  private mutating func note(
    _ octets: [UInt8], at message: Int, vector: AuthenticationVector? = nil, told: AKAKeys? = nil
  ) {
    if let known = readings.firstIndex(where: { $0.octets == octets }) {
      readings[known].told = readings[known].told ?? told
      return
    }
    guard let challenge = AKAChallenge(octets), let answer = key.milenage.answer(to: challenge.rand) else { return }
    readings.append(
      Reading(
        octets: octets, challenge: challenge, message: message, answer: answer, opened: key.milenage.open(challenge),
        vector: vector, told: told))
  }

  /// The first REGISTER that answers a challenge: what comes later repeats it.
  private mutating func note(_ credentials: Digest, of sip: SIPMessage, at message: Int, _ flow: Flow) {
    guard let octets = flow.challengeOctets(ofNonce: credentials.nonce),
      let number = readings.firstIndex(where: { $0.octets == octets }), readings[number].reply == nil
    else { return }
    if let auts = credentials.auts {
      if let octets = Base64.decode(auts), octets.count == 14 {
        readings[number].reply = (message, .resynchronisation(octets))
      }
    } else if let response = credentials.response, let request = DigestRequest(credentials, of: sip) {
      let due = request.response(to: secret(readings[number].answer))
      readings[number].reply = (
        message,
        response.isEmpty
          ? .refusal : .response(response, request, isRight: due.map { $0.equalsIgnoringCase(response) })
      )
    }
  }

  func secret(_ answer: Milenage.Answer) -> DigestSecret { .aka(response: answer.response, keys: answer.keys) }

  // MARK: the proof

  var proof: KeyProof? {
    if readings.isEmpty { return nil }
    let trouble = readings.lazy.compactMap { self.trouble($0) }.first ?? order
    return KeyProof(
      verdict: trouble?.verdict ?? .right, text: trouble?.text ?? agreement, challenges: challenges,
      resynchronisations: resynchronisations)
  }

  private var challenges: [KeyProof.Challenge] {
    var last: UInt64?
    return readings.map { reading in
      let sqn = reading.opened?.sqn
      defer { last = sqn ?? last }
      var step: Int64?
      if let sqn, let last { step = ProofReader.difference(sqn, last) }
      return KeyProof.Challenge(
        message: reading.message, amf: reading.challenge.amf, mac: sqn != nil, xres: reading.xres, keys: reading.keys,
        response: reading.response, sqn: sqn, step: step)
    }
  }

  private var resynchronisations: [KeyProof.Resynchronisation] {
    readings.compactMap { reading in
      guard case .resynchronisation(let auts) = reading.reply?.reply, let message = reading.reply?.message else {
        return nil
      }
      let sqn = key.milenage.sequenceNumber(of: auts, after: reading.challenge)
      var ahead: Int64?
      if let sqn, let refused = reading.opened?.sqn { ahead = ProofReader.difference(sqn, refused) }
      return KeyProof.Resynchronisation(message: message, mac: sqn != nil, sqn: sqn, ahead: ahead)
    }
  }

  /// Of two numbers of 48 bits.
  static func difference(_ left: UInt64, _ right: UInt64) -> Int64 { Int64(left) - Int64(right) }

  /// "MAC-A of 2 challenges, XRES of the MAA and the response of the UE follow from K and OPc".
  private var agreement: String {
    let count = readings.count
    var parts = ["MAC-A of \(count == 1 ? "the challenge" : "\(count) challenges")"]
    if readings.contains(where: { $0.xres == true }) { parts.append("XRES of the MAA") }
    if readings.contains(where: { $0.keys == true }) { parts.append("CK and IK") }
    if readings.contains(where: { $0.response == true }) { parts.append("the response of the UE") }
    let list = parts.count == 1 ? parts[0] : parts.dropLast().joined(separator: ", ") + " and " + parts[parts.count - 1]
    return "\(list) \(parts.count == 1 && count == 1 ? "follows" : "follow") from \(given)"
  }

  /// "K and OPc", as they were given.
  var given: String { "K and \(key.operatorValue.rawValue)" }
}

extension Digest {
  /// CK and IK that stand in a challenge on Mw.
  fileprivate var keys: AKAKeys? {
    guard let ck = ck.flatMap({ Hex.decode($0.string) }), let ik = ik.flatMap({ Hex.decode($0.string) }) else {
      return nil
    }
    return AKAKeys(confidentiality: ck, integrity: ik)
  }
}
