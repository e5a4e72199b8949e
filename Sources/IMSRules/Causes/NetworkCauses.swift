import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

// What failed below SIP: the bearer, DNS, what carries messages, the security association.

extension CauseFinder {
  mutating func findNetwork() {
    if let lost = violation(of: .NET002, anywhere: true) {
      add(.bearer, .shown, "the bearer went during the registration: \(lost.message)", at: lost.messages)
    }
    if let failed = violation(of: .NET006, anywhere: true) {
      add(.dns, .shown, "\(failed.message): \(failed.observed)", at: failed.messages)
    }
    findTransport()
    if flow.outcome == .abandoned { findSilentUE() }
    findSecurity()
  }

  private mutating func findTransport() {
    if let failure = flow.failure {
      let hit = violation(of: .NET008)
      let place = hit?.messages.first.map { " on \(hop($0))" } ?? ""
      add(
        .transport, .shown, (hit?.message ?? "the way to a node was closed") + place, at: hit?.messages ?? [],
        frames: [flow.recorders.first(of: failure.firstSighting)])
    }
    let end = refusal.map { flow.messages[$0].time } ?? .distantFuture
    let lost = flow.lost.filter { isInLastRound($0.message) && flow.messages[$0.message].time <= end }
    // Where it stopped is what it failed for.
    let stop = flow.stop.flatMap { stop in lost.last { $0.message == stop.message } }
    if let last = stop ?? lost.last {
      let more = lost.count > 1 ? ", one of \(lost.count) messages that were lost on the way" : ""
      let others = lost.reversed().map(\.message).filter { $0 != last.message }
      add(
        .transport, .shown,
        "the \(name(last.message)) left the \(last.from.rawValue) on \(last.hop.rawValue) and never reached the "
          + "\(last.to.rawValue)\(more)", at: [last.message] + others)
    }
    if flow.outcome == .unanswered, let lost = flow.lostAnswer {
      add(
        .transport, .shown,
        "the \(name(lost)) left the \(node(lost)) on \(hop(lost)) and never reached the capture point nearest to the UE",
        at: [lost])
    }
    // A provisional response says that it came.
    guard let silent = silentTransaction, silent.hop < .h2, silent.responses.isEmpty, let request = silent.requests.last
    else { return }
    add(
      .transport, .possible,
      "the REGISTER left the \(node(request)) on \(silent.hop.rawValue) and got no answer; whether it reached the "
        + "\(silent.hop.ends.server.rawValue) was not observable", at: [request])
  }

  /// The transaction farthest in that got no final answer.
  var silentTransaction: Transaction? {
    guard let round else { return nil }
    return flow.rounds[round].transactions.map { flow.transactions[$0] }
      .filter { $0.finals.isEmpty && !$0.requests.isEmpty }.max { $0.hop < $1.hop }
  }

  /// Challenged, and nothing came.
  private mutating func findSilentUE() {
    guard let round else { return findSilentUEBehindCx() }
    let challenges = flow.rounds[round].transactions.flatMap { flow.transactions[$0].finals }.filter {
      [401, 407].contains(flow.messages[$0].status)
    }
    guard let told = challenges.min(by: { (flow.messages[$0].hop ?? .h2) < (flow.messages[$1].hop ?? .h2) }) else {
      return
    }
    if flow.failure != nil { return }
    if flow.isAskedAgain(behind: told) {
      add(
        .transport, .indicated,
        "the UE sent its REGISTER again when the \(name(told)) had left the \(node(told)) on H0, as if that had not come",
        at: [told])
      return add(
        .noAnswer, .possible, "the UE did not answer the \(name(told)); whether that reached it was not observable",
        at: [told])
    }
    if flow.seenAt == .h0 {
      return add(
        .noAnswer, .indicated, "the UE was challenged with \(name(told)) on H0 and did not answer that",
        at: [told])
    }
    add(
      .noAnswer, .possible,
      "no REGISTER came after the \(name(told)) on \(hop(told)); whether the UE sent one was not observable", at: [told]
    )
  }

  /// The HSS alone was captured: a vector was fetched, and no assignment followed.
  private mutating func findSilentUEBehindCx() {
    if let request = flow.authenticationTimeout {
      return add(.noAnswer, .indicated, "the S-CSCF told the HSS that the authentication timed out", at: [request])
    }
    guard
      let vector = flow.exchanges.lastIndex(where: {
        $0.answer.map { flow.messages[$0].command == .multimediaAuth } ?? false
      }),
      let answer = flow.exchanges[vector].answer
    else { return }
    if flow.exchanges[(vector + 1)...].contains(where: { $0.hop == .c1 }) {
      return add(
        .response, .possible,
        "the I-CSCF asked again after the vector was fetched, and no SAR followed: what the UE answered was not observable",
        at: [answer])
    }
    add(
      .noAnswer, .possible, "a vector was fetched and no SAR followed; what the UE did was not observable", at: [answer]
    )
  }

  private mutating func findSecurity() {
    findClosedAnswer()
    // Where something behind the P-CSCF got the answer to the challenge, or refused, the agreement did its work.
    guard flow.outcome == .abandoned || !passed(.h1), refusal.map({ flow.messages[$0].from == .pcscf }) ?? true else {
      return
    }
    findBrokenAgreement(refusal == nil ? .indicated : .shown)
    findDiscarded()
  }

  /// What is wrong with what UE and P-CSCF offered each other, and with what came of it.
  private mutating func findBrokenAgreement(_ evidence: FailureCause.Evidence) {
    for rule in [Rule.SEC002, .SEC005, .SEC006, .SEC009, .SEC007, .SEC001] {
      let broken = violation(of: rule, anywhere: true) { $0.severity == nil || $0.severity == .error }
      guard let broken else { continue }
      return add(.ipsec, evidence, "\(broken.message) (\(rule.id))", at: broken.messages)
    }
  }

  /// What came through an association and had no effect: a host discards what does not fit (RFC 4303 §3.4).
  private mutating func findDiscarded() {
    guard flow.outcome == .unanswered, let silent = silentTransaction, silent.hop == .h0, silent.responses.isEmpty,
      let request = silent.requests.last, !flow.isLost(request), flow.travelsInAssociation(request)
    else { return }
    let spi = flow.messages[request].message.sightings.lazy.map(\.spi).first { $0 != 0 }
    let offered = flow.securityOffers.flatMap(\.server).compactMap(\.spiS)
    let said = "the REGISTER came on H0 through the security association"
    if let spi, !offered.isEmpty, !offered.contains(spi) {
      return add(
        .ipsec, .shown,
        "\(said) \(spi), which the P-CSCF had not named: \(offered.map { "spi-s \($0)" }.joined(separator: ", "))",
        at: [request])
    }
    if let obstacle = obstacle(to: .h1, since: request) {
      return add(
        .ipsec, .possible, "\(said) and got no answer; whether it went on was not observable: \(obstacle.meaning)",
        at: [request])
    }
    add(
      .ipsec, .indicated, "\(said), and nothing of it went on or was answered: as a packet that the P-CSCF discards",
      at: [request])
  }

  /// The answer to the challenge went into ESP, and nothing of it came out behind the P-CSCF.
  mutating func findClosedAnswer() {
    // Whether the UE went on was not seen.
    if !flow.hasClosedAnswer, flow.outcome == .partial { return findBrokenAgreement(.possible) }
    guard flow.hasClosedAnswer,
      let challenge = flow.messages.indices.last(where: {
        flow.messages[$0].hop == .h0 && flow.messages[$0].status == 401
      }),
      flow.obstacle(to: .h1, from: flow.messages[challenge].time, for: flow.customs.timers.finalResponse) == nil
    else { return }
    add(
      .ipsec, .indicated,
      "ESP followed the \(name(challenge)) on H0, and the P-CSCF sent nothing on H1 after that; what the ESP holds was not readable",
      at: [challenge])
  }
}
