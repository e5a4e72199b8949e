import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules
import IMSWire

extension FlowReport {
  func writeFields(_ json: inout JSONWriter) {
    json.field("id", id)
    json.field("kind", flow.kind.rawValue)
    json.field("mechanism", flow.mechanism.rawValue)
    json.field("outcome", flow.outcome.rawValue)
    json.field("seenAt", flow.seenAt?.rawValue)
    json.field("finalStatus", flow.finalStatus)
    json.field("verdict", verdict.rawValue)
    json.field("cause", flow.cause)
    if !causes.isEmpty { json.field("causes", causes) { json, cause in json.object(cause.writeFields) } }
    json.field("stoppedAt", flow.stoppedAt)
    if let stop = flow.stop { json.field("stop", stop.writeFields) }
    if !flow.variants.isEmpty { json.field("variants", flow.variants) { $0.string($1.rawValue) } }
    json.field("impi", flow.impi)
    json.field("impu", flow.impu)
    json.field("callIds", flow.callIDs) { $0.string($1) }
    json.field("sessionIds", flow.sessionIDs) { $0.string($1) }
    json.field("start", flow.start)
    json.field("end", flow.end)
    json.key("durationMs")
    json.raw(TimeText.milliseconds(flow.end - flow.start))
    json.field("parties", flow.parties) { json, party in json.object(party.writeFields) }
    json.field("messages", flow.messages.enumerated()) { json, item in
      json.object { json in item.element.writeFields(id: item.offset, flow.recorders, &json) }
    }
    json.field("deviations", flow.deviations) { json, deviation in json.object(deviation.writeFields) }
    json.field("findings", findings) { json, finding in json.object(finding.writeFields) }
    if !suppressed.isEmpty {
      json.field("suppressed", suppressed) { json, accepted in json.object(accepted.writeFields) }
    }
    if let proof { json.field("proof", proof.writeFields) }
    json.field("passed", passed) { $0.string($1) }
    json.field("notApplicable", notApplicable) { $0.string($1) }
    json.field("notObservable", notObservable) { json, item in
      json.object { json in
        json.field("rule", item.rule)
        json.field("reason", item.reason.rawValue)
        json.field("hop", item.hop?.rawValue)
      }
    }
  }
}

extension KeyProof {
  /// Differences of sequence numbers, not the numbers: these would tell AK.
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("verdict", verdict.rawValue)
    json.field("text", text)
    json.field("challenges", challenges) { json, challenge in json.object(challenge.writeFields) }
    if !resynchronisations.isEmpty {
      json.field("resynchronisations", resynchronisations) { json, auts in
        json.object { json in
          json.field("message", auts.message)
          json.field("mac", auts.mac)
          json.field("ahead", auts.ahead)
        }
      }
    }
  }
}

extension KeyProof.Challenge {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("message", message)
    json.field("amf", amfText)
    for (name, follows) in [("mac", mac), ("xres", xres), ("keys", keys), ("response", response)] {
      if let follows { json.field(name, follows) }
    }
    json.field("step", step)
  }
}

extension FailureCause {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("id", id.rawValue)
    json.field("domain", id.domain)
    json.field("evidence", evidence.rawValue)
    json.field("sentence", sentence)
    json.field("messages", messages) { $0.number($1) }
    json.field("frames", frames) { json, frame in json.frame(frame) }
  }
}

extension Stop {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("reason", reason.rawValue)
    json.field("obstacle", obstacle?.rawValue)
    json.field("last", last.writeFields)
    json.field("message", message)
    json.field("next", next.writeFields)
  }
}

extension Stop.Place {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("step", step)
    json.field("hop", hop.rawValue)
    json.field("label", label)
    json.field("from", from.rawValue)
    json.field("to", to.rawValue)
  }
}

extension Party {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("role", role.rawValue)
    json.field("address", address)
    json.field("port", port)
    json.field("transport", transport?.jsonName)
    json.field("name", name)
    json.field("basis", basis)
  }
}

extension Deviation {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("kind", kind.rawValue)
    if !step.isEmpty { json.field("step", step) }
    if !clause.isEmpty {
      json.field("clauses", Clause.list(clause)) { json, clause in json.object(clause.writeFields) }
    }
    json.field("hop", hop.rawValue)
    json.field("from", from.rawValue)
    json.field("to", to.rawValue)
    json.field("label", label)
    json.field("message", message)
  }
}

extension Finding {
  func writeFields(_ json: inout JSONWriter) {
    json.field("rule", rule)
    json.field("severity", severity.rawValue)
    json.field("title", title)
    json.field("message", message)
    json.field("messages", messages) { $0.number($1) }
    json.field("frames", frames) { json, frame in json.frame(frame) }
    json.field("observed", observed)
    json.field("expected", expected)
    json.field("clauses", clauses) { json, clause in json.object(clause.writeFields) }
  }
}

extension Clause {
  func writeFields(_ json: inout JSONWriter) {
    json.field("spec", spec)
    json.field("clause", clause)
  }
}

extension Suppressed {
  /// A finding, who accepts it, and why.
  func writeFields(_ json: inout JSONWriter) {
    finding.writeFields(&json)
    json.field("by", by.rawValue)
    json.field("reason", reason)
  }
}

extension Transport {
  var jsonName: String {
    switch self {
    case .udp: "UDP"
    case .tcp: "TCP"
    case .sctp: "SCTP"
    }
  }
}
