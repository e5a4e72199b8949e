import IMSFlows
import IMSForge
import IMSRules
import IMSViews
import IMSWire
import Testing

/// Border elements: an IBCF between P-CSCF and I-CSCF, and a P-CSCF that begins the Vias anew.
@Suite struct BorderTests {
  private static let border = HostAddress("10.30.0.10")

  private static let registration = Told.challenged + Told.granted

  /// Which of its legs were captured.
  enum Captured: CaseIterable {
    case both, near, far
  }

  @Test(arguments: Captured.allCases) func aProxyBetweenIsNoMistake(captured: Captured) throws {
    let told = try CaptureEditor(try TraceText(Self.registration).bytes)
    let plain = try #require(Trace.reports(told).first)
    var editor = told
    editor.insertBorder(Self.border)
    if captured == .near { editor.drop(between: Self.border, Node.icscf) }
    if captured == .far { editor.drop(between: Self.border, Node.pcscf) }
    let reports = Trace.reports(editor)
    let report = try #require(reports.first)
    #expect(reports.count == 1)
    #expect(report.flow.outcome == .registered)
    let known = Set(plain.findings.map(\.rule))
    let new = report.findings.filter { !known.contains($0.rule) }
    // Where a leg lacks, two Vias more are told, as a warning.
    let isTold = new.allSatisfy { captured != .both && $0.rule == "VIA003" && $0.severity == .warning }
    #expect(isTold, "\(new.map { "\($0.rule) \($0.message)" })")
  }

  /// RFC 3261 §16.6, §16.7: each leg is held against the one that it continues, on the same hop too.
  @Test func theStackOfEachLegIsThatOfTheOneBefore() throws {
    var editor = try CaptureEditor(try TraceText(Told.forwarded + Told.refused("403 Forbidden")).bytes)
    editor.insertBorder(Self.border)
    let layout = StackLayout(try #require(Trace.reports(editor).first))
    for table in layout.tables {
      let columns = table.columns.filter { !$0.frame.isEmpty }
      #expect(columns.count == 4)
      for column in columns {
        let changes = column.cells.compactMap { $0?.change }
        #expect(changes.count { $0 == .pushed } <= 1 && changes.count { $0 == .popped } <= 1)
        #expect(!changes.contains(.gone), "\(column)")
      }
    }
  }

  private static let refused = "I -> P: 403 Forbidden\nP -> UE: 403 Forbidden\n"

  /// TS 24.229 §5.10: nothing went to an S-CSCF, however many nodes stood before the I-CSCF.
  @Test(arguments: [Captured.both, .far]) func theICSCFBehindItIsNoSCSCF(captured: Captured) throws {
    var editor = try CaptureEditor(try TraceText(Told.asked + "HSS -> I: UAA exp 5004\n" + Self.refused).bytes)
    editor.insertBorder(Self.border, recordsPath: true)
    if captured == .far { editor.drop(between: Self.border, Node.pcscf) }
    let report = try #require(Trace.reports(editor).first)
    #expect(!report.flow.messages.contains { $0.hop == .h2 || $0.to == .scscf || $0.from == .scscf })
    #expect(report.causes.map(\.id) == [.roaming])
    #expect(report.flow.stop?.next.step == "B6" && report.flow.stop?.reason == .notSent)
    #expect(!report.findings.contains { ["SEQ005", "RTE009", "RTE011", "SEQ012", "CX006"].contains($0.rule) })
    #expect(report.flow.parties.first { $0.role == .icscf }?.address == IPAddress("10.20.0.20"))
  }

  /// Without Cx its own entry in the Path tells it, and the Request-URI, in which no S-CSCF stands.
  @Test func withoutCxThePathTellsIt() throws {
    let told = Told.asked.replacing("I -> HSS: UAR\n", with: "") + Self.refused
    var editor = try CaptureEditor(try TraceText(told).bytes)
    editor.insertBorder(Self.border, recordsPath: true)
    let report = try #require(Trace.reports(editor).first)
    #expect(!report.flow.messages.contains { $0.hop == .h2 })
    #expect(
      report.flow.cause == "the I-CSCF sent 403 Forbidden on H1 (frame 4), and what lies behind it was not captured")
    #expect(!report.causes.contains { $0.id == .policy })
  }

  /// An I-CSCF that another registration has shown, and the border element that gives up waiting for it.
  @Test func anICSCFOfOthersIsKnown() throws {
    let told =
      Told.challenged + Told.granted + """

        wait 600s
        user bob
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        """
    var editor = try CaptureEditor(try TraceText(told).bytes)
    editor.insertBorder(Self.border)
    editor.runOn(seconds: 300)
    let report = try #require(Trace.reports(editor).last)
    #expect(!report.flow.messages.contains { $0.hop == .h2 })
    #expect(!report.findings.contains { $0.rule == "SEQ005" })
    #expect(report.flow.stop?.next.step == "B4", "\(report.flow.stoppedAt ?? "")")
  }

  /// A load balancer before the S-CSCF: one S-CSCF was asked, whoever asked the HSS.
  @Test func aNodeBehindTheICSCFIsNoSecondServer() throws {
    let final = "500 Server Internal Error"
    for trace in [Told.challenged + Told.answered("403 Forbidden"), Told.forwarded + Told.refused(final)] {
      let told = try CaptureEditor(try TraceText(trace).bytes)
      let plain = try #require(Trace.reports(told).first)
      var editor = told
      editor.insertBalancer(HostAddress("10.20.0.25"))
      let report = try #require(Trace.reports(editor).first)
      #expect(report.causes.map(\.id) == plain.causes.map(\.id), "\(report.causes.map(\.sentence))")
      // This proxy does not count Max-Forwards.
      let new = Set(report.findings.map(\.rule)).subtracting(plain.findings.map(\.rule) + ["HDR003"])
      #expect(new.isEmpty, "\(new)")
      #expect(report.flow.borders.isEmpty)
      #expect(report.flow.parties.first { $0.role == .icscf }?.address == IPAddress("10.20.0.20"))
    }
  }

  /// Who shares an address with others is no border element by it.
  @Test func nodesOnOneAddressKeepTheirHops() throws {
    let told =
      Told.forwarded.replacing("sip:scscf1.hims.net:6060", with: "sip:hims.net") + Told.refused("403 Forbidden")
    var editor = try CaptureEditor(try TraceText(told).bytes)
    editor.editPackets { packet in
      for node in [Node.pcscf, Node.icscf, Node.scscf] {
        if packet.source.host == node { packet.source.host = Node.icscf }
        if packet.destination.host == node { packet.destination.host = Node.icscf }
      }
      let names = packet.payload.replacing(Array("pcscf1.vims.net".utf8), with: Array("10.20.0.20".utf8))
      packet.payload = names.replacing(Array("icscf1.hims.net".utf8), with: Array("10.20.0.20".utf8))
    }
    let report = try #require(Trace.reports(editor).first)
    #expect(report.flow.messages.contains { $0.hop == .h2 && $0.isRequest })
    #expect(report.flow.cause.hasPrefix("the S-CSCF"), "\(report.flow.cause)")
  }

  /// TS 24.229 §5.2.1: its leg is no second UE.
  @Test func aProxyWithViasOfItsOwnIsNoUE() throws {
    let told = try CaptureEditor(try TraceText(Self.registration).bytes)
    let plain = try #require(Trace.reports(told).first)
    var editor = told
    editor.beginAnew(behind: Node.pcscf, callID: "sbc-77@10.20.0.10")
    let reports = Trace.reports(editor)
    #expect(reports.count == 2)
    let (outer, inner) = (
      try #require(reports.first { $0.flow.seenAt == .h0 }), try #require(reports.first { $0.flow.seenAt == .h1 })
    )
    #expect(outer.flow.outcome == .registered && inner.flow.outcome == .registered)
    let known = Set(plain.findings.map(\.rule))
    for report in reports {
      let new = report.findings.filter { !known.contains($0.rule) }
      #expect(new.isEmpty, "\(new.map { "\($0.rule) \($0.message)" })")
    }
    #expect(outer.flow.exchanges.isEmpty)
    #expect(inner.flow.exchanges.count == plain.flow.exchanges.count)
    #expect(inner.flow.messages.allSatisfy { $0.hop != .h0 })
  }
}

extension CaptureEditor {
  /// Every message between P-CSCF and I-CSCF takes the way over a proxy.
  ///
  /// - Parameter recordsPath: it stays on the way of what comes later.
  fileprivate mutating func insertBorder(_ border: HostAddress, recordsPath: Bool = false) {
    records = records.flatMap { record -> [CaptureRecord] in
      guard var packet = record.transport, packet.isUDP else { return [record] }
      let ends: Set = [packet.source.host, packet.destination.host]
      if ends == [Node.icscf, Node.scscf] {
        packet.payload = Self.adding(border, to: packet.payload, recordsPath)
        var changed = record
        changed.bytes = packet.bytes
        return [changed]
      }
      guard ends == [Node.pcscf, Node.icscf] else { return [record] }
      return Self.legs(of: record, packet, over: border, isForward: packet.destination.host == Node.icscf) { far in
        far.payload = Self.adding(border, to: far.payload, recordsPath)
      }
    }
    sortByTime()
  }

  /// Every message between I-CSCF and S-CSCF takes the way over a proxy.
  fileprivate mutating func insertBalancer(_ balancer: HostAddress) {
    records = records.flatMap { record -> [CaptureRecord] in
      guard let packet = record.transport, packet.isUDP,
        [packet.source.host, packet.destination.host] as Set == [Node.icscf, Node.scscf]
      else { return [record] }
      return Self.legs(of: record, packet, over: balancer, isForward: packet.destination.host == Node.scscf) { far in
        far.payload = Self.adding(balancer, above: (Node.icscf, "icscf1.hims.net"), to: far.payload, false)
      }
    }
    sortByTime()
  }

  fileprivate mutating func drop(between one: HostAddress, _ other: HostAddress) {
    drop { record in
      record.transport.map { [$0.source.host, $0.destination.host] as Set == [one, other] } ?? false
    }
  }

  /// What a node sends on has another Call-ID and no Via of who is before it.
  fileprivate mutating func beginAnew(behind node: HostAddress, callID: String) {
    editPackets { packet in
      let core: Set = [node, Node.icscf, Node.scscf]
      guard packet.isUDP, core.contains(packet.source.host), core.contains(packet.destination.host) else { return }
      var lines = Self.lines(packet.payload).filter { !$0.hasPrefix("Via:") || !$0.contains(UE.address.description) }
      for index in lines.indices where lines[index].hasPrefix("Call-ID:") { lines[index] = "Call-ID: \(callID)" }
      packet.payload = Self.payload(lines)
    }
  }

  /// The proxy's Via above that of the node before it.
  private static func adding(
    _ border: HostAddress, above node: (address: HostAddress, name: String) = (Node.pcscf, "pcscf1.vims.net"),
    to payload: [UInt8], _ recordsPath: Bool
  ) -> [UInt8] {
    var lines = lines(payload)
    guard
      let place = lines.firstIndex(where: { $0.hasPrefix("Via:") && $0.contains(node.name) }),
      let branch = lines[place].split(separator: ";").first(where: { $0.hasPrefix("branch=") })
    else { return payload }
    // The proxy says where it came from, as the next node does in the story.
    if !lines[place].contains("received=") { lines[place] += ";received=\(node.address.description)" }
    lines.insert("Via: SIP/2.0/UDP \(border.description):5060;\(branch)b", at: place)
    if recordsPath, lines[0].hasPrefix("REGISTER"), let path = lines.firstIndex(where: { $0.hasPrefix("Path:") }) {
      lines.insert("Path: <sip:\(border.description):5060;lr>", at: path)
    }
    return Self.payload(lines)
  }

  private static func lines(_ payload: [UInt8]) -> [String] {
    String(decoding: payload, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
  }

  private static func payload(_ lines: [String]) -> [UInt8] { Array(lines.joined(separator: "\r\n").utf8) }
}
