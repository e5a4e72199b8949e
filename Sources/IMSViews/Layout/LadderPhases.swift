import IMSAccess
import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP

// MARK: - Phases

/// Which round a message belongs to, and what the rounds are called.
struct Phases {
  /// By index of the message; nil where there is no round.
  var round: [Int?]
  var titles: [String] = []

  init(_ flow: Flow) {
    round = [Int?](repeating: nil, count: flow.messages.count)
    for (number, one) in flow.rounds.enumerated() {
      for transaction in one.transactions.map({ flow.transactions[$0] }) {
        for index in transaction.requests + transaction.responses { round[index] = number }
      }
      for exchange in one.exchanges.map({ flow.exchanges[$0] }) {
        for index in [exchange.request, exchange.answer].compactMap(\.self) { round[index] = number }
      }
      let isGranted = flow.messages.indices.contains {
        round[$0] == number && flow.messages[$0].step?.hasPrefix("E") == true
      }
      let isAnswered = one.transactions.contains { transaction in
        flow.transactions[transaction].finals.contains { (200..<300).contains(flow.messages[$0].status) }
      }
      titles.append(
        Phases.title(flow.kind, one.cseqText, isAuthenticated: isGranted, isGranted: isAnswered && isGranted))
    }
    for index in flow.messages.indices where round[index] == nil {
      round[index] = flow.rounds.lastIndex { $0.start <= flow.messages[index].time }
    }
    if flow.kind == .thirdParty || flow.kind == .networkDeregistration { round = round.map { _ in nil } }
  }

  static func accessTitle(_ placed: FlowMessage) -> String {
    guard let gtp = placed.message.access?.gtp else { return "P-CSCF Discovery" }
    return gtp.type.version == 1 ? "PDP Context Activation" : "PDN Connection"
  }

  private static func title(_ kind: Flow.Kind, _ cseq: String, isAuthenticated: Bool, isGranted: Bool) -> String {
    let what = kind == .deregistration ? "De-registration" : kind == .refresh ? "Re-registration" : "Registration"
    let credentials = isAuthenticated ? "Authenticated" : "Unauthenticated"
    return "\(credentials) IMS \(what)\(isGranted ? "" : " Attempt")\(cseq)"
  }
}

// MARK: - Security associations

extension LadderLayout {
  /// What the two ends agreed on before the round that is protected by it; nil where nothing was agreed on in sight. The
  /// agreement itself has no messages.
  static func agreement(before round: Int, in flow: Flow) -> String? {
    guard round > 0 else { return nil }
    let responses = flow.rounds[round - 1].transactions.map { flow.transactions[$0] }.filter { $0.hop == .h0 }
      .flatMap(\.finals)
    let chosen = flow.securityOffers.first { responses.contains($0.challenge) }?.chosen
    let first = responses.lazy.flatMap { flow.messages[$0].sip?.securityServer ?? [] }.first
    guard let server = chosen ?? first else { return nil }
    let ciphers = [server.mechanism, server.alg, server.ealg].compactMap { $0?.string }.joined(separator: ", ")
    let ports = [server.portC.map { "client port \($0)" }, server.portS.map { "server port \($0)" }].compactMap(\.self)
    return "\(ciphers)" + (ports.isEmpty ? "" : "; P-CSCF \(ports.joined(separator: ", "))")
  }
}
