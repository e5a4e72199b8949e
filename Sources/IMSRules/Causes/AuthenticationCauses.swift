import IMSBytes
import IMSFlows
import IMSSIP

// What failed between the key of the UE and that of the HSS.

extension CauseFinder {
  mutating func findAuthentication() {
    for answered in flow.facts.answeredChallenges {
      guard let request = answered.request, isInLastRound(request), let credentials = flow.credentials(of: answered),
        credentials.auts == nil, credentials.response?.isEmpty ?? true, !(credentials.nonce?.isEmpty ?? true),
        flow.mechanism == .aka, flow.showsCredentials(request)
      else { continue }
      add(
        .mac, .shown,
        "the UE answered the challenge with an empty response on \(hop(request)): it did not accept the AUTN of the HSS",
        at: [request, answered.challenge])
    }
    let resynchronisation = flow.messages.indices.last { index in
      flow.messages[index].isRegister && flow.messages[index].isRequest
        && flow.sip(index)?.authorization.contains { $0.auts != nil } ?? false
    }
    // Where the UE answered the challenge that came of it, what failed came later.
    if let resynchronisation, isInLastRound(resynchronisation) {
      add(
        .synchronisation, .shown,
        "the UE asked for resynchronisation (AUTS) on \(hop(resynchronisation)), and no registration came of it",
        at: [resynchronisation])
    }
    findResponse()
  }

  private mutating func findResponse() {
    if let wrong = violation(of: .AUT011) {
      add(.response, .shown, wrong.message, at: wrong.messages)
    }
    if let right = violation(of: .AUT010) {
      add(.falseReject, .shown, right.message, at: right.messages)
    }
    guard let (request, response) = flow.judgedAnswers({ $0 == 401 || $0 == 403 }).last, isInLastRound(response),
      flow.mayComeFromRegistrar(response), !flow.answersChallengeOfBefore(request),
      case .noVector = flow.digestCheck(of: request).verdict
    else { return }
    add(
      .response, .possible,
      "\(act(response)) after the answer to the challenge; whether that was right was not observable: the vector was not captured",
      at: [response, request])
  }
}
