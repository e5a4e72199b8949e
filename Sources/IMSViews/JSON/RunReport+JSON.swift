import IMSBytes
import IMSCapture
import IMSFlows
import IMSMessages
import IMSRules
import IMSWire

extension InputReport {
  /// An input that could not be read has its path and `failure` only.
  func writeFields(_ json: inout JSONWriter) {
    json.field("path", path)
    json.field("failure", failure?.reason)
    guard failure == nil else { return }
    json.field("continues", continues)
    json.field("format", format)
    json.field("packets", packets)
    json.field("bytes", bytes)
    json.field("firstTime", firstTime)
    json.field("lastTime", lastTime)
    json.field("interfaces", interfaces.enumerated()) { json, item in
      json.object { json in
        json.field("id", item.offset)
        json.field("name", item.element.name)
        json.field("linkType", item.element.linkType.name)
        json.field("packets", item.element.packets)
      }
    }
    json.field("issues", issues) { json, issue in
      json.object { json in
        json.field("reason", issue.reason)
        json.field("offset", issue.offset)
        if issue.isCompressed { json.field("compressed", true) }
      }
    }
    if furtherIssues > 0 { json.field("furtherIssues", furtherIssues) }
  }
}

extension Coverage {
  /// - Parameters: what was found on the capture as a whole.
  func writeFields(_ json: inout JSONWriter, findings: [Finding], suppressed: [Suppressed]) {
    json.field("frames", frames)
    if filtered > 0 { json.field("filtered", filtered) }
    json.field("messages") { json in
      json.field("sip", messages.sip)
      json.field("diameter", messages.diameter)
      json.field("dns", messages.dns)
      json.field("gtp", messages.gtp)
      json.field("dhcp", messages.dhcp)
    }
    json.field("events", messages.events)
    json.field("copies", messages.copies)
    json.field("retransmissions", messages.retransmissions)
    json.field("notDecoded", notDecoded) { json, item in
      json.object { json in
        json.field("what", item.what)
        json.field("frames", item.frames)
      }
    }
    if !esp.isEmpty { json.field("esp", esp) { json, item in json.object(item.writeFields) } }
    json.field("issues", issues) { json, issue in
      json.object { json in
        json.field("layer", issue.layer)
        json.field("reason", issue.reason)
        json.field("count", issue.count)
        json.field("frames", issue.frames) { json, frame in json.frame(frame) }
      }
    }
    json.field("strays", strays)
    json.field("forgotten") { json in
      for entry in forgotten.sorted(by: { $0.key < $1.key }) { json.field(entry.key, entry.value) }
    }
    json.field("hops", hops.spans) { json, span in json.object(span.writeFields) }
    if !clocks.readings.isEmpty {
      json.field("clocks", clocks.readings) { json, item in json.object(item.writeFields) }
    }
    json.field("findings", findings) { json, finding in json.object(finding.writeFields) }
    if !suppressed.isEmpty {
      json.field("suppressed", suppressed) { json, accepted in json.object(accepted.writeFields) }
    }
  }
}

extension HopCoverage.Span {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("hop", hop.rawValue)
    json.place(point)
    json.field("firstTime", first)
    json.field("lastTime", last)
    json.field("packets", packets)
  }
}

extension Clocks.Reading {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.place(point)
    json.field("state", state.rawValue)
    guard state != .reference else { return }
    json.field("reference") { $0.place(reference) }
    json.key("leastOffsetMs")
    json.raw(TimeText.milliseconds(offset.lowerBound))
    json.key("mostOffsetMs")
    json.raw(TimeText.milliseconds(offset.upperBound))
    json.key("uncertaintyMs")
    json.raw(TimeText.milliseconds(uncertainty))
    if drift != 0 { json.field("driftPpb", drift) }
    json.field("packets", packets)
  }
}

extension Coverage.ESP {
  /// Counts only: the keys have no way into the output.
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("destination", count.destination)
    json.field("spi", count.spi)
    json.field("packets", count.packets)
    json.field("opened", count.opened)
    json.field("verified", count.verified)
    json.field("wrong", count.wrong)
    json.field("opaque", count.opaque)
    json.field("unsupported", count.unsupported)
    if !wrongFrames.isEmpty { json.field("wrongFrames", wrongFrames) { json, frame in json.frame(frame) } }
  }
}

extension RunReport {
  func writeCoverage(_ json: inout JSONWriter) {
    coverage.writeFields(&json, findings: captureFindings, suppressed: suppressedCaptureFindings)
  }

  func writeSummary(_ json: inout JSONWriter) {
    json.field("registrations", registrations)
    json.field("outcomes") { json in
      for outcome in Flow.Outcome.allCases {
        if let count = outcomes[outcome], count > 0 { json.field(outcome.rawValue, count) }
      }
    }
    json.field("findings") { json in
      for severity in Severity.allCases.reversed() { json.field(severity.rawValue, findings[severity] ?? 0) }
    }
    if suppressed > 0 { json.field("suppressed", suppressed) }
    if !unmet.isEmpty { json.field("unmet", unmet) { $0.string($1) } }
    if !staleBaseline.isEmpty { json.field("staleBaseline", staleBaseline) { $0.string($1.description) } }
    if wasInterrupted { json.field("interrupted", true) }
  }
}

extension JSONWriter {
  /// `"input":0,"interface":2`; in a cooked capture the kernel's interface too. The input is that with which the recorder
  /// began, unless another one is named.
  mutating func place(_ point: CapturePoint, input: UInt16? = nil) {
    field("input", input ?? point.input)
    field("interface", point.interface)
    if let agent = point.agent {
      field("agent", agent)
    } else if point.channel != 0 {
      field("channel", point.channel)
    }
  }

  /// `{"input":0,"frame":12}`
  mutating func frame(_ reference: IssueLog.FrameReference) {
    object { json in
      json.field("input", reference.input)
      json.field("frame", reference.frame)
    }
  }
}
