// Requests beside the registration itself: the registration event package, third-party registration, anything else.

extension Story {
  mutating func otherRequest(_ arrow: Arrow, method: String, uri: String?) {
    let before = hops.last { $0.method == method && $0.to == arrow.from && $0.status == 0 && $0.pass == 0 }
    var message: SIPBuilder
    if let before, arrow.from != .ue {
      message = before.received
      message.push("Via", via(arrow.from, to: arrow.to))
      if let left = message["Max-Forwards"].flatMap({ Int($0) }) { message.set("Max-Forwards", "\(max(0, left - 1))") }
      message.pop("Route")
      if let uri { message.startLine = "\(method) \(uri) SIP/2.0" }
    } else {
      message = origin(arrow, method: method, uri: uri)
    }
    Self.apply(arrow, to: &message)
    let (source, destination, spi) = ports(arrow)
    var received = message
    fillVia(&received, from: source)
    hops.append(
      Hop(
        from: arrow.from, to: arrow.to, method: method, pass: 0, sent: message, received: received, source: source,
        destination: destination, isTold: true))
    send(message.bytes, arrow, from: source, to: destination, .udp, spi: spi)
  }

  /// Protected ports on Gm once an agreement holds, in the direction of the request.
  private func ports(_ arrow: Arrow) -> (HostPort, HostPort, UInt32?) {
    let source = cast.address(arrow.from)
    let destination = cast.address(arrow.to)
    guard let active = subscriber.active else { return (source, destination, nil) }
    let agreement = cast.security.generation(active)
    switch (arrow.from, arrow.to) {
    case (.ue, .pcscf):
      return (
        HostPort(source.host, agreement.client.portClient), HostPort(destination.host, agreement.server.portServer),
        agreement.server.spiServer
      )
    case (.pcscf, .ue):
      return (
        HostPort(source.host, agreement.server.portClient), HostPort(destination.host, agreement.client.portServer),
        agreement.client.spiServer
      )
    default: return (source, destination, nil)
    }
  }

  private mutating func origin(_ arrow: Arrow, method: String, uri: String?) -> SIPBuilder {
    let dialog = nextDialog()
    let own = "sip:\(sentBy(arrow.from))"
    let isThirdParty = method == "REGISTER"
    let standard = isThirdParty ? "sip:\(cast.name(.applicationServer))" : cast.publicIdentity
    var message = SIPBuilder(startLine: "\(method) \(uri ?? standard) SIP/2.0")
    message.set("Via", via(arrow.from, to: arrow.to))
    message.set("Max-Forwards", "70")
    let sender = arrow.from == .ue || method == "NOTIFY" ? cast.publicIdentity : own
    message.set("From", "<\(sender)>;tag=d\(cast.number).\(dialog)")
    message.set("To", "<\(cast.publicIdentity)>" + (method == "NOTIFY" ? ";tag=u\(cast.number)" : ""))
    message.set("Call-ID", "\(method.lowercased())-\(cast.number).\(dialog)@\(cast.name(arrow.from))")
    message.set("CSeq", "1 \(method)")
    message.set("Contact", "<\(own)>")
    switch method {
    case "REGISTER":
      message.set("Expires", "\(subscriber.isRegistered ? cast.grantedExpiry : 0)")
      message.set(
        "P-Charging-Vector", "icid-value=\"icid-\(cast.number)-tp\(dialog)\";orig-ioi=\"Type 3\(cast.domain)\"")
    case "SUBSCRIBE":
      message.set("Event", "reg")
      message.set("Expires", "600000")
      if arrow.from == .ue {
        message.set("Route", all: ["<\(proxyRoute)>"] + subscriber.serviceRoute)
      } else {
        message.set("Route", all: subscriber.serviceRoute)
      }
    case "NOTIFY": notify(&message)
    default: break
    }
    return message
  }

  private var proxyRoute: String {
    let port = subscriber.active.map { _ in cast.security.server.portServer } ?? cast.address(.pcscf).port
    return "sip:\(cast.name(.pcscf)):\(port);lr"
  }

  private func notify(_ message: inout SIPBuilder) {
    message.set("Event", "reg")
    message.set("Subscription-State", "active;expires=600000")
    message.set("Content-Type", "application/reginfo+xml")
    message.body = """
      <?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="full"><registration \
      aor="\(cast.publicIdentity)" id="a1" state="active"><contact id="c1" state="active" event="registered">\
      <uri>sip:\(sentBy(.ue))</uri></contact></registration></reginfo>
      """
  }

  /// Relayed when the node has sent the request on and got that status; else its own.
  func otherResponse(place: Int, status: Int, reason: String?) -> SIPBuilder {
    let hop = hops[place]
    let relayed = hops.last { $0.from == hop.to && $0.method == hop.method && $0.pass == 0 && $0.status == status }
    if var message = relayed?.response {
      message.pop("Via")
      return message
    }
    var message = copied(hop.received, status: status, reason: reason, tag: "\(hop.to.rawValue.lowercased())\(place)")
    if status / 100 == 2, hop.method == "SUBSCRIBE" || hop.method == "REGISTER" {
      if let expires = hop.received["Expires"] { message.set("Expires", expires) }
      message.set("Contact", "<sip:\(cast.name(hop.to)):\(cast.address(hop.to).port)>")
    }
    return message
  }
}
