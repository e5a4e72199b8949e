import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import Testing

/// ICMP errors, resets and aborts: kept where they speak of signalling, and told where they explain an end.
@Suite struct TransportEventTests {
  private let cast = Cast()

  /// A trace at one point, with further packets at the given times, until `end` (milliseconds).
  private func capture(_ trace: String, until end: Int64 = 200_000, _ extra: [(Int64, [UInt8])]) throws -> [UInt8] {
    var editor = try CaptureEditor(try TraceText(trace).bytes)
    editor.mergeInterfaces()
    var records = editor.records
    for (milliseconds, bytes) in extra + [(end, TransportEventTests.silence)] {
      records.append(CaptureRecord(time: TraceText.start + milliseconds * 1_000_000, bytes: bytes))
    }
    return CaptureWriter().pcap(records.sorted { $0.time < $1.time })
  }

  /// Something that is no signalling.
  private static let silence = packet(
    UDPBuilder(from: HostPort("10.9.9.1", 9000), to: HostPort("10.9.9.2", 9000), payload: [1]).bytes, 17,
    from: "10.9.9.1", to: "10.9.9.2")

  private static func packet(_ payload: [UInt8], _ number: UInt8, from: HostAddress, to: HostAddress) -> [UInt8] {
    EthernetBuilder(
      ip: IPv4Builder(from: from, to: to, protocolNumber: number, identification: 99, payload: payload).bytes
    )
    .bytes
  }

  /// "Port unreachable" for a datagram between two nodes.
  private func unreachable(from: Cast.Member, to: Cast.Member, port: UInt16? = nil) -> [UInt8] {
    let (source, destination) = (cast.address(from), cast.address(to))
    let segment = UDPBuilder(from: source, to: HostPort(destination.host, port ?? destination.port), payload: [0])
    let quoted = IPv4Builder(from: source.host, to: destination.host, protocolNumber: 17, payload: segment.bytes).bytes
    let error = ICMPBuilder(type: 3, code: 3, quoting: quoted).bytes(from: destination.host, to: source.host)
    return Self.packet(error, ICMPBuilder.number, from: destination.host, to: source.host)
  }

  private func reset(from: HostPort, to: HostPort) -> [UInt8] {
    Self.packet(TCPBuilder(from: from, to: to, sequence: 5, flags: .rst).bytes, 6, from: from.host, to: to.host)
  }

  private func events(_ bytes: [UInt8]) -> (labels: [String], count: Int) {
    let (messages, run) = MessageLister().collect([.file(BlockFile(bytes: bytes))])
    return (messages.compactMap(\.event?.name), run.coverage.messages.events)
  }

  private let silent = """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER sip:hims.net
    """

  @Test func anErrorIsListedWhenItQuotesSignalling() throws {
    let ours = unreachable(from: .pcscf, to: .icscf)
    let other = unreachable(from: .pcscf, to: .icscf, port: 9)
    let foreign = Self.packet(
      ICMPBuilder(type: 3, code: 3, quoting: Array(TransportEventTests.silence.dropFirst(14)))
        .bytes(from: "10.9.9.2", to: "10.9.9.1"), 1, from: "10.9.9.2", to: "10.9.9.1")
    let found = events(try capture(silent, [(10, ours), (11, ours), (12, foreign), (13, other)]))
    #expect(found.labels == ["ICMP port unreachable", "ICMP port unreachable"] && found.count == 2)
  }

  @Test func anErrorThatExplainsTheSilenceIsInTheCause() throws {
    let flow = try #require(
      Lab.reports(try capture(silent, [(10, unreachable(from: .pcscf, to: .icscf))])).first?.flow)
    #expect(flow.outcome == .unanswered)
    #expect(
      flow.cause.hasSuffix("; ICMP port unreachable from 10.20.0.20 for 10.20.0.20:4060 (frame 3)"), "\(flow.cause)")
  }

  @Test func anErrorAboutOthersOrBeforeIsNot() throws {
    for extra in [
      (10, unreachable(from: .scscf, to: .icscf)), (-10, unreachable(from: .pcscf, to: .icscf)),
      (10, reset(from: HostPort("10.20.0.20", 4060), to: HostPort("10.20.0.10", 40000))),
    ] as [(Int64, [UInt8])] {
      let flow = try #require(Lab.reports(try capture(silent, [extra])).first?.flow)
      #expect(flow.outcome == .unanswered && flow.failure == nil && !flow.cause.contains("ICMP"))
    }
  }

  @Test func aResetOfCxExplainsWhyTheHSSWasSilent() throws {
    let trace = """
      UE -> P: REGISTER sip:hims.net
      P -> I: REGISTER sip:hims.net
      I -> HSS: UAR
      wait 2s
      I -> P: 480 Temporarily Unavailable
      P -> UE: 480 Temporarily Unavailable
      """
    let whole = try TraceText(trace).bytes
    let uar = try #require(
      MessageLister().collect([.file(BlockFile(bytes: whole))]).messages.first { $0.diameter != nil })
    let client = HostPort(cast.address(.icscf).host, uar.source.port)
    let bytes = try capture(trace, [(100, reset(from: cast.address(.hss), to: client))])
    let flow = try #require(Lab.reports(bytes).first?.flow)
    #expect(flow.outcome == .rejected)
    #expect(flow.cause.contains("the HSS did not answer the UAR"))
    #expect(flow.cause.contains("; 10.20.0.40:3868 reset the TCP connection (frame "), "\(flow.cause)")
  }

  /// The P-CSCF does not listen where it said that it would: the UE tried to answer.
  @Test func aResetOfTheProtectedPortIsNoSilenceOfTheUE() throws {
    let agreed = """
      UE -> P: REGISTER sip:hims.net
      P -> UE: 401 Unauthorized

      """
    // Another UE shows what that port is for.
    let trace = agreed + "UE -> P: REGISTER sip:hims.net\nP -> UE: 200 OK\nuser bob\n" + agreed
    let messages = MessageLister().collect([.file(BlockFile(bytes: try TraceText(trace).bytes))]).messages
    let port = HostPort(cast.address(.pcscf).host, messages[2].destination.port)
    let bob = try #require(messages.last?.destination.address.description)
    let ue = HostPort(try #require(HostAddress(parsing: bob)), 40_000)
    #expect(port.port != 5060)
    let bytes = try capture(trace, until: 900_000, [(100, reset(from: port, to: ue))])
    let flow = try #require(Lab.reports(bytes).map(\.flow).last)
    #expect(flow.failure != nil)
    #expect(!flow.cause.contains("never answered"), "\(flow.cause)")
  }

  /// A connection that is closed hard when all is over is nobody's fault.
  @Test func aResetAfterTheAnswerChangesNothing() throws {
    let bytes = try capture(
      "UE -> P: REGISTER sip:hims.net\nP -> UE: 403 Forbidden",
      [
        (500, reset(from: cast.address(.pcscf), to: cast.address(.ue)))
      ])
    let flow = try #require(Lab.reports(bytes).first?.flow)
    #expect(flow.outcome == .rejected && flow.failure == nil)
    #expect(events(bytes).labels == ["TCP reset"])
  }

  /// The proxy could not reach anybody and said so.
  @Test func aNodeThatCouldNotSendOnIsExplained() throws {
    let trace = "UE -> P: REGISTER sip:hims.net\nwait 1s\nP -> UE: 504 Server Time-out"
    let flow = try #require(
      Lab.reports(try capture(trace, [(100, unreachable(from: .pcscf, to: .icscf))])).first?.flow)
    #expect(flow.cause.contains("; ICMP port unreachable from 10.20.0.20 for 10.20.0.20:4060"), "\(flow.cause)")
  }
}
