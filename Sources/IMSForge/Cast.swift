/// Who takes part in a story: the nodes with their addresses and names, the subscriber with identities and vectors.
package struct Cast: Hashable, Sendable {
  /// As text ladders name them.
  package enum Member: String, CaseIterable, Hashable, Sendable {
    case ue = "UE"
    case pcscf = "P"
    case icscf = "I"
    case scscf = "S"
    /// Another S-CSCF, for stories in which a REGISTER reaches the wrong one.
    case scscf2 = "S2"
    case hss = "HSS"
    case dns = "DNS"
    case applicationServer = "AS"
    case sgsn = "SGSN"
    case ggsn = "GGSN"

    var isRegistrar: Bool { self == .scscf || self == .scscf2 }

    /// Whom a REGISTER comes from and goes to next.
    var outer: Member? {
      switch self {
      case .pcscf: .ue
      case .icscf: .pcscf
      case .scscf, .scscf2: .icscf
      case .applicationServer: .scscf
      default: nil
      }
    }

    var inner: Member? {
      switch self {
      case .ue: .pcscf
      case .pcscf: .icscf
      case .icscf: .scscf
      default: nil
      }
    }
  }

  /// Home domain: realm, request URI of REGISTER, domain of both identities.
  package var domain: String
  package var visited: String
  package var user: String
  package var addresses: [Member: HostPort]
  package var security: SecurityAgreement
  /// Used one after the other; the last one serves every further challenge.
  package var vectors: [AKAVector]
  /// Keeps branches, tags and identifiers of several subscribers apart.
  package var number: Int
  package var requestedExpiry: Int
  package var grantedExpiry: Int
  package var proof = Proof.aka
  /// Of SIP on all hops. Over TCP a response comes back on the connection of its request.
  package var transport = Sending.Transport.udp

  package init(domain: String = "hims.net", visited: String = "vims.net", user: String = "name", number: Int = 1) {
    self.domain = domain
    self.visited = visited
    self.user = user
    self.number = number
    addresses = Self.addresses
    security = SecurityAgreement()
    vectors = AKAVector.standard
    requestedExpiry = 600_000
    grantedExpiry = 3600
  }

  package static let addresses: [Member: HostPort] = [
    .ue: HostPort("10.10.0.2", 5060), .pcscf: HostPort("10.20.0.10", 5060), .icscf: HostPort("10.20.0.20", 4060),
    .scscf: HostPort("10.20.0.30", 6060), .scscf2: HostPort("10.20.0.31", 6060), .hss: HostPort("10.20.0.40", 3868),
    .dns: HostPort("10.20.0.2", 53),
    .applicationServer: HostPort("10.20.0.50", 5060),
    .sgsn: HostPort("10.30.0.1", GTPBuilder.port), .ggsn: HostPort("10.30.0.2", GTPBuilder.port),
  ]

  /// Of a UE that does not name itself, what follows from the public identity (TS 24.229 §5.3.1.2).
  package var privateIdentity: String { proof.isSilent ? "\(user)@\(domain)" : "\(user).private@\(domain)" }
  package var publicIdentity: String { "sip:\(user)@\(domain)" }

  /// The SIP URI of an S-CSCF, as Cx and the request URI have it.
  package func serverName(_ member: Member = .scscf) -> String { "sip:\(name(member)):\(address(member).port)" }

  package func address(_ member: Member) -> HostPort { addresses[member] ?? HostPort("0.0.0.0", 0) }

  /// The host name; the UE has none and is named by its address.
  package func name(_ member: Member) -> String {
    switch member {
    case .ue: address(.ue).host.inURI
    case .pcscf: "pcscf1.\(visited)"
    case .icscf: "icscf1.\(domain)"
    case .scscf: "scscf1.\(domain)"
    case .scscf2: "scscf2.\(domain)"
    case .hss: "hss1.\(domain)"
    case .dns: "dns1.\(domain)"
    case .applicationServer: "as1.\(domain)"
    case .sgsn: "sgsn1.\(visited)"
    case .ggsn: "ggsn1.\(visited)"
    }
  }

  /// The service profile of an SAA: one identity, no filter criteria.
  package var userData: String {
    """
    <?xml version="1.0" encoding="UTF-8"?><IMSSubscription><PrivateID>\(privateIdentity)</PrivateID><ServiceProfile>\
    <PublicIdentity><BarringIndication>0</BarringIndication><Identity>\(publicIdentity)</Identity></PublicIdentity>\
    </ServiceProfile></IMSSubscription>
    """
  }
}

/// The two ends of a security agreement (TS 33.203 §7.2): Security-Client, Security-Server and the four associations.
package struct SecurityAgreement: Hashable, Sendable {
  /// SPIs and ports that one end announces: those of the associations toward it.
  package struct End: Hashable, Sendable {
    package var spiClient: UInt32
    package var spiServer: UInt32
    package var portClient: UInt16
    package var portServer: UInt16

    package init(spiClient: UInt32, spiServer: UInt32, portClient: UInt16, portServer: UInt16) {
      self.spiClient = spiClient
      self.spiServer = spiServer
      self.portClient = portClient
      self.portServer = portServer
    }

    var parameters: String {
      "spi-c=\(spiClient); spi-s=\(spiServer); port-c=\(portClient); port-s=\(portServer)"
    }
  }

  package var client: End
  package var server: End
  package var algorithm: String
  package var encryption: String

  package init(
    client: End = End(spiClient: 2000, spiServer: 2001, portClient: 40001, portServer: 40002),
    server: End = End(spiClient: 1000, spiServer: 1001, portClient: 5100, portServer: 6100),
    algorithm: String = "hmac-sha-1-96", encryption: String = "null"
  ) {
    self.client = client
    self.server = server
    self.algorithm = algorithm
    self.encryption = encryption
  }

  package var securityClient: String { "ipsec-3gpp; alg=\(algorithm); ealg=\(encryption); \(client.parameters)" }

  package var securityServer: String {
    "ipsec-3gpp; q=0.5; alg=\(algorithm); ealg=\(encryption); \(server.parameters)"
  }

  /// The agreement of a later re-authentication: new SPIs and client ports, the server ports stay (TS 33.203 §7.4).
  func generation(_ number: Int) -> SecurityAgreement {
    var later = self
    later.client.spiClient += 10 * UInt32(number)
    later.client.spiServer += 10 * UInt32(number)
    later.server.spiClient += 10 * UInt32(number)
    later.server.spiServer += 10 * UInt32(number)
    later.client.portClient += 10 * UInt16(number)
    later.server.portClient += UInt16(number)
    return later
  }
}
