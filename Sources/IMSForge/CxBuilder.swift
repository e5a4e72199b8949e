/// The result of a Cx answer: a base code or one of the 3GPP application.
package enum CxResult: Hashable, Sendable {
  case result(UInt32)
  case experimental(UInt32)

  var isSuccess: Bool {
    switch self {
    case .result(let code), .experimental(let code): code / 1000 == 2
    }
  }

  var avp: AVPBuilder {
    switch self {
    case .result(let code): .named("Result-Code", code)
    case .experimental(let code):
      .named(
        "Experimental-Result",
        group: [.named("Vendor-Id", AVPBuilder.vendor3GPP), .named("Experimental-Result-Code", code)])
    }
  }
}

/// The Cx commands with the AVPs that TS 29.229 §6.1 asks for, in the order of its tables.
package enum CxBuilder {
  package static let userAuthorization: UInt32 = 300
  package static let serverAssignment: UInt32 = 301
  package static let locationInfo: UInt32 = 302
  package static let multimediaAuth: UInt32 = 303
  package static let registrationTermination: UInt32 = 304
  package static let pushProfile: UInt32 = 305

  /// Who speaks to whom, under which session and identifiers.
  package struct Exchange: Hashable, Sendable {
    package var session: String
    package var hopByHop: UInt32
    package var endToEnd: UInt32
    package var client: String
    package var server: String
    package var realm: String

    package init(
      session: String, hopByHop: UInt32, endToEnd: UInt32, client: String, server: String, realm: String
    ) {
      self.session = session
      self.hopByHop = hopByHop
      self.endToEnd = endToEnd
      self.client = client
      self.server = server
      self.realm = realm
    }
  }

  package static func uar(
    _ exchange: Exchange, impi: String, impu: String, visited: String, type: UInt32? = nil
  ) -> DiameterBuilder {
    request(userAuthorization, exchange) + [
      .named("User-Name", impi), .named("Public-Identity", impu), .named("Visited-Network-Identifier", visited),
    ] + (type.map { [.named("User-Authorization-Type", $0)] } ?? [])
  }

  /// Server-Name for a subscription that has an S-CSCF, else capabilities.
  package static func uaa(
    _ exchange: Exchange, _ result: CxResult, serverName: String? = nil, capabilities: [UInt32] = []
  ) -> DiameterBuilder {
    var avps: [AVPBuilder] = []
    if let serverName { avps.append(.named("Server-Name", serverName)) }
    if !capabilities.isEmpty {
      avps.append(.named("Server-Capabilities", group: capabilities.map { .named("Optional-Capability", $0) }))
    }
    return answer(userAuthorization, exchange, result) + avps
  }

  package static func mar(
    _ exchange: Exchange, impi: String, impu: String, serverName: String, scheme: String = "Digest-AKAv1-MD5",
    resynchronisation: [UInt8]? = nil
  ) -> DiameterBuilder {
    var item: [AVPBuilder] = [.named("SIP-Authentication-Scheme", scheme)]
    if let resynchronisation { item.append(.named("SIP-Authorization", octets: resynchronisation)) }
    return request(multimediaAuth, exchange) + [
      .named("User-Name", impi), .named("Public-Identity", impu), .named("SIP-Number-Auth-Items", 1),
      .named("SIP-Auth-Data-Item", group: item), .named("Server-Name", serverName),
    ]
  }

  package static func maa(
    _ exchange: Exchange, _ result: CxResult = .result(2001), impi: String, impu: String, vector: AKAVector
  ) -> DiameterBuilder {
    guard result.isSuccess else { return answer(multimediaAuth, exchange, result) }
    let item: [AVPBuilder] = [
      .named("SIP-Item-Number", 1), .named("SIP-Authentication-Scheme", "Digest-AKAv1-MD5"),
      .named("SIP-Authenticate", octets: vector.rand + vector.autn), .named("SIP-Authorization", octets: vector.xres),
      .named("Confidentiality-Key", octets: vector.ck), .named("Integrity-Key", octets: vector.ik),
    ]
    return maa(exchange, result, impi: impi, impu: impu, item: item)
  }

  /// - Parameter item: of SIP-Auth-Data-Item.
  static func maa(
    _ exchange: Exchange, _ result: CxResult, impi: String, impu: String, item: [AVPBuilder]
  ) -> DiameterBuilder {
    answer(multimediaAuth, exchange, result) + [
      .named("User-Name", impi), .named("Public-Identity", impu), .named("SIP-Number-Auth-Items", 1),
      .named("SIP-Auth-Data-Item", group: item),
    ]
  }

  package static func sar(
    _ exchange: Exchange, impi: String, impu: String, serverName: String, type: UInt32 = 1,
    userDataAvailable: Bool = false
  ) -> DiameterBuilder {
    request(serverAssignment, exchange) + [
      .named("User-Name", impi), .named("Public-Identity", impu), .named("Server-Name", serverName),
      .named("Server-Assignment-Type", type), .named("User-Data-Already-Available", userDataAvailable ? 1 : 0),
    ]
  }

  package static func saa(
    _ exchange: Exchange, _ result: CxResult = .result(2001), impi: String, userData: String? = nil
  ) -> DiameterBuilder {
    let data: [AVPBuilder] = userData.map { [.named("User-Data", $0)] } ?? []
    return answer(serverAssignment, exchange, result) + [.named("User-Name", impi)] + (result.isSuccess ? data : [])
  }

  package static func lir(_ exchange: Exchange, impu: String) -> DiameterBuilder {
    request(locationInfo, exchange) + [.named("Public-Identity", impu)]
  }

  package static func lia(_ exchange: Exchange, _ result: CxResult, serverName: String?) -> DiameterBuilder {
    answer(locationInfo, exchange, result) + (serverName.map { [.named("Server-Name", $0)] } ?? [])
  }

  /// `exchange.client` is the HSS here: it sends the request.
  package static func rtr(
    _ exchange: Exchange, impi: String, impus: [String] = [], reason: UInt32 = 0, info: String? = nil
  ) -> DiameterBuilder {
    let text: [AVPBuilder] = info.map { [.named("Reason-Info", $0)] } ?? []
    return request(registrationTermination, exchange, toHost: true) + [.named("User-Name", impi)]
      + impus.map { .named("Public-Identity", $0) }
      + [.named("Deregistration-Reason", group: [.named("Reason-Code", reason)] + text)]
  }

  package static func ppr(_ exchange: Exchange, impi: String, userData: String) -> DiameterBuilder {
    request(pushProfile, exchange, toHost: true) + [.named("User-Name", impi), .named("User-Data", userData)]
  }

  /// RTA, PPA and every answer that carries nothing but its result.
  package static func answer(_ command: UInt32, _ exchange: Exchange, _ result: CxResult) -> DiameterBuilder {
    var flags = DiameterBuilder.proxiable
    if case .result(3000...3999) = result { flags |= DiameterBuilder.error }
    return DiameterBuilder(
      command: command, flags: flags, hopByHop: exchange.hopByHop, endToEnd: exchange.endToEnd,
      avps: [
        .named("Session-Id", exchange.session), application, result.avp, .named("Auth-Session-State", 1),
        .named("Origin-Host", exchange.server), .named("Origin-Realm", exchange.realm),
      ])
  }

  private static func request(_ command: UInt32, _ exchange: Exchange, toHost: Bool = false) -> DiameterBuilder {
    let host: [AVPBuilder] = toHost ? [.named("Destination-Host", exchange.server)] : []
    return DiameterBuilder(
      command: command, flags: DiameterBuilder.request | DiameterBuilder.proxiable, hopByHop: exchange.hopByHop,
      endToEnd: exchange.endToEnd,
      avps: [
        .named("Session-Id", exchange.session), application, .named("Auth-Session-State", 1),
        .named("Origin-Host", exchange.client), .named("Origin-Realm", exchange.realm),
        .named("Destination-Realm", exchange.realm),
      ] + host)
  }

  private static var application: AVPBuilder {
    .named(
      "Vendor-Specific-Application-Id",
      group: [.named("Vendor-Id", AVPBuilder.vendor3GPP), .named("Auth-Application-Id", 16_777_216)])
  }
}

extension DiameterBuilder {
  static func + (message: DiameterBuilder, more: [AVPBuilder]) -> DiameterBuilder {
    var longer = message
    longer.avps += more
    return longer
  }
}
