internal import IMSBytes

/// The registration of the 2007 EventHelix diagram set "IMS Registration for an Unauthenticated User", as packets.
///
/// Literal values of the figure stand as they are drawn, with its departures from the specifications: branches without
/// the magic cookie, Route to the P-CSCF, Max-Forwards 20, no Path, no Service-Route. What the figure leaves open
/// agrees with the first vector of `AKAVector.standard`, so that nonce, MAA and digest verify. The protected messages
/// on Gm travel in ESP with null encryption and hmac-sha-1-96.
package struct SeedRegistration: Sendable {
  /// Addresses of RFC 5737; ports and SPIs are those of Security-Client and Security-Server.
  private let ue: HostAddress = "192.0.2.10"
  private let pcscf: HostAddress = "198.51.100.10"
  private let dns: HostAddress = "198.51.100.53"
  private let icscf: HostAddress = "203.0.113.20"
  private let scscf: HostAddress = "203.0.113.30"
  private let hss: HostAddress = "203.0.113.40"
  private let sgsn: HostAddress = "198.51.100.20"
  private let ggsn: HostAddress = "198.51.100.1"
  private let start: Int64
  private let withAccess: Bool
  private let vector = AKAVector.standard[0]
  private let impi = "name.private@hims.net"
  private let impu = "sip:name@hims.net"
  private let server = "sip:scscf1.hims.net"

  /// Integrity check values of the two ESP packets: HMAC-SHA-1 with the key IK ‖ 00000000 over SPI to next header, cut
  /// to 96 bits. Computed once outside; the forge has no cryptography.
  package static let checks: [UInt32: String] = [1001: "f7fa965b215a12eb32c37852", 2001: "526f971ea7573d3b970452ee"]

  /// 2007-11-24T18:36:00Z, the date of the figure.
  /// - Parameter withAccess: with the PDP context activation of the figure between SGSN and GGSN, two seconds before.
  package init(start: Int64 = 1_195_929_360_000_000_000, withAccess: Bool = false) {
    self.start = start
    self.withAccess = withAccess
  }

  /// A classic pcap file with microseconds.
  package var bytes: [UInt8] { CaptureWriter().pcap(records) }

  package var records: [CaptureRecord] {
    var wires = Wires { spi, _ in Hex.decode(Self.checks[spi] ?? "") ?? [] }
    let registration = sendings.enumerated().flatMap { index, sending in
      wires.frames(sending).map { CaptureRecord(time: start + Int64(index) * 5_000_000, bytes: $0) }
    }
    return (withAccess ? activation : []) + registration
  }

  // MARK: PDP context activation

  /// The request asks for a P-CSCF and a name server, the answer has both and the address of the UE.
  private var activation: [CaptureRecord] {
    var request = GTPBuilder(version: 1, type: 16, teid: 0, sequence: 0x2007)
    request.imsi("001010000000001")
    request.tunnel(control: 0x1001, user: 0x1002)
    request.address(nil)
    request.apn("ims.vims.net")
    request.pco([(0x0002, []), (0x000c, []), (0x000d, [])])
    request.gsn(sgsn)
    request.msisdn("4930123456")
    var response = GTPBuilder(version: 1, type: 17, teid: 0x1001, sequence: 0x2007)
    response.cause(128)
    response.tunnel(control: 0x2001, user: 0x2002)
    response.address(ue)
    response.pco([(0x0002, []), (0x000c, pcscf.bytes), (0x000d, dns.bytes)])
    response.gsn(ggsn)
    return [record(request, from: sgsn, to: ggsn, before: 2000), record(response, from: ggsn, to: sgsn, before: 1950)]
  }

  /// - Parameter before: milliseconds before the first REGISTER.
  private func record(
    _ message: GTPBuilder, from source: HostAddress, to destination: HostAddress, before milliseconds: Int64
  ) -> CaptureRecord {
    let datagram = UDPBuilder(
      from: HostPort(source, GTPBuilder.port), to: HostPort(destination, GTPBuilder.port), payload: message.bytes)
    let packet = IPv4Builder(
      from: source, to: destination, protocolNumber: UDPBuilder.number, identification: 1, payload: datagram.bytes)
    return CaptureRecord(time: start - milliseconds * 1_000_000, bytes: EthernetBuilder(ip: packet.bytes).bytes)
  }

  private var sendings: [Sending] {
    challenged + [
      message(.ue, protectedFrom, .pcscf, protectedTo, answer(hop: 0), spi: 1001),
      message(.pcscf, HostPort(pcscf, 5060), .icscf, HostPort(icscf, 5060), answer(hop: 1)),
      cx(.icscf, CxBuilder.uar(exchange(3, .icscf), impi: impi, impu: impu, visited: "vims.net")),
      cx(.icscf, CxBuilder.uaa(exchange(3, .icscf), .experimental(2002), serverName: server)),
      message(.icscf, HostPort(icscf, 5060), .scscf, HostPort(scscf, 5060), answer(hop: 2)),
      cx(.scscf, CxBuilder.sar(exchange(4, .scscf), impi: impi, impu: impu, serverName: server)),
      cx(.scscf, CxBuilder.saa(exchange(4, .scscf), impi: impi, userData: userData)),
      message(.scscf, HostPort(scscf, 5060), .icscf, HostPort(icscf, 5060), ok(hop: 2)),
      message(.icscf, HostPort(icscf, 5060), .pcscf, HostPort(pcscf, 5060), ok(hop: 1)),
      message(.pcscf, HostPort(pcscf, 5100), .ue, HostPort(ue, 40002), ok(hop: 0), spi: 2001),
    ]
  }

  /// The unauthenticated attempt.
  private var challenged: [Sending] {
    let query = DNSBuilder.query("hims.net", type: DNSBuilder.typeA, identifier: 0x2007)
    let resolver = HostPort(pcscf, 33053)
    return [
      message(.ue, HostPort(ue, 5060), .pcscf, HostPort(pcscf, 5060), register(hop: 0)),
      sending(.pcscf, resolver, .dns, HostPort(dns, 53), .udp, query.bytes),
      sending(
        .dns, HostPort(dns, 53), .pcscf, resolver, .udp, query.answer([.a(name: "hims.net", icscf)]).bytes),
      message(.pcscf, HostPort(pcscf, 5060), .icscf, HostPort(icscf, 5060), register(hop: 1)),
      cx(.icscf, CxBuilder.uar(exchange(1, .icscf), impi: impi, impu: impu, visited: "vims.net")),
      cx(.icscf, CxBuilder.uaa(exchange(1, .icscf), .experimental(2001), capabilities: [1])),
      message(.icscf, HostPort(icscf, 5060), .scscf, HostPort(scscf, 5060), register(hop: 2)),
      cx(.scscf, CxBuilder.mar(exchange(2, .scscf), impi: impi, impu: impu, serverName: server)),
      cx(.scscf, CxBuilder.maa(exchange(2, .scscf), impi: impi, impu: impu, vector: vector)),
      message(.scscf, HostPort(scscf, 5060), .icscf, HostPort(icscf, 5060), challenge(hop: 2)),
      message(.icscf, HostPort(icscf, 5060), .pcscf, HostPort(pcscf, 5060), challenge(hop: 1)),
      message(.pcscf, HostPort(pcscf, 5060), .ue, HostPort(ue, 5060), challenge(hop: 0)),
    ]
  }

  // MARK: SIP, by hop: 0 UE to P-CSCF, 1 P-CSCF to I-CSCF, 2 I-CSCF to S-CSCF

  private func register(hop: Int) -> SIPBuilder {
    var text = head(hop: hop, sequence: 25, isProtected: false)
    if hop == 0 { text.set("Security-Client", securityClient) }
    let credentials = "Digest username=\"\(impi)\""
    text.set("Authorization", hop == 0 ? credentials : credentials + ", integrity-protected=\"no\"")
    return text
  }

  private func answer(hop: Int) -> SIPBuilder {
    var text = head(hop: hop, sequence: 26, isProtected: true)
    if hop == 0 {
      text.set("Security-Client", securityClient)
      text.set("Security-Verify", securityServer)
    }
    let credentials =
      "Digest username=\"\(impi)\", realm=\"hims.net\", uri=\"sip:hims.net\", nonce=\"\(vector.nonce)\", "
      + "algorithm=AKAv1-MD5, response=\"\(vector.response(domain: "hims.net"))\""
    text.set("Authorization", hop == 0 ? credentials : credentials + ", integrity-protected=\"yes\"")
    return text
  }

  private func head(hop: Int, sequence: Int, isProtected: Bool) -> SIPBuilder {
    var text = SIPBuilder(startLine: "REGISTER sip:hims.net SIP/2.0")
    text.set("Via", all: vias(hop: hop, isProtected: isProtected, isReceived: false))
    if hop == 0 { text.set("Route", isProtected ? "<sip:\(pcscf):6100;lr>" : "<sip:\(pcscf);lr>") }
    if hop == 2 { text.set("Route", "<sip:scscf1.hims.net;lr>") }
    text.set("Max-Forwards", "\(20 - hop)")
    text.set("From", "<\(impu)>;tag=abbb")
    text.set("To", "<\(impu)>")
    text.set("Contact", "<sip:\(ue)\(isProtected ? ":40002" : "")>;expires=90000")
    text.set("Call-ID", "ababab")
    text.set("CSeq", "\(sequence) REGISTER")
    return text
  }

  private func challenge(hop: Int) -> SIPBuilder {
    var text = response("401 Unauthorized", hop: hop, sequence: 25, isProtected: false)
    let start = "Digest realm=\"hims.net\", nonce=\"\(vector.nonce)\", algorithm=AKAv1-MD5"
    let keys = ", ck=\"\(Hex.encode(vector.ck))\", ik=\"\(Hex.encode(vector.ik))\""
    text.set("WWW-Authenticate", hop == 0 ? start : start + keys)
    if hop == 0 { text.set("Security-Server", securityServer) }
    return text
  }

  private func ok(hop: Int) -> SIPBuilder {
    var text = response("200 OK", hop: hop, sequence: 26, isProtected: true)
    text.set("Contact", "<sip:\(ue):40002>;expires=90000")
    return text
  }

  private func response(_ status: String, hop: Int, sequence: Int, isProtected: Bool) -> SIPBuilder {
    var text = SIPBuilder(startLine: "SIP/2.0 \(status)")
    text.set("Via", all: vias(hop: hop, isProtected: isProtected, isReceived: true))
    text.set("From", "<\(impu)>;tag=abbb")
    text.set("To", "<\(impu)>;tag=baaa")
    text.set("Call-ID", "ababab")
    text.set("CSeq", "\(sequence) REGISTER")
    return text
  }

  /// The figure gives no branches for the second attempt. A transaction of its own needs its own, so they count on.
  private func vias(hop: Int, isProtected: Bool, isReceived: Bool) -> [String] {
    let branches = isProtected ? ["0abac", "0aac1", "0aac2"] : ["0abab", "0aab1", "0aab2"]
    let sentBy = ["\(ue)\(isProtected ? ":40002" : "")", "pcscf1.vims.net", "icscf1.hims.net"]
    let addresses = ["", ";received=\(pcscf)", ";received=\(icscf)"]
    return (0...hop).reversed().map { index in
      let seen = isReceived || index < hop
      return "SIP/2.0/UDP \(sentBy[index]);branch=\(branches[index])" + (seen ? addresses[index] : "")
    }
  }

  private var securityClient: String {
    "ipsec-3gpp; alg=hmac-sha-1-96; ealg=null; spi-c=2000; spi-s=2001; port-c=40001; port-s=40002"
  }

  private var securityServer: String {
    "ipsec-3gpp; q=0.5; alg=hmac-sha-1-96; ealg=null; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100"
  }

  private var protectedFrom: HostPort { HostPort(ue, 40001) }
  private var protectedTo: HostPort { HostPort(pcscf, 6100) }

  // MARK: Cx

  private var userData: String { Cast().userData }

  private func exchange(_ number: UInt32, _ client: Cast.Member) -> CxBuilder.Exchange {
    let name = client == .icscf ? "icscf1.hims.net" : "scscf1.hims.net"
    return CxBuilder.Exchange(
      session: "\(name);1195929360;\(number)", hopByHop: 0x1000 + number, endToEnd: 0x2000 + number, client: name,
      server: "hss1.hims.net", realm: "hims.net")
  }

  private func cx(_ client: Cast.Member, _ message: DiameterBuilder) -> Sending {
    let end = client == .icscf ? HostPort(icscf, 45456) : HostPort(scscf, 35666)
    let far = HostPort(hss, 3868)
    return message.isRequest
      ? sending(client, end, .hss, far, .tcp, message.bytes) : sending(.hss, far, client, end, .tcp, message.bytes)
  }

  private func message(
    _ from: Cast.Member, _ source: HostPort, _ to: Cast.Member, _ destination: HostPort, _ text: SIPBuilder,
    spi: UInt32? = nil
  ) -> Sending {
    var sending = sending(from, source, to, destination, .udp, text.bytes)
    sending.spi = spi
    return sending
  }

  private func sending(
    _ from: Cast.Member, _ source: HostPort, _ to: Cast.Member, _ destination: HostPort, _ transport: Sending.Transport,
    _ payload: [UInt8]
  ) -> Sending {
    Sending(
      time: start, from: from, to: to, source: source, destination: destination, transport: transport, payload: payload)
  }
}
