import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension FlowMessage {
  /// No header value but Call-ID, CSeq and branch: key material has no way into the output.
  func writeFields(id: Int, _ recorders: Recorders, _ json: inout JSONWriter) {
    json.field("id", id)
    if let step, !step.isEmpty { json.field("step", step) }
    json.field("hop", hop?.rawValue)
    json.field("protocol", message.protocolName)
    json.field("label", message.jsonLabel)
    if let sip = message.sip { sip.writeKeys(&json, callID: message.callID) }
    if let diameter = message.diameter { diameter.writeKeys(&json) }
    if let access = message.access { access.writeKeys(&json) }
    json.field("correlationId", message.correlation)
    json.field("transport", message.transport.jsonName)
    json.field("from") { $0.end(from, message.source) }
    json.field("to") { $0.end(to, message.destination) }
    json.field("time", message.time)
    json.field("sightings", message.transmissions[0].ordered) { message.write($1, recorders, &$0) }
    json.field("retransmissions", message.retransmissions.flatMap(\.ordered)) { message.write($1, recorders, &$0) }
  }
}

extension Message {
  /// "REGISTER", "401 Unauthorized", "UAR", "UAA 2001 DIAMETER_SUCCESS".
  fileprivate var jsonLabel: String {
    switch body {
    case .sip(let sip):
      guard let status = sip.status else { return sip.methodName }
      let reason = sip.reason?.string ?? ""
      return reason.isEmpty ? "\(status)" : "\(status) \(reason)"
    case .diameter(let diameter):
      return diameter.name + (diameter.resultText.map { " " + $0 } ?? "")
    case .dns(let dns):
      return Text(dns.summary).string
    case .access(let access):
      return access.summary
    case .event(let event):
      return event.name
    }
  }
}

extension SIPMessage {
  fileprivate func writeKeys(_ json: inout JSONWriter, callID: Text?) {
    json.field("callId", callID)
    json.field("cseq", cseq?.number)
    json.field("branch", topVia?.branch)
  }
}

extension DiameterMessage {
  fileprivate func writeKeys(_ json: inout JSONWriter) {
    json.field("sessionId", sessionID)
    json.field("hopByHop", hopByHop)
    json.field("endToEnd", endToEnd)
    json.field("command", command.rawValue)
    json.field("resultCode", resultCode)
    json.field("experimentalResultCode", experimentalResult?.code)
  }
}

extension AccessMessage {
  fileprivate func writeKeys(_ json: inout JSONWriter) {
    json.field("imsi", gtp?.imsi)
    json.field("msisdn", gtp?.msisdn)
    json.field("apn", gtp?.apn)
    json.field("teid", gtp?.teid)
    json.field("sequence", gtp?.sequence)
    json.field("cause", gtp?.cause?.number)
    json.field("transaction", dhcp?.transaction)
    if !addresses.isEmpty { json.field("ueAddresses", addresses) { $0.string($1.description) } }
    if !pcscf.isEmpty { json.field("pcscf", pcscf) { $0.string($1) } }
  }
}

extension Transmission {
  /// By time, whatever the order in which the inputs were read.
  fileprivate var ordered: [Sighting] {
    sightings.sorted { ($0.time, $0.point, $0.frames.first) < ($1.time, $1.point, $1.frames.first) }
  }
}

extension Message {
  fileprivate func write(_ sighting: Sighting, _ recorders: Recorders, _ json: inout JSONWriter) {
    json.object { json in
      sighting.writeFields(recorders, &json)
      let tunnels = tunnels(of: sighting)
      if !tunnels.isEmpty { json.field("tunnels", tunnels) { json, hop in json.object(hop.writeFields) } }
    }
  }
}

extension TunnelHop {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("layer", layer.name)
    json.field("from", source)
    json.field("to", destination)
    if identifier != 0 { json.field("id", identifier) }
  }
}

extension Sighting {
  fileprivate func writeFields(_ recorders: Recorders, _ json: inout JSONWriter) {
    if recorders.isEmpty {
      json.place(point)
      json.field("frames", frames.all) { $0.number($1) }
    } else {
      writeFrames(recorders.all(of: self), &json)
    }
    json.field("time", recorders.stamp(of: self))
    if layers.isWrapped { json.field("layers", layers.text) }
    if spi != 0 { json.field("spi", spi) }
  }

  /// Of a recorder of several files: the input is that of the first frame, the frames of another one follow apart.
  private func writeFrames(_ frames: [IssueLog.FrameReference], _ json: inout JSONWriter) {
    json.place(point, input: frames[0].input)
    json.field("frames", frames.filter { $0.input == frames[0].input }) { $0.number($1.frame) }
    let further = frames.filter { $0.input != frames[0].input }
    if !further.isEmpty { json.field("furtherFrames", further) { json, frame in json.frame(frame) } }
  }
}

extension JSONWriter {
  fileprivate mutating func end(_ role: Role?, _ endpoint: Endpoint) {
    field("role", role?.rawValue)
    field("address", endpoint.address)
    field("port", endpoint.port)
  }
}
