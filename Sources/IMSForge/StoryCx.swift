// Cx and DNS of a story.

/// One connection of a Diameter client to the HSS.
struct CxState: Sendable {
  struct Pending: Sendable {
    var command: String
    var client: Cast.Member
    var exchange: CxBuilder.Exchange
    var userDataAvailable = false
  }

  /// By the name of the command without its last letter.
  static let commands: [String: UInt32] = [
    "UA": 300, "SA": 301, "LI": 302, "MA": 303, "RT": 304, "PP": 305, "CE": 257, "DW": 280, "DP": 282,
  ]

  var count = 0
  var pending: [Pending] = []
}

extension Story {
  mutating func diameter(_ arrow: Arrow, name: String, result: CxResult?) throws(StoryError) {
    guard CxState.commands[String(name.dropLast())] != nil, name.hasSuffix("R") || name.hasSuffix("A") else {
      throw StoryError(reason: "unknown Diameter command \(name)")
    }
    guard (arrow.from == .hss) != (arrow.to == .hss) else {
      throw StoryError(reason: "\(name) travels between a CSCF and the HSS")
    }
    var message = try name.hasSuffix("R") ? diameterRequest(arrow, name) : diameterAnswer(arrow, name, result)
    try Self.apply(arrow, to: &message)
    let client = arrow.from == .hss ? arrow.to : arrow.from
    let end = HostPort(cast.address(client).host, Self.clientPort(client))
    let server = cast.address(.hss)
    send(
      message.bytes, arrow, from: arrow.from == .hss ? server : end, to: arrow.from == .hss ? end : server, .tcp)
  }

  private static func clientPort(_ member: Cast.Member) -> UInt16 { member == .icscf ? 45456 : 35666 }

  private mutating func exchange(_ client: Cast.Member, from: Cast.Member, to: Cast.Member) -> CxBuilder.Exchange {
    cx.count += 1
    let number = UInt32(truncatingIfNeeded: cast.number * 64 + cx.count)
    return CxBuilder.Exchange(
      session: "\(cast.name(from));1795416000;\(number)", hopByHop: 0x1000_0000 &+ number,
      endToEnd: (client == .icscf ? 0x2000_0000 : 0x3000_0000) &+ number, client: cast.name(from),
      server: cast.name(to),
      realm: cast.domain)
  }

  private mutating func diameterRequest(_ arrow: Arrow, _ name: String) throws(StoryError) -> DiameterBuilder {
    let client = arrow.from == .hss ? arrow.to : arrow.from
    let exchange = exchange(client, from: arrow.from, to: arrow.to)
    var pending = CxState.Pending(command: String(name.dropLast()), client: client, exchange: exchange)
    let impi = cast.privateIdentity
    let impu = cast.publicIdentity
    let message: DiameterBuilder
    switch name {
    case "UAR":
      message = CxBuilder.uar(exchange, impi: impi, impu: impu, visited: cast.visited, type: endsNow ? 1 : nil)
    case "MAR":
      assign(arrow.from)
      message = CxBuilder.mar(
        exchange, impi: impi, impu: impu, serverName: cast.serverName(subscriber.server),
        scheme: cast.proof.scheme, resynchronisation: resynchronisation)
    case "SAR":
      assign(arrow.from)
      let type: UInt32 = endsNow ? 5 : subscriber.isRegistered ? 2 : 1
      pending.userDataAvailable = type != 1
      message = CxBuilder.sar(
        exchange, impi: impi, impu: impu, serverName: cast.serverName(subscriber.server), type: type,
        userDataAvailable: type != 1)
    case "LIR": message = CxBuilder.lir(exchange, impu: impu)
    case "RTR": message = CxBuilder.rtr(exchange, impi: impi, impus: [impu], info: "removed")
    case "PPR": message = CxBuilder.ppr(exchange, impi: impi, userData: cast.userData)
    default: message = baseRequest(name, exchange, from: arrow.from)
    }
    cx.pending.append(pending)
    return message
  }

  /// The HSS stores the name of the S-CSCF that asked.
  private mutating func assign(_ member: Cast.Member) {
    subscriber.isAssigned = true
    if member.isRegistrar { subscriber.server = member }
  }

  /// RAND of the refused challenge ‖ AUTS, when the REGISTER in hand has an `auts` (TS 29.228 §6.3).
  private var resynchronisation: [UInt8]? {
    let register = hops.last { $0.pass == subscriber.pass && $0.pass > 0 }
    guard let credentials = register?.sent["Authorization"], let auts = Self.quoted("auts", in: credentials),
      let nonce = Self.quoted("nonce", in: credentials)
    else { return nil }
    return unbase64(nonce).prefix(16) + unbase64(auts)
  }

  /// Whether the REGISTER in hand takes the registration away.
  private var endsNow: Bool {
    hops.last { $0.pass == subscriber.pass && $0.pass > 0 }.flatMap { Self.expiry($0.sent) } == 0
  }

  private mutating func diameterAnswer(
    _ arrow: Arrow, _ name: String, _ result: CxResult?
  ) throws(StoryError) -> DiameterBuilder {
    let client = arrow.from == .hss ? arrow.to : arrow.from
    let command = String(name.dropLast())
    let asked = cx.pending.lastIndex { $0.command == command && $0.client == client }.map { cx.pending.remove(at: $0) }
    let pending =
      asked
      ?? CxState.Pending(
        command: command, client: client, exchange: exchange(client, from: arrow.to, to: arrow.from),
        userDataAvailable: subscriber.isRegistered)
    let exchange = pending.exchange
    let impi = cast.privateIdentity
    switch name {
    case "UAA": return authorizationAnswer(exchange, result)
    case "MAA":
      subscriber.isAssigned = true
      if cast.proof != .aka, result?.isSuccess ?? true {
        return CxBuilder.maa(
          exchange, result ?? .result(2001), impi: impi, impu: cast.publicIdentity, item: authenticationItem())
      }
      let vector = cast.vectors[min(subscriber.nextVector, cast.vectors.count - 1)]
      if result?.isSuccess ?? true {
        subscriber.fetchedVector = subscriber.nextVector
        subscriber.nextVector += 1
      }
      return CxBuilder.maa(exchange, result ?? .result(2001), impi: impi, impu: cast.publicIdentity, vector: vector)
    case "SAA":
      let data = pending.userDataAvailable ? nil : cast.userData
      return CxBuilder.saa(exchange, result ?? .result(2001), impi: impi, userData: data)
    case "LIA": return CxBuilder.lia(exchange, result ?? .result(2001), serverName: cast.serverName(subscriber.server))
    case "RTA", "PPA":
      return CxBuilder.answer(CxState.commands[command] ?? 0, exchange, result ?? .result(2001))
    default: return baseAnswer(name, exchange, result ?? .result(2001))
    }
  }

  private func authorizationAnswer(_ exchange: CxBuilder.Exchange, _ result: CxResult?) -> DiameterBuilder {
    let standard: CxResult =
      endsNow ? .result(2001) : .experimental(subscriber.isAssigned || subscriber.isRegistered ? 2002 : 2001)
    switch result ?? standard {
    case .experimental(2001): return CxBuilder.uaa(exchange, .experimental(2001), capabilities: [1])
    case let code where code.isSuccess:
      return CxBuilder.uaa(exchange, code, serverName: cast.serverName(subscriber.server))
    case let code: return CxBuilder.uaa(exchange, code)
    }
  }

  // MARK: Diameter base

  private func baseRequest(_ name: String, _ exchange: CxBuilder.Exchange, from: Cast.Member) -> DiameterBuilder {
    let message = base(name, exchange, host: exchange.client, flags: DiameterBuilder.request)
    switch name {
    case "CER": return message + capabilities(from)
    case "DPR": return message + [.named("Disconnect-Cause", 0)]
    default: return message
    }
  }

  private func baseAnswer(_ name: String, _ exchange: CxBuilder.Exchange, _ result: CxResult) -> DiameterBuilder {
    var message = base(name, exchange, host: exchange.server, flags: 0)
    message.avps.insert(result.avp, at: 0)
    return name == "CEA" ? message + capabilities(.hss) : message
  }

  private func base(_ name: String, _ exchange: CxBuilder.Exchange, host: String, flags: UInt8) -> DiameterBuilder {
    DiameterBuilder(
      command: CxState.commands[String(name.dropLast())] ?? 0, flags: flags, application: 0,
      hopByHop: exchange.hopByHop, endToEnd: exchange.endToEnd,
      avps: [.named("Origin-Host", host), .named("Origin-Realm", exchange.realm)])
  }

  private func capabilities(_ member: Cast.Member) -> [AVPBuilder] {
    let address = cast.address(member).host
    let vendor = AVPBuilder.named("Vendor-Id", AVPBuilder.vendor3GPP)
    return [
      AVPBuilder(257, data: [0, address.isIPv4 ? 1 : 2] + address.bytes), vendor, .named("Product-Name", "forge"),
      AVPBuilder(265, number: AVPBuilder.vendor3GPP),
      .named(
        "Vendor-Specific-Application-Id", group: [vendor, .named("Auth-Application-Id", 16_777_216)]),
    ]
  }

  // MARK: The author's AVPs

  private static let parents = [
    "sip-authorization": "SIP-Auth-Data-Item", "sip-authenticate": "SIP-Auth-Data-Item",
    "reason-info": "Deregistration-Reason", "mandatory-capability": "Server-Capabilities",
    "optional-capability": "Server-Capabilities",
  ]

  static func apply(_ arrow: Arrow, to message: inout DiameterBuilder) throws(StoryError) {
    var done: Set<String> = []
    for override in arrow.overrides where done.insert(override.name.lowercased()).inserted {
      let key = override.name.lowercased()
      if try applyHeader(key, override.value, to: &message) { continue }
      guard let name = AVPName.byName[key] else { throw StoryError(reason: "unknown AVP \(override.name)") }
      var values: [AVPBuilder] = []
      for text in arrow.overrides.filter({ $0.name.lowercased() == key }).compactMap(\.value) {
        guard let avp = name.make(parsing: text) else { throw StoryError(reason: "\(name.name) cannot be \(text)") }
        values.append(avp)
      }
      if values.isEmpty {
        message.removeAll(name)
      } else if let parent = parents[key].flatMap({ AVPName.byName[$0.lowercased()] }) {
        message.override(name, with: values, in: parent)
      } else {
        message.override(name, with: values)
      }
    }
  }

  /// `Flags: 0xc0`, `Application-Id: 1`, `Hop-by-Hop: 7` and `End-to-End: 8` change the message header.
  private static func applyHeader(
    _ name: String, _ value: String?, to message: inout DiameterBuilder
  ) throws(StoryError) -> Bool {
    guard ["flags", "application-id", "hop-by-hop", "end-to-end"].contains(name) else { return false }
    let text = value ?? ""
    guard let number = text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text) else {
      throw StoryError(reason: "\(name) cannot be \(text)")
    }
    switch name {
    case "flags": message.flags = UInt8(number & 0xff)
    case "application-id": message.application = number
    case "hop-by-hop": message.hopByHop = number
    default: message.endToEnd = number
    }
    return true
  }
}
