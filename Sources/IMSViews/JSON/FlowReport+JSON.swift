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
    json.field("stoppedAt", flow.stoppedAt)
    if !flow.variants.isEmpty { json.field("variants", flow.variants) { $0.string($1.rawValue) } }
    json.field("impi", flow.impi?.string)
    json.field("impu", flow.impu?.string)
    json.field("callIds", flow.callIDs) { $0.string($1.string) }
    json.field("sessionIds", flow.sessionIDs) { $0.string($1.string) }
    json.field("start", TimeText.iso(flow.start))
    json.field("end", TimeText.iso(flow.end))
    json.key("durationMs")
    json.raw(TimeText.milliseconds(flow.end - flow.start))
    json.field("parties", flow.parties) { json, party in json.object(party.writeFields) }
    json.field("messages", flow.messages.enumerated()) { json, item in
      json.object { json in item.element.writeFields(id: item.offset, &json) }
    }
    json.field("deviations", flow.deviations) { json, deviation in json.object(deviation.writeFields) }
    json.field("findings", findings) { json, finding in json.object(finding.writeFields) }
    if !suppressed.isEmpty {
      json.field("suppressed", suppressed) { json, accepted in json.object(accepted.writeFields) }
    }
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

extension Party {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("role", role.rawValue)
    json.field("address", address.description)
    json.field("port", port)
    json.field("transport", transport?.jsonName)
    json.field("name", name?.string)
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
