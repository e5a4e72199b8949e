// REGISTER on its way inward (sequence B1, B3, B6 and E1, E2, E4).

extension Story {
  mutating func request(_ arrow: Arrow, method: String, uri: String?) {
    guard method == "REGISTER", arrow.to != .applicationServer else {
      return otherRequest(arrow, method: method, uri: uri)
    }
    if startsPass(arrow) { subscriber.pass += 1 }
    register(arrow, uri: uri, isTold: true)
  }

  /// A REGISTER of the UE always does; one of a proxy when the pass has already had its answer there.
  private func startsPass(_ arrow: Arrow) -> Bool {
    guard arrow.from != .ue, subscriber.pass > 0 else { return true }
    let inPass = hops.filter { $0.pass == subscriber.pass }
    guard inPass.contains(where: { $0.from == arrow.from && $0.isTold }) else { return false }
    return inPass.contains { [200, 401, 403, 423].contains($0.status) }
  }

  /// The newest hop of this pass into `member`; imagined when the ladder leaves it out.
  mutating func incoming(_ member: Cast.Member) -> Hop? {
    if let hop = hops.last(where: { $0.pass == subscriber.pass && $0.to == member }) { return hop }
    guard let outer = member.outer else { return nil }
    register(Arrow(from: outer, to: member, what: .request(method: "REGISTER", uri: nil)), uri: nil, isTold: false)
    return hops.last
  }

  mutating func register(_ arrow: Arrow, uri: String?, isTold: Bool) {
    var message: SIPBuilder
    if let before = arrow.from == .ue ? nil : incoming(arrow.from) {
      message = before.received
      forward(&message, by: arrow.from)
    } else {
      message = firstRegister(
        isResynchronisation: arrow.resynchronises || (subscriber.isChallenged && arrow.disbelieves))
    }
    if let uri {
      message.startLine = "REGISTER \(uri) SIP/2.0"
    } else if arrow.to.isRegistrar {
      message.startLine = "REGISTER \(cast.serverName(arrow.to)) SIP/2.0"
    }
    Self.apply(arrow, to: &message)
    let (source, destination) = requestPorts(arrow)
    var received = message
    fillVia(&received, from: source)
    hops.append(
      Hop(
        from: arrow.from, to: arrow.to, method: "REGISTER", pass: subscriber.pass, sent: message, received: received,
        source: source, destination: destination, isTold: isTold))
    if arrow.from == .ue {
      subscriber.callID = message["Call-ID"] ?? subscriber.callID
      subscriber.securityClient = message.values("Security-Client")
    }
    guard isTold else { return }
    let spi = arrow.from == .ue ? subscriber.active.map { cast.security.generation($0).server.spiServer } : nil
    send(message.bytes, arrow, from: source, to: destination, cast.transport, spi: spi)
  }

  /// A UE with an agreement speaks from its protected client port to the protected server port.
  private func requestPorts(_ arrow: Arrow) -> (HostPort, HostPort) {
    var source = cast.address(arrow.from)
    let destination = cast.address(arrow.to)
    if cast.transport == .tcp { source.port = Self.connectionPort(arrow.from) }
    guard arrow.from == .ue, let active = subscriber.active else { return (source, destination) }
    let agreement = cast.security.generation(active)
    return (
      HostPort(source.host, agreement.client.portClient), HostPort(destination.host, agreement.server.portServer)
    )
  }

  /// Where the connection comes from that carries the requests of this node.
  private static func connectionPort(_ member: Cast.Member) -> UInt16 {
    switch member {
    case .ue: 50001
    case .pcscf: 41001
    default: 42001
    }
  }

  /// The REGISTER of the UE: initial, answer to a challenge, refusal of one (unprotected), or refresh.
  private mutating func firstRegister(isResynchronisation: Bool) -> SIPBuilder {
    subscriber.sequence += 1
    let isAnswer = subscriber.isChallenged && !isResynchronisation
    if isResynchronisation {
      subscriber.offered += 1
    } else if isAnswer, !subscriber.securityServer.isEmpty {
      subscriber.active = subscriber.offered
    } else if let active = subscriber.active {
      subscriber.offered = active + 1
    }
    subscriber.isChallenged = false
    var message = SIPBuilder(startLine: "REGISTER sip:\(cast.domain) SIP/2.0")
    message.set("Via", via(.ue))
    message.set("Max-Forwards", "70")
    message.set("From", "<\(cast.publicIdentity)>;tag=u\(cast.number)")
    message.set("To", "<\(cast.publicIdentity)>")
    message.set("Call-ID", subscriber.callID ?? "reg-\(cast.number)@\(cast.address(.ue).host)")
    message.set("CSeq", "\(subscriber.sequence) REGISTER")
    message.set("Contact", "<sip:\(sentBy(.ue))>;expires=\(cast.requestedExpiry)")
    message.set("Authorization", all: [credentials()].compactMap(\.self))
    message.set("Supported", "path")
    guard cast.proof == .aka else { return message }
    message.set("Require", "sec-agree")
    message.set("Proxy-Require", "sec-agree")
    let agreement = cast.security.generation(subscriber.offered)
    message.set(
      "Security-Client",
      all: isAnswer && !subscriber.securityClient.isEmpty ? subscriber.securityClient : [agreement.securityClient])
    if subscriber.active != nil { message.set("Security-Verify", all: subscriber.securityServer) }
    return message
  }

  /// What a proxy changes in a REGISTER (sequence.md §6, request columns).
  private mutating func forward(_ message: inout SIPBuilder, by member: Cast.Member) {
    message.push("Via", via(member))
    if let hops = message["Max-Forwards"].flatMap({ Int($0) }) { message.set("Max-Forwards", "\(max(0, hops - 1))") }
    message.pop("Route")
    guard member == .pcscf else { return }
    let answers = cast.proof == .aka ? subscriber.active != nil : subscriber.challenge != nil
    for name in ["Security-Client", "Security-Verify"] { message.remove(name) }
    for name in ["Require", "Proxy-Require"] {
      let tags = message.values(name).flatMap { $0.split(separator: ",") }.map(trim).filter { $0 != "sec-agree" }
      message.set(name, all: tags.isEmpty ? [] : [tags.joined(separator: ", ")])
    }
    message.set("Require", ([message["Require"]].compactMap(\.self) + ["path"]).joined(separator: ", "))
    if let credentials = message["Authorization"],
      let said = cast.proof.integrity(answers: answers, isRegistered: subscriber.isRegistered)
    {
      message.set(
        "Authorization", Self.without(["integrity-protected"], credentials) + ", integrity-protected=\"\(said)\"")
    }
    message.push("Path", "<sip:term@\(cast.name(.pcscf)):\(cast.address(.pcscf).port);lr>")
    if cast.proof == .nassBundled {
      message.set("P-Access-Network-Info", "ADSL; dsl-location=\"\(Self.line)\"; network-provided")
    }
    message.set("P-Visited-Network-ID", "\"\(cast.visited)\"")
    message.set(
      "P-Charging-Vector",
      "icid-value=\"icid-\(cast.number)-\(subscriber.pass)\";icid-generated-at=\(cast.address(.pcscf).host);"
        + "orig-ioi=\"Type 1\(cast.visited)\"")
  }

  /// A UE with an agreement names its protected server port, and needs no `rport`.
  mutating func via(_ member: Cast.Member, to next: Cast.Member? = nil) -> String {
    "SIP/2.0/\(cast.transport == .tcp ? "TCP" : "UDP") \(sentBy(member, to: next));branch=\(nextBranch(member))"
      + (member == .ue && subscriber.active == nil ? ";rport" : "")
  }

  func sentBy(_ member: Cast.Member, to next: Cast.Member? = nil) -> String {
    var port = cast.address(member).port
    if subscriber.active != nil, member == .ue { port = cast.security.client.portServer }
    if subscriber.active != nil, next == .ue { port = cast.security.server.portServer }
    return "\(cast.name(member)):\(port)"
  }

  /// What the receiver adds to the top Via: `received` when the sender is not what sent-by says, `rport` when asked.
  func fillVia(_ message: inout SIPBuilder, from source: HostPort) {
    guard let top = message["Via"] else { return }
    var parts = top.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
    let sentBy = parts[0].split(separator: " ").last.map(String.init) ?? ""
    let asksPort = parts.contains("rport")
    parts = parts.map { $0 == "rport" ? "rport=\(source.port)" : $0 }
    let names = sentBy == source.host.inURI || sentBy.hasPrefix(source.host.inURI + ":")
    if !names || asksPort { parts.append("received=\(source.host)") }
    message.set("Via", all: [parts.joined(separator: ";")] + message.values("Via").dropFirst())
  }

  /// A challenge or credentials without some parameters; the others keep their spelling.
  static func without(_ names: Set<String>, _ header: String) -> String {
    guard let space = header.firstIndex(of: " ") else { return header }
    let kept = header[space...].split(separator: ",", omittingEmptySubsequences: false).filter { part in
      let name = trim(part.prefix { $0 != "=" }).lowercased()
      return !names.contains(name)
    }
    return String(header[..<space]) + kept.joined(separator: ",")
  }
}

extension Arrow {
  /// Whether the author gives the REGISTER an `auts`.
  fileprivate var resynchronises: Bool {
    overrides.contains { $0.name.lowercased() == "authorization.auts" || $0.value?.contains("auts=") == true }
  }

  /// Whether the author gives it an empty response: what a UE says that does not believe a challenge.
  fileprivate var disbelieves: Bool {
    overrides.contains { $0.name.lowercased() == "authorization.response" && $0.value == "\"\"" }
  }
}
