// Responses on their way outward (sequence C1 to C3 and E6 to E8).

extension Story {
  mutating func response(_ arrow: Arrow, status: Int, reason: String?) throws(StoryError) {
    let waiting = hops.last {
      $0.from == arrow.to && $0.to == arrow.from && ($0.pass == 0 || $0.pass == subscriber.pass)
    }
    if waiting == nil, subscriber.pass == 0 { subscriber.pass = 1 }
    if waiting == nil { try imagine(arrow) }
    guard let place = hops.lastIndex(where: { $0.from == arrow.to && $0.to == arrow.from }) else {
      throw StoryError(reason: "a response without a request")
    }
    var message =
      hops[place].method == "REGISTER"
      ? registerResponse(arrow.from, to: arrow.to, place: place, status: status, reason: reason)
      : otherResponse(place: place, status: status, reason: reason)
    Self.apply(arrow, to: &message)
    let hop = hops[place]
    if status >= 200 {
      hops[place].response = message
      hops[place].status = status
    }
    if hop.method == "REGISTER", hop.pass > 0 { remember(message, status: status, to: arrow.to) }
    let (source, destination, spi) = responsePorts(hop)
    send(message.bytes, arrow, from: source, to: destination, cast.transport, spi: spi)
  }

  /// Over UDP a protected response leaves the client port for the server port of the other end; over TCP it goes back the
  /// way of its request (TS 33.203 §7.1).
  private func responsePorts(_ hop: Hop) -> (HostPort, HostPort, UInt32?) {
    let responder = hop.destination.host
    let requester = hop.source.host
    for generation in (0...subscriber.offered).reversed() {
      let agreement = cast.security.generation(generation)
      if cast.transport == .tcp {
        guard hop.from == .ue, hop.source.port == agreement.client.portClient else { continue }
        return (hop.destination, hop.source, agreement.client.spiClient)
      }
      if hop.from == .ue, hop.source.port == agreement.client.portClient {
        return (
          HostPort(responder, agreement.server.portClient), HostPort(requester, agreement.client.portServer),
          agreement.client.spiServer
        )
      }
      if hop.to == .ue, hop.source.port == agreement.server.portClient {
        return (
          HostPort(responder, agreement.client.portClient), HostPort(requester, agreement.server.portServer),
          agreement.server.spiServer
        )
      }
    }
    return (hop.destination, hop.source, nil)
  }

  private mutating func imagine(_ arrow: Arrow) throws(StoryError) {
    guard arrow.to.inner == arrow.from || (arrow.to == .pcscf || arrow.to == .icscf) && arrow.from.isRegistrar else {
      throw StoryError(reason: "no request from \(arrow.to.rawValue) to \(arrow.from.rawValue) that this could answer")
    }
    let request = Arrow(from: arrow.to, to: arrow.from, what: .request(method: "REGISTER", uri: nil))
    register(request, uri: nil, isTold: false)
  }

  private mutating func registerResponse(
    _ member: Cast.Member, to outer: Cast.Member, place: Int, status: Int, reason: String?
  ) -> SIPBuilder {
    let pass = subscriber.pass
    let isRelayed = hops.contains { $0.pass == pass && $0.from == member && $0.status == status }
    let comesFromRegistrar = [200, 401, 423].contains(status)
    guard !member.isRegistrar, status != 100, isRelayed || comesFromRegistrar, let inner = member.inner else {
      return registrarResponse(place, by: member, status: status, reason: reason)
    }
    if !isRelayed {
      if !hops.contains(where: { $0.pass == pass && $0.from == member }) {
        register(Arrow(from: member, to: inner, what: .request(method: "REGISTER", uri: nil)), uri: nil, isTold: false)
      }
      imagineResponse(from: member, status: status, reason: reason)
    }
    let answered = hops.last { $0.pass == pass && $0.from == member && $0.status == status }
    guard var message = answered?.response else {
      return registrarResponse(place, by: member, status: status, reason: reason)
    }
    message.pop("Via")
    if let reason { message.startLine = "SIP/2.0 \(status) \(reason)" }
    if member == .pcscf { clean(&message, status: status) }
    return message
  }

  private mutating func imagineResponse(from member: Cast.Member, status: Int, reason: String?) {
    let pass = subscriber.pass
    guard let place = hops.lastIndex(where: { $0.pass == pass && $0.from == member }) else { return }
    let message = registerResponse(hops[place].to, to: member, place: place, status: status, reason: reason)
    // A hop may have been imagined in between: look again.
    guard let again = hops.lastIndex(where: { $0.pass == pass && $0.from == member }) else { return }
    hops[again].response = message
    hops[again].status = status
  }

  /// What the P-CSCF keeps from the UE, and what it adds (sequence C3, E7).
  private func clean(_ message: inout SIPBuilder, status: Int) {
    message.remove("P-Charging-Vector")
    message.remove("P-Charging-Function-Addresses")
    guard status == 401 else { return }
    message.set("WWW-Authenticate", all: message.values("WWW-Authenticate").map { Self.without(["ck", "ik"], $0) })
    if !subscriber.securityClient.isEmpty {
      message.set("Security-Server", cast.security.generation(subscriber.offered).securityServer)
    }
  }

  /// The response of the node that makes it: the S-CSCF, or whoever refuses before it.
  private mutating func registrarResponse(
    _ place: Int, by member: Cast.Member, status: Int, reason: String?
  ) -> SIPBuilder {
    let request = hops[place].received
    var message = copied(request, status: status, reason: reason, tag: "\(member.rawValue.lowercased())\(cast.number)")
    guard member.isRegistrar else {
      if status == 423 { message.set("Min-Expires", "3600") }
      return message
    }
    switch status {
    case 401:
      message.set("WWW-Authenticate", challenge())
    case 200: accept(&message, request: request, by: member)
    case 423: message.set("Min-Expires", "3600")
    default: break
    }
    if status >= 200, let charging = request["P-Charging-Vector"] {
      message.set("P-Charging-Vector", charging + ";term-ioi=\"Type 1\(cast.domain)\"")
    }
    return message
  }

  private func accept(_ message: inout SIPBuilder, request: SIPBuilder, by member: Cast.Member) {
    message.set("Path", all: request.values("Path"))
    if cast.proof.isDigest, subscriber.challenge != nil {
      message.set("Authentication-Info", DigestExchange.information)
    }
    let requested = Self.expiry(request) ?? cast.grantedExpiry
    if requested > 0 {
      message.set("Service-Route", "<sip:orig@\(cast.name(member)):\(cast.address(member).port);lr>")
      message.set("P-Associated-URI", "<\(cast.publicIdentity)>")
    }
    let contacts = request.values("Contact").map { contact in
      contact.split(separator: ";").filter { !$0.hasPrefix("expires=") }.joined(separator: ";")
        + ";expires=\(min(requested, cast.grantedExpiry))"
    }
    message.set("Contact", all: contacts)
  }

  mutating func takeVector() -> Int {
    if let fetched = subscriber.fetchedVector {
      subscriber.fetchedVector = nil
      return fetched
    }
    subscriber.nextVector += 1
    return subscriber.nextVector - 1
  }

  /// Status line and the headers that every response copies (RFC 3261 §8.2.6.2).
  func copied(_ request: SIPBuilder, status: Int, reason: String?, tag: String) -> SIPBuilder {
    var message = SIPBuilder(startLine: "SIP/2.0 \(status) \(reason ?? Self.reasons[status] ?? "Unknown")")
    message.set("Via", all: request.values("Via"))
    message.set("From", all: request.values("From"))
    let isTagged = request["To"]?.contains(";tag=") ?? false
    message.set("To", all: request.values("To").map { status == 100 || isTagged ? $0 : $0 + ";tag=\(tag)" })
    message.set("Call-ID", all: request.values("Call-ID"))
    message.set("CSeq", all: request.values("CSeq"))
    return message
  }

  /// What the UE and the registrar learn from a final response.
  private mutating func remember(_ message: SIPBuilder, status: Int, to member: Cast.Member) {
    if member == .ue { subscriber.securityServer = message.values("Security-Server") + keptServer(status) }
    switch status {
    case 401:
      subscriber.isChallenged = true
      let vector = max(0, subscriber.nextVector - 1)
      let nonce = message["WWW-Authenticate"].flatMap { Self.quoted("nonce", in: $0) }
      subscriber.challenge = (nonce ?? "", vector)
      if member != .ue, subscriber.securityServer.isEmpty, !subscriber.securityClient.isEmpty {
        subscriber.securityServer = [cast.security.generation(subscriber.offered).securityServer]
      }
    case 200:
      subscriber.isRegistered = hops.last { $0.pass == subscriber.pass }.map { Self.expiry($0.sent) != 0 } ?? true
      if !subscriber.isRegistered { subscriber.challenge = nil }
      subscriber.serviceRoute = message.values("Service-Route")
    default: break
    }
  }

  /// Only a 401 tells of a new agreement; after other responses the old one holds.
  private func keptServer(_ status: Int) -> [String] { status == 401 ? [] : subscriber.securityServer }

  /// The expiry that a REGISTER asks for: of the first Contact, else of Expires.
  static func expiry(_ message: SIPBuilder) -> Int? {
    let parameter = message["Contact"]?.split(separator: ";").last { $0.hasPrefix("expires=") }
    if let parameter { return Int(parameter.dropFirst(8)) }
    return message["Expires"].flatMap { Int($0) }
  }

  static func quoted(_ name: String, in header: String) -> String? {
    for part in header.split(whereSeparator: { $0 == "," || $0 == " " }) where part.hasPrefix(name + "=\"") {
      return String(part.dropFirst(name.count + 2).prefix { $0 != "\"" })
    }
    return nil
  }

  static let reasons: [Int: String] = [
    100: "Trying", 200: "OK", 202: "Accepted", 305: "Use Proxy", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 407: "Proxy Authentication Required", 408: "Request Timeout",
    420: "Bad Extension", 421: "Extension Required", 423: "Interval Too Brief", 439: "First Hop Lacks Outbound Support",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 483: "Too Many Hops",
    494: "Security Agreement Required", 500: "Server Internal Error", 503: "Service Unavailable",
    504: "Server Time-out", 600: "Busy Everywhere",
  ]
}
