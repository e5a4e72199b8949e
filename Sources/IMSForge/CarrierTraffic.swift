/// What makes the registrations of a load those of a mobile network: headers of handsets and of a core, a profile with
/// filter criteria, Gm in ESP for some, TCP for others.
package struct CarrierTraffic: Sendable {
  /// Makes the ESP packet of a subscriber with hmac-sha-1-96 and aes-cbc. The forge knows no cryptography.
  package typealias Seal = @Sendable (ESPBuilder, AKAVector) -> [UInt8]

  private let seal: Seal

  package init(seal: @escaping Seal) { self.seal = seal }

  /// 30 %: what comes after the challenge travels in ESP on Gm. The others are recorded behind decryption.
  package static func isProtected(_ number: Int) -> Bool { (1...3).contains(number % 10) }

  /// One in three: SIP on all hops.
  package static func isOverTCP(_ number: Int) -> Bool { number % 3 == 0 }

  /// Octets that a TCP segment carries, so that it fits into a packet in ESP too.
  static let segmentSize = 1400

  private static let home = "ims.mnc001.mcc001.3gppnetwork.org"
  private static let visited = "visited.example"

  func recipe(_ number: Int, start: Int64) -> RegistrationRecipe {
    var recipe = RegistrationRecipe(subscriber: number, start: start, domain: Self.home, visited: Self.visited)
    recipe.cast.user = Self.digits(number, after: "00101")
    recipe.cast.vectors = [AKAVector.distinct(number)]
    recipe.cast.security = Self.agreement(number)
    if Self.isOverTCP(number) {
      recipe.cast.transport = .tcp
      recipe.start += Self.handshake
    }
    recipe.says = Self.says(recipe.cast)
    return recipe
  }

  /// With the connections that carry them, where SIP goes over TCP.
  func sendings(_ recipe: RegistrationRecipe) -> [Sending] {
    let number = recipe.cast.number
    let sendings = recipe.sendings().map { sending in
      var own = RegistrationLoad.ownQuery(sending, number)
      // Beyond 65 536 registrations from another port: at some thousands in a second an identifier soon comes again.
      let round = UInt16(truncatingIfNeeded: number >> 16)
      if sending.from == .dns { own.destination.port &+= round }
      if sending.to == .dns { own.source.port &+= round }
      return own
    }
    return recipe.cast.transport == .tcp ? Self.connected(sendings) : sendings
  }

  /// What carries the messages between this UE and its P-CSCF.
  func access(_ cast: Cast) -> Wires {
    guard Self.isProtected(cast.number) else { return Wires(segmentSize: Self.segmentSize) }
    let vector = cast.vectors[0]
    return Wires(segmentSize: Self.segmentSize) { [seal] in seal($0, vector) }
  }

  var core: Wires { Wires(segmentSize: Self.segmentSize) }

  private static func digits(_ number: Int, after prefix: String) -> String {
    let text = String(number)
    return prefix + String(repeating: "0", count: max(0, 10 - text.count)) + text
  }

  /// SPIs of its own for each subscriber, as the P-CSCF and the UE choose them.
  private static func agreement(_ number: Int) -> SecurityAgreement {
    let spi = UInt32(truncatingIfNeeded: 2 * number)
    return SecurityAgreement(
      client: .init(spiClient: 0x0a00_0000 &+ spi, spiServer: 0x0a00_0001 &+ spi, portClient: 40001, portServer: 40002),
      server: .init(spiClient: 0x1000_0000 &+ spi, spiServer: 0x1000_0001 &+ spi, portClient: 5100, portServer: 6100),
      encryption: "aes-cbc")
  }

  // MARK: TCP on Gm

  /// Nanoseconds that the UE needs to connect before it can send.
  private static let handshake: Int64 = 1_500_000

  /// A connection for what is unprotected, which the UE closes when it was challenged, and one in the association.
  private static func connected(_ sendings: [Sending]) -> [Sending] {
    var result: [Sending] = []
    var open: Sending?
    for sending in sendings {
      guard sending.from == .ue || sending.to == .ue else {
        result.append(sending)
        continue
      }
      if sending.from == .ue, sending.source != open?.source {
        result += opening(sending)
        open = sending
      }
      result.append(sending)
      guard sending.to == .ue, let request = open else { continue }
      let arrival = sending.time + 300_000
      result.append(control(request, .ack, at: arrival))
      if request.spi == nil, sending.payload.starts(with: Array("SIP/2.0 401".utf8)) {
        result.append(control(request, [.fin, .ack], at: arrival + 700_000))
        result.append(control(sending, [.fin, .ack], at: arrival + 1_200_000))
        result.append(control(request, .ack, at: arrival + 1_700_000))
      }
    }
    return result
  }

  private static func opening(_ request: Sending) -> [Sending] {
    var answer = request
    (answer.from, answer.to) = (request.to, request.from)
    (answer.source, answer.destination) = (request.destination, request.source)
    // The other direction has an SPI of its own: that of the UE's client port.
    answer.spi = request.spi.map { $0 &- 0x0600_0001 }
    return [
      control(request, .syn, at: request.time - handshake),
      control(answer, [.syn, .ack], at: request.time - handshake + 500_000),
      control(request, .ack, at: request.time - handshake + 1_000_000),
    ]
  }

  private static func control(_ like: Sending, _ flags: TCPFlags, at time: Int64) -> Sending {
    var segment = like
    segment.time = time
    segment.payload = []
    segment.control = flags
    return segment
  }

  // MARK: What they say

  private static func says(_ cast: Cast) -> [RegistrationRecipe.Step: [SIPBuilder.Header]] {
    let handset = handset(cast)
    let features = [
      SIPBuilder.Header("Supported-Features", "Vendor-Id=10415, Feature-List-ID=1, Feature-List=3")
    ]
    let relayed = features + [.init("Route-Record", "dra1.\(cast.domain)")]
    let directed = relayed + [.init("Destination-Host", cast.name(.hss))]
    let core: [SIPBuilder.Header] = [
      .init("Server", "S-CSCF"), .init("Date", "Thu, 01 Jan 2026 00:00:00 GMT"), .init("Allow", methods),
      .init(
        "P-Charging-Function-Addresses",
        "ccf=\"aaa://ccf1.\(cast.domain)\"; ccf=\"aaa://ccf2.\(cast.domain)\""),
    ]
    let associated = identities(cast).map { "<\($0)>" }.joined(separator: ", ")
    return [
      .registerUE: handset, .answerUE: handset.filter { $0.name != "Security-Client" },
      .uar: relayed, .secondUAR: relayed, .mar: directed, .sar: directed,
      .uaa: features, .secondUAA: features, .maa: features,
      .challengeS: core + [.init("Accept", bodies)],
      .okS: core + [.init("P-Associated-URI", associated), .init("Feature-Caps", "*;+g.3gpp.icsi-ref=\(telephony)")],
      .saa: features + [.init("User-Data", profile(cast))],
    ]
  }

  private static let methods =
    "INVITE,ACK,CANCEL,BYE,PRACK,UPDATE,REFER,NOTIFY,MESSAGE,SUBSCRIBE,OPTIONS"

  private static let bodies =
    "application/sdp,application/3gpp-ims+xml,application/reginfo+xml,application/vnd.3gpp.sms,multipart/mixed"
  private static let telephony = "\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""

  private static func handset(_ cast: Cast) -> [SIPBuilder.Header] {
    let equipment = digits(cast.number, after: "3561").prefix(14)
    let cell = digits(cast.number % 5000, after: "00101")
    // Over UDP a REGISTER has no more than 1300 octets (RFC 3261 §18.1.1).
    let further: [SIPBuilder.Header] =
      cast.transport == .tcp
      ? [
        .init("Contact.+g.3gpp.icsi-ref", telephony),
        .init("Cellular-Network-Info", "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=\(cell); cell-info-age=0"),
        .init("Accept", bodies),
        .init("Security-Client", offers(cast.security)),
      ] : []
    return further + [
      .init("Contact.+sip.instance", "\"<urn:gsma:imei:\(equipment.prefix(8))-\(equipment.suffix(6))-0>\""),
      .init("Contact.+g.3gpp.smsip", ""),
      .init("Supported", "path, sec-agree"),
      .init("Allow", "INVITE,ACK,CANCEL,BYE,PRACK,UPDATE,REFER,NOTIFY,MESSAGE"),
      .init("P-Access-Network-Info", "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=\(cell)"),
      .init("User-Agent", "Handset/15.2"),
    ]
  }

  /// Every pair of algorithms that the UE has; the P-CSCF takes one.
  private static func offers(_ agreement: SecurityAgreement) -> String {
    [("hmac-sha-1-96", "aes-cbc"), ("hmac-sha-1-96", "null"), ("hmac-md5-96", "aes-cbc"), ("hmac-md5-96", "null")].map {
      algorithm, encryption in
      var offer = agreement
      offer.algorithm = algorithm
      offer.encryption = encryption
      return offer.securityClient
    }.joined(separator: ", ")
  }

  private static func identities(_ cast: Cast) -> [String] {
    let number = digits(cast.number, after: "+49")
    return [cast.publicIdentity, "sip:\(number)@\(cast.domain);user=phone", "tel:\(number)"]
  }

  /// The profile that an HSS gives (TS 29.228, Annex B and E): three identities in an implicit set, and the filter
  /// criteria of the services of a mobile network.
  private static func profile(_ cast: Cast) -> String {
    let identities = identities(cast).map { identity in
      "<PublicIdentity><BarringIndication>0</BarringIndication><Identity>\(identity)</Identity></PublicIdentity>"
    }
    let criteria = services.enumerated().map { priority, service in
      let points = service.methods.enumerated().map { group, method in
        "<SPT><ConditionNegated>0</ConditionNegated><Group>\(group)</Group><Method>\(method)</Method></SPT>"
          + "<SPT><ConditionNegated>0</ConditionNegated><Group>\(group)</Group><SessionCase>\(service.sessionCase)"
          + "</SessionCase></SPT>"
      }
      return "<InitialFilterCriteria><Priority>\(priority + 1)</Priority><TriggerPoint><ConditionTypeCNF>0"
        + "</ConditionTypeCNF>\(points.joined())</TriggerPoint><ApplicationServer><ServerName>sip:\(service.name)."
        + "\(cast.domain):5060</ServerName><DefaultHandling>0</DefaultHandling></ApplicationServer>"
        + "</InitialFilterCriteria>"
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><IMSSubscription><PrivateID>\(cast.privateIdentity)</PrivateID>"
      + "<ServiceProfile>\(identities.joined())\(criteria.joined())</ServiceProfile></IMSSubscription>"
  }

  private struct Service: Sendable {
    var name: String
    var methods: [String]
    /// 0 originating, 1 terminating, 2 terminating while not registered (TS 29.228, Annex B).
    var sessionCase: Int
  }

  private static let services = [
    Service(name: "mmtel1", methods: ["INVITE", "SUBSCRIBE"], sessionCase: 0),
    Service(name: "mmtel1", methods: ["INVITE"], sessionCase: 1),
    Service(name: "ipsmgw1", methods: ["MESSAGE"], sessionCase: 0),
    Service(name: "ipsmgw1", methods: ["MESSAGE"], sessionCase: 1),
    Service(name: "sccas1", methods: ["INVITE"], sessionCase: 0),
    Service(name: "sccas1", methods: ["INVITE"], sessionCase: 1),
    Service(name: "presence1", methods: ["PUBLISH", "SUBSCRIBE"], sessionCase: 0),
    Service(name: "presence1", methods: ["SUBSCRIBE"], sessionCase: 1),
    Service(name: "rcs1", methods: ["INVITE", "MESSAGE", "OPTIONS"], sessionCase: 0),
    Service(name: "rcs1", methods: ["INVITE", "MESSAGE", "OPTIONS"], sessionCase: 1),
    Service(name: "ringback1", methods: ["INVITE", "UPDATE"], sessionCase: 1),
    Service(name: "numbering1", methods: ["INVITE", "MESSAGE", "REFER"], sessionCase: 0),
    Service(name: "voicemail1", methods: ["INVITE", "SUBSCRIBE"], sessionCase: 2),
  ]
}
