import IMSAccess
import IMSBytes
import IMSDiameter
package import IMSMessages
import IMSSIP
package import IMSWire

/// One sending of a message on a line, as it was captured, and its content in full.
package struct MessageLineView {
  /// - Parameters:
  ///   - transmission: index into `message.transmissions`.
  ///   - number: of the line, from 1.
  ///   - recorders: which files belong to one recorder.
  ///   - interfaceName: how a capture point is called; empty when there is only one.
  package static func line(
    _ message: Message, transmission: Int, number: Int, recorders: Recorders = Recorders(), style: Style,
    interfaceName: (CapturePoint) -> String
  ) -> String {
    let sent = message.transmissions[transmission]
    let ends = "\(end(message.source, message)) → \(end(message.destination, message))"
    var layers = sent.earliest.layers.layers.map(\.name)
    // An event is said by the transport itself.
    if message.event == nil { layers.append(message.protocolName.lowercased()) }
    var parts = [
      Layout.right("\(number)", 5), TimeText.iso(sent.earliest.stamp), "[\(frames(sent, recorders, interfaceName))]",
      ends, layers.joined(separator: "/"), message.label,
    ]
    parts += notes(message, transmission, recorders)
    return style.text(parts.joined(separator: "  "))
  }

  /// ICMP has no ports.
  private static func end(_ endpoint: Endpoint, _ message: Message) -> String {
    switch message.event?.kind {
    case .icmp, .icmpv6: "\(endpoint.address)"
    case .reset, .abort, nil: "\(endpoint)"
    }
  }

  /// "12 pcscf, 13+14 icscf": the frames at every capture point, earliest first.
  private static func frames(
    _ sent: Transmission, _ recorders: Recorders, _ name: (CapturePoint) -> String
  ) -> String {
    ordered(sent.sightings).map { sighting in
      let frames = recorders.all(of: sighting).map { text($0, at: sighting.point) }.joined(separator: "+")
      let place = name(sighting.point)
      return place.isEmpty ? frames : "\(frames) \(place)"
    }.joined(separator: ", ")
  }

  /// "12"; "1:12" for a frame of a file that continues the one by which the capture point is called.
  private static func text(_ frame: IssueLog.FrameReference, at point: CapturePoint) -> String {
    FrameText.of(frame, naming: frame.input != point.input)
  }

  private static func notes(_ message: Message, _ transmission: Int, _ recorders: Recorders) -> [String] {
    var notes: [String] = []
    if let callID = message.callID { notes.append("Call-ID \(callID.string)") }
    if let sessionID = message.diameter?.sessionID { notes.append("Session-Id \(sessionID.string)") }
    if let correlation = message.correlation, correlation != message.callID {
      notes.append("correlation \(correlation.string)")
    }
    notes += ways(message, transmission)
    let copies = message.transmissions[transmission].sightings.count - 1
    if copies > 0 { notes.append("(\(counted(copies, "copy", plural: "copies")))") }
    if transmission > 0 {
      let earliest = message.transmissions[0].earliest
      let first = text(recorders.first(of: earliest), at: earliest.point)
      notes.append("(retransmission \(transmission) of frame \(first))")
    }
    if message.isTruncated { notes.append("(cut by the capture)") }
    return notes
  }

  /// "through gtp 10.4.0.23 → 10.4.0.6 (0x000000fd)": each way through tunnels once, in the order of the frames.
  private static func ways(_ message: Message, _ transmission: Int) -> [String] {
    let sightings = message.transmissions[transmission].sightings.filter { $0.outer != .none }
    if sightings.isEmpty { return [] }
    var ways: [String] = []
    for sighting in ordered(sightings) {
      let hops = message.tunnels(of: sighting).map { hop in
        "\(hop.layer.name) \(hop.source) → \(hop.destination)"
          + (hop.identifier == 0 ? "" : " (0x\(hex(hop.identifier)))")
      }
      let way = "through " + hops.joined(separator: ", ")
      if !ways.contains(way) { ways.append(way) }
    }
    return ways
  }

  private static func ordered(_ sightings: some Sequence<Sighting>) -> [Sighting] {
    sightings.sorted { ($0.time, $0.point, $0.frames.first) < ($1.time, $1.point, $1.frames.first) }
  }

  // MARK: content

  /// Every header or AVP in wire order, indented, a line each with its line end; keys are replaced by their length.
  package static func details(_ message: Message, style: Style) -> String {
    let lines: [String] =
      switch message.body {
      case .sip(let sip): headers(of: sip, style)
      case .diameter(let diameter): avps(of: diameter, style)
      case .dns(let dns): records(of: dns)
      case .access(let access): fields(of: access)
      case .event: []
      }
    return lines.map { style.text("        " + $0) + "\n" }.joined()
  }

  private static func headers(of sip: SIPMessage, _ style: Style) -> [String] {
    let fields = sip.fields.map { field -> String in
      let value = sip.value(of: field)
      let shown =
        style.revealKeys ? value.unfolded.string : Redaction.redacted(headerValue: value, of: sip.name(of: field))
      return "\(sip.wireName(of: field).string): \(shown)"
    }
    let body = sip.body.isEmpty ? [] : ["(body of \(counted(sip.body.count, "byte")))"]
    return [sip.firstLine.string] + fields + body + sip.issues.map { "(\($0))" }
  }

  private static func avps(of diameter: DiameterMessage, _ style: Style) -> [String] {
    let bits = [
      (diameter.isRequest, "R"), (diameter.isProxiable, "P"), (diameter.isError, "E"), (diameter.isRetransmitted, "T"),
    ]
    let flags = bits.filter(\.0).map(\.1).joined()
    let head =
      "\(diameter.name): command \(diameter.command.rawValue), application \(diameter.application.rawValue), flags \(flags), "
      + "Hop-by-Hop 0x\(hex(diameter.hopByHop)), End-to-End 0x\(hex(diameter.endToEnd))"
    return [head] + lines(of: diameter.avps, depth: 0, style) + diameter.issues.map { "(\($0))" }
  }

  private static func lines(of avps: AVPSequence, depth: Int, _ style: Style) -> [String] {
    avps.flatMap { avp -> [String] in
      let definition = avp.definition
      let vendor = avp.isVendorSpecific ? " of vendor \(avp.vendor)" : ""
      let name = definition?.name ?? "AVP \(avp.code)\(vendor)"
      let indent = String(repeating: "  ", count: depth)
      let isGroup = definition?.type == .grouped && !(avp.isKeyMaterial && !style.revealKeys)
      // A document inside an AVP stays on its line.
      let value = avp.rendered(revealKeys: style.revealKeys)
      guard isGroup else { return ["\(indent)\(name): \(value)"] }
      let children = avp.children
      let damage = children.malformed.map { ["\(indent)  (\($0))"] } ?? []
      return ["\(indent)\(name):"] + lines(of: children, depth: depth + 1, style) + damage
    }
  }

  private static func records(of dns: DNSMessage) -> [String] {
    let answers = dns.answers.map { "answer: \($0.name.string) \($0.type.name) \($0.data) (\($0.timeToLive) s)" }
    let additional = dns.additional.map {
      "additional: \($0.name.string) \($0.type.name) \($0.data) (\($0.timeToLive) s)"
    }
    return [dns.summary + ", id 0x\(hex(UInt32(dns.id)).suffix(4))"] + answers + additional
      + dns.issues.map { "(\($0))" }
  }

  private static func fields(of access: AccessMessage) -> [String] {
    var lines = [access.summary]
    switch access {
    case .gtp(let gtp):
      let sequence = gtp.sequence.map { ", sequence number \($0)" } ?? ""
      lines[0] += ", TEID 0x\(hex(gtp.teid))\(sequence)"
      if let msisdn = gtp.msisdn { lines.append("MSISDN: \(msisdn.string)") }
      lines += gtp.tunnels.map { tunnel in
        let interface = tunnel.interface.map { "F-TEID of interface type \($0)" } ?? "TEID \(tunnel.instance)"
        return "\(interface): 0x\(hex(tunnel.teid))" + (tunnel.address.map { " at \($0)" } ?? "")
      }
      if let pco = gtp.pco {
        if pco.hasIMSignallingFlag { lines.append("IM CN subsystem signalling flag") }
        lines += pco.dns.map { "DNS server: \($0)" }
      }
    case .dhcp(let dhcp): lines[0] += ", transaction 0x\(hex(dhcp.transaction))"
    }
    return lines + access.issues.map { "(\($0))" }
  }

  private static func hex(_ value: UInt32) -> String {
    Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) })
  }
}
