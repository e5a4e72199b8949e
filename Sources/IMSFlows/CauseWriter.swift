import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// One sentence on why a registration ended as it did, and where.
struct CauseWriter {
  let flow: Flow

  func sentence() -> String {
    switch flow.outcome {
    case .registered: registered() + detour
    case .deregistered: deregistered()
    case .rejected: rejected() + failure
    case .unanswered: unanswered() + failure
    case .abandoned: abandoned()
    case .partial: partial()
    }
  }

  /// "; ICMP port unreachable from 10.20.0.20 for 10.20.0.20:4060 (frame 12)".
  private var failure: String {
    flow.failure.map { "; \($0.eventText) (\(frame($0)))" } ?? ""
  }

  // MARK: what went well

  private func registered() -> String {
    guard let view = lastView, let final = view.final else {
      return "the HSS assigned the S-CSCF (SAA \(lastResult ?? "success"))"
    }
    let time = flow.grantedExpiry.map { " for \($0) s" } ?? ""
    return "\(challengeStory)granted\(time) with \(status(final)) on \(hopName)"
  }

  /// "; lost on the way: …": why it took another challenge.
  private var detour: String {
    flow.lost.isEmpty || isResynchronised ? "" : "; lost on the way: " + losses(flow.lost)
  }

  private func deregistered() -> String {
    if flow.kind == .networkDeregistration {
      if flow.exchanges.isEmpty { return "the network ended the registration and told the UE in a NOTIFY" }
      return terminated()
    }
    guard let final = lastView?.final else { return "the HSS removed the assignment (SAA \(lastResult ?? "success"))" }
    return "\(challengeStory)de-registered with \(status(final)) on \(hopName)"
  }

  /// Why the HSS ended it, what the S-CSCF said to that, and whether the UE was told (TS 29.228 §6.1.3, TS 24.229 §5.4.1.5).
  private func terminated() -> String {
    let request = flow.exchanges.compactMap(\.request).first
    let place = request.map { " on \(Hop.c2.rawValue) (\(frame($0)))" } ?? ""
    let answer = flow.exchanges.compactMap(\.answer).last.map {
      ", which \(flow.answerer(of: $0)) answered with \(result($0)) (\(frame($0)))"
    }
    let notices = flow.messages.indices.filter {
      flow.messages[$0].message.keys?.method == .notify && flow.messages[$0].isRequest
    }
    // Nearest to the UE.
    let told = notices.first { flow.messages[$0].hop == .h0 }
    let sent =
      notices.first.map { "; a NOTIFY to the UE was sent (\(frame($0)))" } ?? "; no NOTIFY to the UE was captured"
    let notice = told.map { "; the UE was told in a NOTIFY (\(frame($0)))" } ?? sent
    return "the HSS ended the registration with an RTR\(reason(of: request))\(place)\(answer ?? "")\(notice)"
  }

  /// " (PERMANENT_TERMINATION: moved away)".
  private func reason(of request: Int?) -> String {
    guard let reason = request.flatMap({ flow.messages[$0].diameter?.deregistrationReason }), let code = reason.code
    else { return "" }
    let name = EnumeratedValue.name(of: code, in: .reasonCode) ?? "reason \(code)"
    let info = reason.info.map { $0.isEmpty ? "" : ": \($0.string)" } ?? ""
    return " (\(name)\(info))"
  }

  /// "challenged once, " and so on: what lay before the last answer.
  private var challengeStory: String {
    let challenged = flow.rounds.indices.filter { round in
      flow.rounds[round].transactions.contains { number in
        flow.transactions[number].responses.contains { flow.messages[$0].status == 401 }
      }
    }.count
    if isResynchronised { return "resynchronised (AUTS) and challenged again, then " }
    switch challenged {
    case 0 where !RecorderLoss.unseenChallenges(of: flow).isEmpty: return "challenged, which was not captured, "
    case 0: return flow.mechanism == .none || flow.rounds.isEmpty || !flow.startSeen ? "" : "not challenged, "
    case 1: return "challenged once, "
    default: return "challenged \(challenged) times, "
    }
  }

  private var isResynchronised: Bool {
    flow.messages.indices.contains { index in
      flow.messages[index].isRequest && flow.messages[index].sip?.authorization.contains { $0.auts != nil } ?? false
    }
  }

  // MARK: what did not

  private func rejected() -> String {
    if let failed = failedAnswer { return cxRefusal(failed) }
    guard let round = flow.rounds.indices.last, let final = lastView?.final else {
      return "the registration was refused"
    }
    let told = "\(status(final)) on \(hopName) (\(frame(final)))"
    if let silent = flow.decidingExchanges(of: round).first(where: flow.isUnanswered) {
      return "\(cxSilence(silent)); the UE was told \(told)"
    }
    guard let origin = flow.refusal(in: round) else { return "refused: \(told)" }
    let place = "\(status(origin)) on \(flow.messages[origin].hop?.rawValue ?? hopName) (\(frame(origin)))"
    let node = flow.sender(of: origin) ?? "network"
    let lost = flow.lost(in: round).filter { flow.messages[$0.message].time <= flow.messages[origin].time }
    if isGivingUp(origin), !lost.isEmpty {
      return "lost on the way: \(losses(lost)); the \(node) gave up with \(place)\(outer(origin, final))"
    }
    if let late = unrelayed(origin, round) {
      let sender = flow.sender(of: late) ?? "next node"
      let what = flow.messages[late].time > flow.messages[origin].time ? "too late" : "lost or too late"
      return
        "the \(node) gave up with \(place) although a \(status(late)) had left the \(sender) (\(frame(late))): \(what)\(outer(origin, final))"
    }
    if let silent = silentHop(in: round) {
      return
        "the \(node) gave up with \(place) because no answer came on \(silent.title)\(outer(origin, final))"
    }
    if let hidden = hiddenBehind(origin) {
      return "the \(node) sent \(place), and \(hidden) was not captured\(outer(origin, final))"
    }
    if let dead = deadServers(in: round) { return "\(dead)\(outer(origin, final))" }
    let judged = isAnswerToChallenge(origin) ? " the answer to the challenge" : ""
    return "the \(node) refused\(judged) with \(place)\(unasked(round))\(outer(origin, final))"
  }

  /// Of several S-CSCFs that the I-CSCF tried, one after the other, none took the REGISTER.
  private func deadServers(in round: Int) -> String? {
    let dead = flow.deadServers(in: round)
    if dead.isEmpty { return nil }
    let answers = dead.map { transaction in
      transaction.finals.last.map { "\(status($0)), \(frame($0))" } ?? "no answer to \(frame(transaction.requests[0]))"
    }
    return "the I-CSCF tried \(dead.count) S-CSCFs, and none took the REGISTER (\(answers.joined(separator: "; ")))"
  }

  /// "401 Unauthorized on H0 (P-CSCF → UE; frames 12, 20), 200 OK on H2 (S-CSCF → I-CSCF; frame 31)": alike ones once, in the
  /// order in which the first of each was lost.
  private func losses(_ lost: [LostMessage]) -> String {
    func name(_ loss: LostMessage) -> String {
      let message = flow.messages[loss.message]
      return message.isRequest ? "REGISTER" : status(loss.message)
    }
    var groups: [(name: String, losses: [LostMessage])] = []
    for loss in lost {
      let known = groups.firstIndex { group in
        group.name == name(loss) && group.losses[0].from == loss.from && group.losses[0].hop == loss.hop
      }
      if let known { groups[known].losses.append(loss) } else { groups.append((name(loss), [loss])) }
    }
    let texts = groups.prefix(CauseWriter.shownLosses).map { group in
      let first = group.losses[0]
      let frames = group.losses.map { frame($0.message).dropFirst("frame ".count) }
      let list = "\(frames.count == 1 ? "frame" : "frames") \(frames.joined(separator: ", "))"
      return "\(group.name) on \(first.hop.rawValue) (\(first.from.rawValue) → \(first.to.rawValue); \(list))"
    }
    let rest = groups.count - texts.count
    return texts.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private static let shownLosses = 3

  /// The UE may be told another status than the one that the refusing node chose.
  private func outer(_ origin: Int, _ final: Int) -> String {
    let told = flow.messages[final].sip?.status
    return told == flow.messages[origin].sip?.status ? "" : "; the UE was told \(status(final))"
  }

  private func unasked(_ round: Int) -> String {
    let asked = flow.rounds[round].exchanges.contains { flow.exchanges[$0].hop == .c1 }
    let passed = roundMessages(round).contains { flow.messages[$0].hop == .h1 }
    return !asked && passed && flow.view(of: .c1).state == .blind
      ? ", and no Cx traffic of the I-CSCF was captured" : ""
  }

  private func cxRefusal(_ index: Int) -> String {
    let name = flow.messages[index].message.diameter.map { String($0.name.dropLast()) + "R" } ?? "request"
    let hop = flow.messages[index].hop.map { " on \($0.rawValue)" } ?? ""
    let text = "\(flow.answerer(of: index)) answered the \(name) with \(result(index))\(hop) (\(frame(index)))"
    guard let final = lastView?.final else { return text }
    return "\(text); the UE was told \(status(final))"
  }

  private func unanswered() -> String {
    guard let round = flow.rounds.indices.last, let view = lastView else {
      return flow.exchanges.last.map(cxSilence) ?? "no answer was captured"
    }
    let cseq = flow.rounds[round].cseqText
    let losses = flow.lost(in: round)
    if !losses.isEmpty {
      return "lost on the way: \(self.losses(losses)); no final response to the REGISTER\(cseq) reached the UE"
    }
    if let lost = view.lost {
      let sender = flow.messages[lost].from?.rawValue ?? "P-CSCF"
      return
        "the \(status(lost)) left the \(sender) on \(Hop.h0.rawValue) (\(frame(lost))) but never reached the capture point nearest to the UE: lost between \(sender) and UE"
    }
    guard let hop = deepestUnanswered(in: round) else {
      return "no final response to the REGISTER\(cseq) reached the UE"
    }
    if let back = answer(behind: hop, in: round) {
      let node = flow.messages[back].to?.rawValue ?? "next node"
      let place = flow.messages[back].hop?.rawValue ?? hop.rawValue
      return "the \(status(back)) came to the \(node) on \(place) (\(frame(back))) and went no farther"
    }
    let beyond = hop == .h2 ? Hop.c2 : hop == .h1 ? Hop.h2 : Hop.h1
    let blind =
      flow.kind != .thirdParty && flow.view(of: beyond).state == .blind ? "; what lies behind was not captured" : ""
    return "the REGISTER\(cseq) got no final response; it came as far as \(hop.title)\(blind)"
  }

  private func cxSilence(_ exchange: Exchange) -> String {
    guard let request = exchange.request else { return "no answer was captured" }
    let name = flow.messages[request].message.diameter?.name ?? "request"
    let asker = flow.messages[request].from.map { " of the \($0.rawValue)" } ?? ""
    let hop = flow.messages[request].hop?.rawValue ?? "Cx"
    let asked = "the \(name)\(asker) on \(hop) (\(frame(request)))"
    if let answer = exchange.answer {
      return "\(flow.answerer(of: answer)) answered \(asked) when that had given up (\(frame(answer)))"
    }
    if let far = flow.farAnswer(of: exchange) {
      let result = flow.messages[far].diameter?.resultText.map { " with \($0)" } ?? ""
      return "\(flow.answerer(of: far)) answered \(asked)\(result) (\(frame(far))), and that was not seen to come back"
    }
    return "\(flow.answerer(of: request)) did not answer \(asked)"
  }

  private func abandoned() -> String {
    guard let view = lastView, let final = view.final else {
      if flow.authenticationTimeout != nil {
        let isChallenged = flow.exchanges.contains {
          ($0.request ?? $0.answer).map { flow.messages[$0].command == .multimediaAuth } ?? false
        }
        return (isChallenged ? "challenged (MAA); " : "") + String(timeout.dropFirst(2))
      }
      return "challenged (MAA), but no SAR followed within 240 s"
    }
    let challenge = "challenged with \(status(final)) on \(hopName) (\(frame(final)))"
    if flow.failure != nil { return "\(challenge), but the UE could not answer" + failure }
    if flow.isAskedAgain(behind: final) {
      return "\(challenge), but the UE sent its REGISTER again after that, and never answered"
    }
    let silence =
      flow.seenAt == .h0 ? "the UE never answered" : "no answer of the UE came as far as \(hopName)"
    return "\(challenge), but \(silence)\(timeout)"
  }

  private var timeout: String {
    flow.authenticationTimeout.map {
      "; the S-CSCF told the HSS that no answer came in time (SAR AUTHENTICATION_TIMEOUT, \(frame($0)))"
    } ?? ""
  }

  private func partial() -> String {
    guard let view = lastView else {
      guard let last = flow.exchanges.last, let message = last.answer ?? last.request,
        let name = flow.messages[message].message.diameter?.name
      else { return "the capture shows too little of it to tell" }
      return "no Cx of this registration follows the \(name) (\(frame(message)))"
    }
    if let final = view.final, flow.messages[final].sip?.status == 401 {
      if flow.hidesESP {
        return flow.hasClosedAnswer
          ? "the answer to the challenge and everything after it travelled in ESP that no known key opens"
          : "what follows the challenge (\(frame(final))) travels in ESP, of which none was captured"
      }
      return "the capture ends after the challenge (\(frame(final))), before the UE's answer was due"
    }
    if let lost = view.lost {
      let sender = flow.messages[lost].from?.rawValue ?? "P-CSCF"
      return
        "the \(status(lost)) left the \(sender) (\(frame(lost))), and the capture ends before the capture point nearest to the UE could show it"
    }
    if let final = view.final, OutcomeReader.hidesGrant(flow.messages[final].message) {
      return "the capture cut the packets: what the \(status(final)) (\(frame(final))) grants stands behind the cut"
    }
    if view.final == nil, let loss = loss(of: view) {
      return "no final response is in the capture, which \(loss == .loss ? "lacks packets" : "was cut") there and then"
    }
    if view.request.map({ flow.messages[$0].message.isTruncated }) ?? false {
      return "the capture cut the packets: whose answers it holds, and what they grant, stands behind the cut"
    }
    return flow.startSeen
      ? "the capture ends before a final response was due" : "the capture begins after the start of this registration"
  }

  /// While a response was due.
  private func loss(of view: RoundView) -> Unobservable? {
    guard let request = view.request else { return nil }
    let start = flow.messages[request].time
    return flow.loss(on: Hop.sip[min(view.depth, 2)], from: start, to: start + flow.customs.timers.finalResponse)
  }

  // MARK: reading the flow

  private var lastView: RoundView? {
    flow.rounds.isEmpty || flow.kind == .networkDeregistration ? nil : flow.lastView
  }

  private var hopName: String { flow.place ?? "SIP" }

  private func roundMessages(_ round: Int) -> [Int] {
    flow.rounds[round].transactions.flatMap { flow.transactions[$0].requests + flow.transactions[$0].responses }
  }

  private func status(_ index: Int) -> String {
    guard let sip = flow.messages[index].sip else { return "" }
    let reason = sip.reason?.string ?? ""
    return reason.isEmpty ? "\(sip.status ?? 0)" : "\(sip.status ?? 0) \(reason)"
  }

  private func frame(_ index: Int) -> String { frame(flow.messages[index].message) }

  private func frame(_ message: Message) -> String { flow.frameText(message) }

  private func result(_ index: Int) -> String { flow.messages[index].message.diameter?.resultText ?? "no result" }

  private var lastResult: String? { flow.exchanges.last?.answer.map { result($0) } }

  private var failedAnswer: Int? {
    let deciding = flow.decidingExchanges(of: flow.kind == .networkDeregistration ? nil : flow.rounds.indices.last)
    return deciding.filter { !flow.isTooLate($0) }.compactMap(\.answer).last { index in
      flow.messages[index].message.diameter.map { !$0.isSuccess } ?? false
    }
  }

  /// Refused is what a REGISTER responded to a challenge.
  private func isAnswerToChallenge(_ refusal: Int) -> Bool {
    guard flow.messages[refusal].status == 403, let request = flow.request(of: refusal) else { return false }
    let given = flow.messages[request].authentication
    return given.responds && !given.resynchronises && !flow.answersChallengeOfBefore(request)
  }

  /// Its sender may have passed it on from nodes that no capture point shows.
  private func hiddenBehind(_ refusal: Int) -> String? {
    if !flow.mayHavePassedOn(refusal) { return nil }
    let isAsked = flow.messages[refusal].from == .icscf && flow.view(of: .c1).state != .blind
    if isAsked { return "whether an S-CSCF told it to" }
    let round = flow.index.transaction(of: refusal).map { flow.transactions[$0].round }
    let wentOn = flow.messages[refusal].from == .pcscf && round.map(flow.wentOn) ?? false
    return wentOn ? "what the nodes behind it answered" : "what lies behind it"
  }

  /// A final response that was sent toward the node that gave up.
  private func unrelayed(_ origin: Int, _ round: Int) -> Int? {
    guard let hop = flow.messages[origin].hop, let node = flow.messages[origin].from else { return nil }
    return flow.rounds[round].transactions.map { flow.transactions[$0] }
      .filter { $0.hop > hop }.flatMap(\.responses)
      .filter {
        (flow.messages[$0].sip?.status ?? 0) >= 200 && isGivingUp(origin) && flow.messages[$0].from != node
      }
      .min { (flow.messages[$0].hop ?? .h2, $0) < (flow.messages[$1].hop ?? .h2, $1) }
  }

  private func isGivingUp(_ index: Int) -> Bool {
    [408, 480, 500, 503, 504].contains(flow.messages[index].sip?.status ?? 0)
  }

  private func deepestUnanswered(in round: Int) -> Hop? {
    flow.rounds[round].transactions.map { flow.transactions[$0] }
      .filter { transaction in
        !transaction.requests.isEmpty
          && !transaction.responses.contains { (flow.messages[$0].sip?.status ?? 0) >= 200 }
      }.map(\.hop).max()
  }

  /// The final response that came to the node which owed one on this hop.
  private func answer(behind hop: Hop, in round: Int) -> Int? {
    guard let next = Hop.sip.first(where: { $0 > hop }) else { return nil }
    return flow.rounds[round].transactions.lazy.map { flow.transactions[$0] }.filter { $0.hop == next }
      .flatMap(\.finals).first
  }

  private func silentHop(in round: Int) -> Hop? { deepestUnanswered(in: round) }
}
