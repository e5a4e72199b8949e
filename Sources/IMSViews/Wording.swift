import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire

// The words that several text views share.

extension Flow.Kind {
  var title: String {
    switch self {
    case .initial: "initial"
    case .refresh: "refresh"
    case .deregistration: "de-registration"
    case .networkDeregistration: "network de-reg."
    case .thirdParty: "third-party"
    case .emergency: "emergency"
    case .fetch: "fetch"
    case .unknown: "unknown kind"
    }
  }
}

extension Flow.Outcome {
  var paint: Paint { isGood ? .green : .red }
}

extension Flow {
  var duration: Interval { end - start }

  /// "rejected 403 on H0".
  func outcomeText(_ style: Style) -> String {
    style.paint(outcome.rawValue, outcome.paint) + statusText
  }

  /// " 403 on H0", with its leading space; empty when nothing was read.
  var statusText: String {
    let status = finalStatus.map { " \($0)" } ?? ""
    return status + (place.map { " on \($0)" } ?? "")
  }

  var mechanismText: String { mechanism == .unknown ? "mechanism unknown" : mechanism.rawValue }

  var identity: String { impu?.string ?? impi?.string ?? "unknown user" }

  /// A second input took part, so frame numbers need the number of theirs.
  var namesInputs: Bool { messages.contains { $0.message.leavesFirstInput(recorders) } }

  /// "12", or "1:12" when inputs are named: the first frame of the earliest sighting.
  func firstFrame(of message: Message, naming inputs: Bool) -> String {
    FrameText.of(recorders.first(of: message.firstSighting), naming: inputs)
  }

  func firstFrame(of message: Message) -> String { firstFrame(of: message, naming: namesInputs) }
}

extension Message {
  /// "SIP", "Diameter", "DNS", "GTPv2-C", "DHCP".
  var protocolName: String {
    switch body {
    case .sip: "SIP"
    case .diameter: "Diameter"
    case .dns: "DNS"
    case .access(let access): access.protocolName
    case .event(let event): event.protocolName
    }
  }

  /// The label in full: "REGISTER sip:hims.net (CSeq 1)", "401 Unauthorized (CSeq 1 REGISTER)", "UAA exp 2001 …".
  var label: String {
    switch body {
    case .sip(let sip):
      let isCut = isTruncated && !sip.showsWhole(.cseq)
      guard let status = sip.status else {
        return "\(sip.methodName) \(sip.requestURI?.string ?? "")" + (isCut ? "" : " (CSeq \(sip.keys.cseq))")
      }
      let reason = sip.reason?.string ?? ""
      return "\(status)\(reason.isEmpty ? "" : " " + reason)"
        + (isCut ? "" : " (CSeq \(sip.keys.cseq) \(sip.methodName))")
    case .diameter(let diameter):
      return diameter.name + (diameter.isRequest ? "" : diameter.resultText.map { " " + $0 } ?? " without result")
    case .dns(let dns): return dns.summary
    case .access(let access): return access.summary
    case .event(let event):
      return "\(event.name): \(event.source) → \(event.destination) over \(event.transport.jsonName)"
    }
  }

  /// Labels for an arrow, the longest first.
  var arrowLabels: [String] {
    switch body {
    case .sip(let sip):
      guard let status = sip.status else {
        return isTruncated && !sip.showsWhole(.cseq)
          ? [sip.methodName] : ["\(sip.methodName) \(sip.keys.cseq)", sip.methodName]
      }
      let reason = sip.reason?.string ?? ""
      return reason.isEmpty
        ? ["\(status)"] : ["\(status) \(reason)"] + (Message.brief(reason).map { ["\(status) \($0)"] } ?? [])
    case .diameter(let diameter):
      guard !diameter.isRequest else { return [diameter.name] }
      guard let result = diameter.resultText else { return [diameter.name] }
      let short = result.split(separator: " ").prefix(result.hasPrefix("exp ") ? 2 : 1).joined(separator: " ")
      let labels = ["\(diameter.name) \(result)", "\(diameter.name) \(short)"]
      return labels + (short.hasPrefix("exp ") ? ["\(diameter.name) \(short.dropFirst(4))"] : [])
    case .dns(let dns):
      let type = dns.question?.type.name ?? "DNS"
      guard dns.isResponse else { return [dns.summary, "\(type) \(dns.question?.name.string ?? "")", "\(type)?"] }
      guard dns.responseCode == .noError else { return [dns.summary, dns.responseCode.name] }
      let count = dns.answers.count { $0.type == dns.question?.type }
      let brief = "\(type): \(count) record\(count == 1 ? "" : "s")"
      let bare = dns.summary.hasPrefix("DNS answer ") ? String(dns.summary.dropFirst(11)) : dns.summary
      return [dns.summary, bare, brief, type]
    case .access(let access): return access.arrowLabels
    case .event(let event): return [event.name]
    }
  }

  /// The words of a long reason phrase as far as they need few characters; nil for a short one.
  private static func brief(_ reason: String) -> String? {
    if reason.count <= 24 { return nil }
    var brief = ""
    for word in reason.split(separator: " ").prefix(4) where word != "-" {
      if brief.count + 1 + word.count > 18 { break }
      brief += (brief.isEmpty ? "" : " ") + word
    }
    return brief.isEmpty ? nil : brief + "…"
  }

  /// Some frame of it lies in another input than the first.
  func leavesFirstInput(_ recorders: Recorders) -> Bool {
    var leaves = false
    forEachSighting { leaves = leaves || recorders.leavesFirstInput($0) }
    return leaves
  }
}

extension AccessMessage {
  /// "Create Session Request", "Create Session", "Session?": what it says stands behind the lanes.
  fileprivate var arrowLabels: [String] {
    guard gtp != nil else { return [name] }
    let short = [" Request", " Response"].reduce(name) { $0.replacing($1, with: "") }
    let noun = short.split(separator: " ").dropFirst().first ?? ""
    return [name, short, "\(noun)\(isRequest ? "?" : "")"]
  }
}

enum FrameText {
  static func of(_ frame: IssueLog.FrameReference, naming inputs: Bool) -> String {
    inputs ? "\(frame.input):\(frame.frame)" : "\(frame.frame)"
  }

  /// "frame 12", "frames 12, 15 and 4 more"; empty for none.
  static func list(_ frames: [IssueLog.FrameReference], naming inputs: Bool, limit: Int = 6) -> String {
    guard !frames.isEmpty else { return "" }
    let shown = frames.prefix(limit).map { of($0, naming: inputs) }.joined(separator: ", ")
    let more = frames.count > limit ? " and \(frames.count - limit) more" : ""
    return "\(frames.count == 1 ? "frame" : "frames") \(shown)\(more)"
  }
}

extension Deviation {
  /// "E3 UAR (I-CSCF → HSS)".
  var place: String {
    let name = step.isEmpty ? label : "\(step) \(label)"
    return "\(name) (\(from.rawValue) → \(to.rawValue))"
  }

  var clauseText: String { Clause.text(of: clause) }

  var word: String {
    switch kind {
    case .missing: "missing"
    case .extra: "extra"
    case .outOfOrder: "out of order"
    case .wrongPeer: "wrong peer"
    case .stoppedHere: "stopped here"
    }
  }
}

extension Clause {
  /// "TS 24.229 §5.2.2.2, §7.2A.1, TS 33.203 §6.1.1": the document once for clauses in a row.
  static func list(_ clauses: [Clause]) -> String {
    clauses.enumerated().map { number, clause in
      number > 0 && clauses[number - 1].spec == clause.spec ? "§\(clause.clause)" : clause.description
    }.joined(separator: ", ")
  }
}

/// "1 error", "2 errors".
func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}
