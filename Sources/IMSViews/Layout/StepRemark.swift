import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

/// What a step of the documented sequence is for, and what this capture shows of it.
enum StepRemark {
  /// Of a message that was captured; empty where there is nothing to say.
  static func text(_ index: Int, in flow: Flow) -> String {
    let placed = flow.messages[index]
    let said = joined(shown(index, in: flow) + delay(index, in: flow))
    let meaning =
      placed.step.map { exception(placed, $0, in: flow) ?? purpose(of: $0, isReply: !placed.asks) }
      ?? provisional(placed)
    return [meaning, said.isEmpty ? "" : "Here: \(said)."].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// Where the message says something else than its step does as a rule.
  private static func exception(_ placed: FlowMessage, _ step: String, in flow: Flow) -> String? {
    if let diameter = placed.message.diameter {
      if diameter.isUndelivered { return "An agent answers in place of the HSS." }
      if !diameter.isRequest {
        if !diameter.isSuccess { return "The HSS refuses." }
        return diameter.command == .serverAssignment && diameter.first(.userData) == nil ? "The HSS has noted it." : nil
      }
      switch diameter.serverAssignmentType {
      case 4, 5, 8, 11: return "The S-CSCF tells the HSS that it serves the user no more."
      case 6, 7: return "The S-CSCF tells the HSS that the user is gone, and asks to stay the S-CSCF of the user."
      case 9: return "The S-CSCF tells the HSS that the user did not prove who it is."
      case 10: return "The S-CSCF tells the HSS that the user did not answer in time."
      default: return nil
      }
    }
    guard let sip = placed.sip else { return nil }
    let ends = flow.kind == .deregistration
    switch step {
    case "B1":
      if placed.authentication.responds { return "The UE asks for the registration, and proves who it is." }
      return ends ? "The UE asks to be registered no more." : nil
    case "E1" where ends && flow.rounds.count == 1: return "The UE asks to be registered no more, and proves who it is."
    case "C3" where sip.wwwAuthenticate.first?.isAKA != true: return "The P-CSCF passes the challenge on."
    case "E6" where ends: return "The S-CSCF has let the contact go."
    case "E8" where ends: return "The UE is registered no more."
    default: return nil
    }
  }

  /// Of a step alone.
  static func purpose(of step: String, isReply: Bool) -> String {
    switch step {
    case "A5": "The network is asked for a bearer and for the address of a P-CSCF."
    case "A6": "The gateway gives an address and names its P-CSCFs."
    case "A8": isReply ? "The P-CSCFs of this network." : "The UE asks for a P-CSCF."
    case "B1": "The UE asks to be registered; it has nothing to prove yet who it is."
    case "B2": isReply ? "Where the home network is." : "The P-CSCF looks for the home network of the user."
    case "B3": "The P-CSCF puts itself into Via and Path and sends the request to the home network."
    case "B4":
      isReply
        ? "The HSS names the S-CSCF, or what it has to be capable of."
        : "The I-CSCF asks whether the user may register here and who serves him."
    case "B5": isReply ? "Where the S-CSCF is." : "The I-CSCF looks for the S-CSCF that it chose."
    case "B6": "The I-CSCF sends the request to the S-CSCF that it chose."
    case "B7": isReply ? "The HSS gives authentication vectors." : "The S-CSCF asks for authentication vectors."
    case "C1": "The S-CSCF challenges the UE."
    case "C2": "The I-CSCF takes its Via off and passes the challenge on."
    case "C3": "The P-CSCF passes the challenge on; keys in it are for the P-CSCF alone."
    case "E1": "The UE answers the challenge."
    case "E2": "The P-CSCF passes the answer on and says how it came."
    case "E3": isReply ? "The HSS names the S-CSCF again." : "The I-CSCF asks once more who serves the user."
    case "E4": "The request has to reach the S-CSCF that challenged."
    case "E5":
      isReply
        ? "The HSS gives the profile of the user." : "The S-CSCF tells the HSS that it serves the user now."
    case "E6": "The S-CSCF has bound the contact and says for how long."
    case "E7": "The I-CSCF takes its Via off and passes the answer on."
    case "E8": "The UE is registered."
    case "B8": "The first S-CSCF does not serve the user."
    case "B9": isReply ? "What an S-CSCF has to be capable of." : "The I-CSCF asks for capabilities, to choose anew."
    case "B10": "The I-CSCF tries the next S-CSCF, in a branch of its own."
    default: purposeBesides(step, isReply: isReply)
    }
  }

  /// What ends a registration, and what follows one.
  private static func purposeBesides(_ step: String, isReply: Bool) -> String {
    switch step {
    case "R1": "The S-CSCF refuses."
    case "R2": "The refusal goes back to the P-CSCF."
    case "R3": "The UE is told that it is refused."
    case "T1": isReply ? "It is noted." : "Who holds the registration, or answers for it, ends it."
    case "T2": isReply ? "It is noted." : "Whoever subscribed is told what became of the registration."
    case "F1": "The S-CSCF tells an application server of the registration."
    case "F2": "The application server has noted it."
    case "F3": isReply ? "The subscription stands." : "The UE subscribes to what becomes of its registration."
    case "F5": isReply ? "The subscription stands." : "The P-CSCF subscribes to what becomes of the registration."
    case "F4", "F6": isReply ? "It is noted." : "The state of the registration as the S-CSCF has it."
    default: ""
    }
  }

  private static func provisional(_ placed: FlowMessage) -> String {
    (100..<200).contains(placed.status) ? "The next node has the request: no need to send it again." : ""
  }

  private static func joined(_ parts: [String]) -> String { parts.filter { !$0.isEmpty }.joined(separator: ", ") }

  // MARK: what the capture shows

  private static func shown(_ index: Int, in flow: Flow) -> [String] {
    let placed = flow.messages[index]
    let times = placed.message.transmissions.count
    let sent = times > 1 ? ["sent \(times) times"] : []
    if let sip = placed.sip { return shown(sip, request(of: index, in: flow).flatMap { flow.messages[$0].sip }) + sent }
    if let diameter = placed.message.diameter { return shown(diameter) + sent }
    return sent
  }

  private static func shown(_ sip: SIPMessage, _ request: SIPMessage?) -> [String] {
    if sip.isRequest {
      guard sip.method == .register else { return [] }
      let credentials = sip.authorization.first
      let proof =
        credentials == nil
        ? "no credentials" : (credentials?.response?.isEmpty ?? true) ? "credentials without a response" : "a response"
      let expiry = sip.requestedExpiry.map { $0 == 0 ? "de-registration" : "asks for \($0) s" } ?? ""
      return [counted(sip.via.count, "Via", plural: "Vias"), expiry, proof]
    }
    let schemes = sip.wwwAuthenticate.map { $0.algorithm?.string ?? "no algorithm" }
    let expiry = sip.status == 200 ? sip.grantedExpiry(to: request).map { "granted for \($0) s" } ?? "" : ""
    return [schemes.first ?? "", expiry]
  }

  private static func shown(_ diameter: DiameterMessage) -> [String] {
    let name = diameter.serverName.map { "S-CSCF \($0.string)" } ?? ""
    let assignment = diameter.isRequest ? diameter.serverAssignmentType.map { "assignment type \($0)" } ?? "" : ""
    let capabilities = diameter.serverCapabilities != nil ? "capabilities" : ""
    return [diameter.isRequest ? "" : diameter.resultText ?? "no result", name, capabilities, assignment]
  }

  /// How long the answer took, from the first request of its transaction.
  private static func delay(_ index: Int, in flow: Flow) -> [String] {
    let placed = flow.messages[index]
    if placed.asks { return [] }
    return request(of: index, in: flow).map { ["after \(TimeText.duration(placed.time - flow.messages[$0].time))"] }
      ?? []
  }

  /// The first request of its transaction, or what it answers on Cx.
  private static func request(of index: Int, in flow: Flow) -> Int? {
    if let number = flow.index.transaction(of: index) { return flow.transactions[number].requests.first }
    return flow.exchanges.first { $0.answer == index }?.request
  }
}
