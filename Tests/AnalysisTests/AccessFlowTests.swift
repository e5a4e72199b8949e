import Foundation
import IMSAccess
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// What the access network told the UE before its first REGISTER.
@Suite struct AccessFlowTests {
  private static let sgw: HostAddress = "10.30.0.1"
  private static let pgw: HostAddress = "10.30.0.2"

  private static let trace = """
    UE -> P: REGISTER sip:hims.net
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> UE: 200 OK
    """

  private static func packet(_ payload: [UInt8], from: HostPort, to: HostPort) -> [UInt8] {
    let segment = UDPBuilder(from: from, to: to, payload: payload).bytes
    return EthernetBuilder(
      ip: IPv4Builder(from: from.host, to: to.host, protocolNumber: 17, identification: 1, payload: segment).bytes
    ).bytes
  }

  private static func gtp(_ message: GTPBuilder, from: HostAddress = sgw, to: HostAddress = pgw) -> [UInt8] {
    packet(message.bytes, from: HostPort(from, GTPBuilder.port), to: HostPort(to, GTPBuilder.port))
  }

  /// Create Session Request and Response of S5, or of S11.
  private static func session(
    _ address: HostAddress, sequence: UInt32 = 1, imsi: String = "001010000000001", isS11: Bool = false,
    asksForPCSCF: Bool = true, cause: UInt8 = 16
  ) -> [[UInt8]] {
    let (client, server): (HostAddress, HostAddress) = isS11 ? ("10.30.0.3", sgw) : (sgw, pgw)
    var request = GTPBuilder(version: 2, type: 32, teid: 0, sequence: sequence)
    request.imsi(imsi)
    request.tunnel(interface: isS11 ? 10 : 6, teid: 7, client)
    request.apn("net")
    if asksForPCSCF { request.pco([(0x000c, [])]) }
    var response = GTPBuilder(version: 2, type: 33, teid: 7, sequence: sequence)
    response.cause(cause)
    response.tunnel(interface: isS11 ? 11 : 7, teid: 0x90 + sequence, server, instance: isS11 ? 0 : 1)
    response.address(address)
    if asksForPCSCF { response.pco([(0x000c, [10, 20, 0, 10])]) }
    return [gtp(request, from: client, to: server), gtp(response, from: server, to: client)]
  }

  private static func delete(_ sequence: UInt32) -> [UInt8] {
    gtp(GTPBuilder(version: 2, type: 36, teid: 0x90 + sequence, sequence: 77))
  }

  /// The trace at one point behind `before`, a second apart each, and with `during` a millisecond after its beginning.
  private func reports(
    _ before: [[UInt8]], during: [[UInt8]] = [], trace: String = AccessFlowTests.trace, user: String? = nil
  ) throws -> [FlowReport] {
    let text = user.map { "user \($0)\n\(trace)" } ?? trace
    var editor = try CaptureEditor(try TraceText(text).bytes)
    editor.mergeInterfaces()
    var records = editor.records
    let start = records[0].time
    for (index, bytes) in before.enumerated() {
      let time = start - Int64(before.count - index) * 1_000_000_000
      records.append(CaptureRecord(time: time, bytes: bytes))
    }
    for bytes in during { records.append(CaptureRecord(time: start + 1_000_000, bytes: bytes)) }
    let sorted = records.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    return Lab.reports(CaptureWriter().pcap(sorted.map(\.element)))
  }

  private func access(_ reports: [FlowReport]) -> [String] {
    reports.flatMap(\.flow.messages).filter(\.isAccess).map { placed in
      let ends = [placed.from, placed.to].map { $0?.rawValue ?? "–" }.joined(separator: " > ")
      return "\(placed.step ?? "–") \(placed.hop?.rawValue ?? "–") \(ends) \(placed.message.access?.name ?? "")"
    }
  }

  private static let s5 = [
    "A5 G1 S-GW > GGSN/P-GW Create Session Request", "A6 G1 GGSN/P-GW > S-GW Create Session Response",
  ]

  @Test func theSeedHasItsPDPContextActivation() throws {
    let plain = try #require(Lab.reports(try Files.sample("seed-registration.pcap")).first)
    let report = try #require(Lab.reports(try Files.sample("seed-registration-access.pcap")).first)
    #expect(
      access([report]) == [
        "A5 G1 SGSN/MME > GGSN/P-GW Create PDP Context Request",
        "A6 G1 GGSN/P-GW > SGSN/MME Create PDP Context Response",
      ])
    #expect(
      report.flow.parties.map(\.role) == [.ue, .sgsn, .pgw, .pcscf, .dns, .icscf, .scscf, .hss])
    #expect(report.flow.parties[1].basis == "sent the Create PDP Context Request")
    // Otherwise it is the same registration.
    #expect(report.flow.start == plain.flow.start && report.flow.end == plain.flow.end)
    #expect(report.flow.outcome == plain.flow.outcome && report.flow.kind == plain.flow.kind)
    #expect(report.flow.messages.dropFirst(2).map(\.step) == plain.flow.messages.map(\.step))
    #expect(report.findings.map(\.rule) == plain.findings.map(\.rule))
    #expect(report.passed.filter { !plain.passed.contains($0) } == ["NET001", "NET002", "NET003", "NET005"])
    #expect(plain.passed.allSatisfy(report.passed.contains))
    #expect(report.flow.deviations.map(\.step) == plain.flow.deviations.map(\.step))
  }

  @Test func theAddressOfTheUETiesThemAndBothLegsAreThere() throws {
    let other = Self.session("10.10.0.9", sequence: 5)
    let legs = Self.session("10.10.0.2", sequence: 1, isS11: true) + Self.session("10.10.0.2", sequence: 2)
    let order = [legs[0], legs[2], legs[3], legs[1]]
    #expect(
      access(try reports(other + order)) == ["A5 S11 SGSN/MME > S-GW Create Session Request"] + Self.s5 + [
        "A6 S11 S-GW > SGSN/MME Create Session Response"
      ])
  }

  @Test func withoutThemOrWithOthersNothingChanges() throws {
    let plain = try reports([])
    for before in [
      Self.session("10.10.0.9", imsi: "001010000000009"), Self.session("10.10.0.2", cause: 73),
      Self.session("10.10.0.2", imsi: "001010000000009") + [Self.delete(1)],
    ] {
      let found = try reports(before)
      #expect(access(found) == [] && found.map(\.flow.outcome) == plain.map(\.flow.outcome))
      #expect(found[0].flow.deviations.map(\.step) == plain[0].flow.deviations.map(\.step))
    }
  }

  /// An address is given again to another UE: what was last before the REGISTER counts.
  @Test func theLatestConnectionCounts() throws {
    let found = try reports(
      Self.session("10.10.0.2", sequence: 1, imsi: "001010000000008") + [Self.delete(1)]
        + Self.session("10.10.0.2", sequence: 2))
    #expect(access(found) == Self.s5)
    #expect(found[0].flow.messages[0].message.access?.gtp?.imsi == "001010000000001")
  }

  @Test func aConnectionThatIsTornDownMeanwhileIsShown() throws {
    let found = try reports(Self.session("10.10.0.2"), during: [Self.delete(1)])
    #expect(access(found) == Self.s5 + ["– G1 S-GW > GGSN/P-GW Delete Session Request"])
  }

  /// The UE's address may be translated; an identity that is derived from the IMSI ties it all the same, to the
  /// connection for the IMS.
  @Test func theIMSITiesThemWhereNoAddressFits() throws {
    let trace = Self.trace.replacing(
      "UE -> P: REGISTER sip:hims.net",
      with: "UE -> P: REGISTER sip:hims.net\n  Authorization.username: \"001010000000001@hims.net\"")
    let internet = Self.session("10.40.0.6", sequence: 2, asksForPCSCF: false)
    #expect(access(try reports(Self.session("10.40.0.5") + internet, trace: trace)) == Self.s5)
    #expect(access(try reports(internet, trace: trace)) == [])
    #expect(access(try reports(Self.session("10.40.0.5", imsi: "001010000000002"), trace: trace)) == [])
  }

  @Test func aSecondRegistrationOfTheSameBindingHasNoAccess() throws {
    let found = try reports(
      Self.session("10.10.0.2"), trace: Self.trace + "\nwait 60s\nUE -> P: REGISTER sip:hims.net\nP -> UE: 200 OK")
    #expect(found.map(\.flow.kind) == [.initial, .refresh])
    #expect(access([found[0]]) == Self.s5 && access([found[1]]) == [])
  }

  @Test func dhcpIsPCSCFDiscovery() throws {
    var request = DHCPBuilder(version: 4, type: 3, transaction: 9)
    request.askForSIPServers()
    var answer = DHCPBuilder(version: 4, type: 5, transaction: 9, address: "10.10.0.2")
    answer.sipServers(["10.20.0.10"])
    let found = try reports([
      Self.packet(request.bytes, from: HostPort("0.0.0.0", 68), to: HostPort("255.255.255.255", 67)),
      Self.packet(answer.bytes, from: HostPort("10.10.0.1", 67), to: HostPort("10.10.0.2", 68)),
    ])
    #expect(access(found) == ["A8 D0 UE > DHCP DHCPREQUEST", "A8 D0 DHCP > UE DHCPACK"])
    #expect(found[0].flow.parties.first { $0.role == .ue }?.address.description == "10.10.0.2")
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func aRecordedSessionHasItsPCSCF() throws {
    let file = try #require(
      Files.captures(in: "public").first { $0.lastPathComponent == "open5gs-open5gs__ipsec_reg.pcapng" })
    let found = Lab.reports(try Files.bytes(file))
    #expect(
      access(found) == ["A5 S11 SGSN/MME > S-GW Create Session Request"] + Self.s5 + [
        "A6 S11 S-GW > SGSN/MME Create Session Response"
      ])
    let answers = found.flatMap(\.flow.messages).filter { $0.step == "A6" }
    #expect(answers.map { $0.message.access?.pcscf ?? [] } == [["10.4.128.21"], ["10.4.128.21"]])
  }
}
