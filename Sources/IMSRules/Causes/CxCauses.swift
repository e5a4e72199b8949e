import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSWire

// What the HSS said, and that it said nothing.

extension CauseFinder {
  mutating func findCx() {
    if flow.kind == .networkDeregistration { return findTermination() }
    let exchanges = flow.decidingExchanges(of: round)
    let answers = exchanges.filter { !flow.isTooLate($0) }.compactMap { $0.answer ?? flow.farAnswer(of: $0) }
    for answer in answers.reversed() {
      guard let diameter = flow.diameter(answer) else { continue }
      let said =
        "\(flow.answerer(of: answer)) answered the \(diameter.name.dropLast())R with \(diameter.resultText ?? "no result") on \(hop(answer))"
      if diameter.reportsOverload {
        // What succeeded all the same was not hindered by it.
        add(
          .overload, diameter.isSuccess ? .possible : .shown, "\(said) and reported an overload", at: [answer])
      }
      guard !diameter.isSuccess, let id = CauseFinder.cause(of: diameter) else { continue }
      add(id, .shown, said, at: [answer])
    }
    if found.allSatisfy({ $0.evidence != .shown }),
      let failed = exchanges.last(where: { flow.assignmentType(of: $0) == 9 })?.request
    {
      add(.response, .indicated, "the S-CSCF told the HSS of an authentication failure", at: [failed])
    }
    if let taken = exchanges.last(where: flow.isTakenBack), let request = taken.request,
      let text = flow.diameter(request)?.assignmentText
    {
      add(.assignment, .indicated, "the S-CSCF gave the assignment up: SAR \(text) on \(hop(request))", at: [request])
    }
    findSilentHSS(exchanges)
  }

  /// The HSS asks, and the S-CSCF answers (TS 29.228 §6.1.3).
  private mutating func findTermination() {
    guard let exchange = flow.exchanges.last, let request = exchange.request else { return }
    guard let answer = exchange.answer, let diameter = flow.diameter(answer) else {
      return add(
        .unreachable, .indicated, "no answer of the S-CSCF to the \(name(request)) on \(hop(request))", at: [request])
    }
    if diameter.isSuccess { return }
    add(
      diameter.isUndelivered ? .unreachable : .policy, .shown,
      "the \(name(request)) was answered with \(diameter.resultText ?? "no result") on \(hop(answer))", at: [answer])
  }

  private mutating func findSilentHSS(_ exchanges: [Exchange]) {
    if let late = exchanges.first(where: flow.isTooLate), let request = late.request, let answer = late.answer,
      let refusal
    {
      return add(.hssTimeout, .shown, tooLate(answer, refusal), at: [answer, request, refusal])
    }
    let silence = violation(of: .DIA003) { violation in
      violation.messages.contains { message in exchanges.contains { $0.request == message } }
    }
    if let silent = silence {
      return add(.hssTimeout, .indicated, "\(silent.message): \(silent.observed)", at: silent.messages)
    }
    if let withheld = exchanges.first(where: { flow.farAnswer(of: $0) != nil }), let request = withheld.request,
      let far = flow.farAnswer(of: withheld)
    {
      if flow.diameter(far)?.isSuccess ?? false {
        add(
          .hssTimeout, .possible,
          "\(flow.answerer(of: far)) answered the \(name(request)), and no answer was seen to come back to the \(node(request))",
          at: [far, request])
      }
      return
    }
    if let request = exchanges.first(where: { $0.answer == nil })?.request {
      let hidden =
        flow.messages[request].hop.flatMap { obstacle(to: $0, since: request) }?.meaning ?? "nothing else says so"
      return add(
        .hssTimeout, .possible,
        "no answer to the \(name(request)) on \(hop(request)) was captured; whether there was one was not observable: \(hidden)",
        at: [request])
    }
    if let slow = exchanges.first(where: usesUpThePatience), let request = slow.request, let answer = slow.answer,
      let refusal
    {
      return add(
        .hssTimeout, .indicated,
        flow.messages[answer].time > flow.messages[refusal].time
          ? tooLate(answer, refusal)
          : "the \(name(answer)) on \(hop(answer)) took most of the time after which the \(node(refusal)) gave up with \(name(refusal))",
        at: [answer, request, refusal])
    }
    // The I-CSCF gave up without having asked, as far as was seen.
    guard let refusal, exchanges.isEmpty, flow.messages[refusal].hop == .h1, passed(.h1), !passed(.h2),
      !flow.borders.contains(flow.messages[refusal].facts.source.address),
      [408, 480, 500, 503, 504].contains(flow.messages[refusal].status),
      let asked = flow.request(of: refusal), isPatient(from: asked, to: refusal),
      let obstacle = flow.obstacle(to: .c1, from: flow.start, for: .zero)
    else { return }
    add(
      .hssTimeout, .possible,
      "the I-CSCF gave up with \(name(refusal)) on H1; whether it asked the HSS was not observable: \(obstacle.meaning)",
      at: [refusal])
  }

  private func tooLate(_ answer: Int, _ refusal: Int) -> String {
    "the \(name(answer)) came on \(hop(answer)) when the \(node(refusal)) had given up with \(name(refusal))"
  }

  /// Did a node nearer to the UE give up for want of an answer, more than half of whose time the HSS had taken?
  private func usesUpThePatience(_ exchange: Exchange) -> Bool {
    guard let request = exchange.request, let answer = exchange.answer, let refusal,
      let asked = flow.request(of: refusal),
      [408, 504].contains(flow.messages[refusal].status)
    else { return false }
    let patience = flow.messages[refusal].time - flow.messages[asked].time
    let wait = flow.messages[answer].time - flow.messages[request].time
    return flow.messages[request].time < flow.messages[refusal].time && isPatient(from: asked, to: refusal)
      && wait.nanoseconds > patience.nanoseconds / 2
  }

  /// Whoever refuses sooner has not waited for anybody.
  private func isPatient(from request: Int, to refusal: Int) -> Bool {
    flow.messages[refusal].time - flow.messages[request].time >= .seconds(1)
  }

  /// Of an answer that is no success (TS 29.229 §6.2); nil where the code says nothing of the kind.
  private static func cause(of answer: DiameterMessage) -> FailureCause.ID? {
    let isTold = answer.experimentalResult.map { $0.code >= 3000 } ?? false
    if !isTold, let code = answer.resultCode {
      switch code {
      case 5003: return .barred
      case 3004: return .overload
      case 3000..<6000: return .hssError
      default: return nil
      }
    }
    guard let result = answer.experimentalResult else { return nil }
    guard result.vendor == nil || result.vendor == Vendor.tgpp.rawValue else { return .hssError }
    switch result.code {
    case 5001: return .unknownUser
    case 5002: return .identity
    case 5004: return .roaming
    case 5003, 5005, 5007: return .assignment
    case 5006: return .scheme
    case 3000..<6000: return .hssError
    default: return nil
    }
  }
}

extension DiameterMessage {
  /// "DEREGISTRATION_TOO_MUCH_DATA".
  fileprivate var assignmentText: String? {
    serverAssignmentType.flatMap { EnumeratedValue.name(of: $0, in: .serverAssignmentType) }
  }

  /// An OC-OLR that asks for less traffic; one of no validity or of 0 % says that all is well (RFC 7683 §7.3, §7.7).
  fileprivate var reportsOverload: Bool {
    guard let report = first(.ocOLR)?.children else { return false }
    return ![AVPName(625), AVPName(627)].contains { report.first($0)?.unsigned32 == 0 }
  }
}
