import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

// What a proxy or the registrar did.

extension CauseFinder {
  mutating func findServer() {
    findSelection()
    findUnreachable()
    guard let refusal else { return }
    if flow.messages[refusal].status == 423, let fault = wrongInterval(refusal) {
      add(.protocolError, .shown, "\(act(refusal)), \(fault)", at: [refusal])
    } else if flow.messages[refusal].status == 423 {
      add(
        .interval, .shown,
        "the expiry was refused (\(act(refusal))), and the UE asked for no longer one",
        at: [refusal])
    }
    if flow.messages[refusal].status == 403, flow.messages[refusal].from == .scscf, !isRefusedByHSS,
      !found.contains(where: { $0.id == .assignment })
    {
      findPolicy(refusal)
    }
  }

  /// What the registrar does wrong with a 423 (RFC 3261 §10.3).
  private func wrongInterval(_ refusal: Int) -> String? {
    if flow.kind == .deregistration { return "though the REGISTER takes the registration away" }
    return violation(of: .REG005).map { "and REG005 says: \($0.message)" }
  }

  /// The HSS named an S-CSCF or what one must be able to do, and the REGISTER went to none.
  private mutating func findSelection() {
    guard let round, let refusal, flow.messages[refusal].from == .icscf,
      [504, 600].contains(flow.messages[refusal].status), !passed(.h2),
      // What asks there has got the REGISTER.
      !flow.exchanges.contains(where: { $0.round == round && $0.hop == .c2 })
    else { return }
    let answers = flow.decidingExchanges(of: round).filter { !flow.isTooLate($0) }.compactMap(\.answer)
    let success = answers.first {
      flow.messages[$0].command == .userAuthorization && flow.diameter($0)?.isSuccess ?? false
    }
    guard let authorised = success else { return }
    let said = "the I-CSCF had its \(name(authorised)) and gave up with \(name(refusal))"
    if let obstacle = obstacle(to: .h2, since: authorised) {
      return add(
        .selection, .possible, "\(said); whether it tried an S-CSCF was not observable: \(obstacle.meaning)",
        at: [refusal, authorised])
    }
    add(.selection, .indicated, "\(said) without a REGISTER on H2", at: [refusal, authorised])
  }

  private mutating func findUnreachable() {
    guard let round else { return }
    let tried = flow.rounds[round].transactions.map { flow.transactions[$0] }.filter {
      $0.hop == .h2 && !$0.requests.isEmpty
    }
    let dead = flow.deadServers(in: round)
    if !dead.isEmpty {
      let targets = Set(dead.compactMap { $0.requests.first.map { flow.messages[$0].message.destination } })
      return add(
        .unreachable, .shown, "the I-CSCF tried \(targets.count) S-CSCFs on H2, and none took the REGISTER",
        at: dead.compactMap { $0.finals.last ?? $0.requests.first })
    }
    guard let silent = tried.last(where: \.finals.isEmpty), let request = silent.requests.first,
      !flow.lost.contains(where: { silent.requests.contains($0.message) })
    else { return }
    let said = "no answer of the S-CSCF to the REGISTER on H2"
    if let obstacle = obstacle(to: .h2, since: request) {
      return add(
        .unreachable, .possible, "\(said) was captured; whether there was one was not observable: \(obstacle.meaning)",
        at: [request])
    }
    add(.unreachable, .indicated, "\(said), which the I-CSCF had sent", at: [request])
  }

  /// The refusal passes on what the HSS said.
  private var isRefusedByHSS: Bool {
    found.contains { $0.evidence == .shown && $0.id.rawValue.hasPrefix("CX.") }
  }

  /// The S-CSCF knew who it was, or did not want to.
  private mutating func findPolicy(_ refusal: Int) {
    guard let request = flow.request(of: refusal) else { return }
    let said = act(refusal)
    switch flow.digestCheck(of: request).verdict {
    case .verified: add(.policy, .shown, "\(said) although the response verifies", at: [refusal, request])
    case .noAnswer:
      if !flow.showsCredentials(request) {
        add(.policy, .possible, "\(said); its credentials stand behind the cut of the capture", at: [refusal, request])
      } else if let obstacle = obstacle(to: .c2, since: request) {
        add(
          .policy, .possible,
          "\(said) without having judged credentials; whether the HSS had told it to was not observable: \(obstacle.meaning)",
          at: [refusal, request])
      } else {
        add(.policy, .indicated, "\(said) without having judged credentials", at: [refusal, request])
      }
    case .noVector:
      add(
        .policy, .possible, "\(said); whether the response was right was not observable: the vector was not captured",
        at: [refusal, request])
    case .wrong: break
    }
  }

  mutating func findProxy() {
    guard let refusal else { return }
    if flow.messages[refusal].hop == .h0, flow.messages[refusal].status >= 400, let round, !flow.wentOn(round),
      let request = flow.request(of: refusal)
    {
      let said = act(refusal)
      if let obstacle = obstacle(to: .h1, since: request) {
        add(
          .proxyRejects, .possible, "\(said); whether it sent the REGISTER on was not observable: \(obstacle.meaning)",
          at: [refusal, request])
      } else {
        add(.proxyRejects, .shown, "\(said) and sent nothing on H1", at: [refusal, request])
      }
    }
    if flow.messages[refusal].status == 503 || flow.sip(refusal)?.has(.retryAfter) ?? false {
      let wait = flow.sip(refusal)?.has(.retryAfter) ?? false ? ", with Retry-After" : ""
      add(
        .overload, .shown, "\(act(refusal))\(wait)", at: [refusal]
      )
    }
    findProtocolError(refusal)
  }

  /// A refusal that blames the REGISTER, and what is wrong with it.
  private mutating func findProtocolError(_ refusal: Int) {
    let blamed: [Rule]
    switch flow.messages[refusal].status {
    case 400: blamed = [.HDR010, .HDR001, .HDR002, .HDR004, .HDR005, .HDR006, .HDR009, .HDR003, .SEC002]
    case 420: blamed = [.RTE003, .SEC013, .HDR001]
    case 482: blamed = [.RTE010, .RTE014, .HDR003]
    case 483: blamed = [.HDR003]
    case 494: blamed = [.SEC001, .SEC002, .SEC004, .SEC007, .SEC008, .SEC013]
    default: return
    }
    for rule in blamed {
      guard let violation = violation(of: rule) else { continue }
      return add(
        .protocolError, .shown,
        "\(act(refusal)), and \(rule.id) says: \(violation.message)",
        at: [refusal] + violation.messages)
    }
  }
}
