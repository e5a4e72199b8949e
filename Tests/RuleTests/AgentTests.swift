import IMSDiameter
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSViews
import IMSWire
import TestSupport
import Testing

/// Diameter agents, and associations with several addresses: what stands between is drawn, what is exchanged is judged once.
@Suite struct AgentTests {
  private static let agent = HostAddress("10.20.0.50")

  /// But for the messages themselves.
  private func same(_ left: FlowReport, _ right: FlowReport) -> Bool {
    left.findings.map(\.rule) == right.findings.map(\.rule) && left.passed == right.passed
      && left.notApplicable == right.notApplicable && left.notObservable == right.notObservable
      && left.verdict == right.verdict && left.flow.outcome == right.flow.outcome && left.flow.kind == right.flow.kind
  }

  @Test func bothLegsAreOneExchange() throws {
    let plain = try #require(Trace.reports(try Trace.compliant()).first)
    var editor = try Trace.compliant()
    editor.insertAgent(Self.agent)
    let reports = Trace.reports(editor)
    let report = try #require(reports.first)
    #expect(reports.count == 1)
    #expect(same(report, plain), "\(report.findings.map(\.message)) \(report.notObservable)")
    #expect(report.flow.deviations == plain.flow.deviations)
    #expect(report.flow.exchanges.count == plain.flow.exchanges.count)
    #expect(report.flow.exchanges.allSatisfy { $0.legs.count == 1 && $0.legs[0].messages.count == 2 })
    let cx = report.flow.messages.filter { $0.command != nil }
    #expect(cx.count == 2 * plain.flow.messages.count { $0.command != nil })
    #expect(cx.allSatisfy { $0.step != nil })
    #expect(report.flow.parties.contains { $0.role == .agent && "\($0.address)" == "10.20.0.50" })
    #expect(report.flow.parties.filter { $0.role != .agent }.map(\.role) == plain.flow.parties.map(\.role))
  }

  @Test func theLadderDrawsTwoArrows() throws {
    var editor = try Trace.compliant()
    editor.insertAgent(Self.agent)
    let layout = LadderLayout(try #require(Trace.reports(editor).first))
    let titles = layout.lanes.map(\.title)
    let asked = layout.arrows.filter { $0.labels.first?.hasPrefix("MAR") ?? false }
    #expect(asked.map { [titles[$0.from], titles[$0.to]] } == [["S-CSCF", "DRA"], ["DRA", "HSS"]])
    let told = layout.arrows.filter { $0.labels.first?.hasPrefix("MAA") ?? false }
    #expect(told.map { [titles[$0.from], titles[$0.to]] } == [["HSS", "DRA"], ["DRA", "S-CSCF"]])
    #expect(Set((asked + told).map(\.step)) == ["B7"])
  }

  @Test func withoutSIPTheLegsAreOneExchangeToo() throws {
    func isCx(_ record: CaptureRecord) -> Bool {
      record.transport.map { !$0.isUDP && $0.payload.first != 0x52 && $0.payload.first != 0x53 } ?? false
        && (record.transport?.source.port == 3868 || record.transport?.destination.port == 3868)
    }
    var editor = try Trace.compliant()
    editor.drop { !isCx($0) }
    let plain = Trace.reports(editor)
    editor.insertAgent(Self.agent)
    let reports = Trace.reports(editor)
    #expect(plain.count == 1)
    #expect(reports.count == 1)
    let pair = try #require(zip(reports, plain).first { _ in true })
    #expect(same(pair.0, pair.1))
    #expect(pair.0.flow.exchanges.count == pair.1.flow.exchanges.count)
  }

  /// RFC 6733 §6.2.2: the HSS did answer, and the node that asked has no answer.
  @Test func whatTheAgentKeepsIsNotAnswered() throws {
    var editor = try Trace.compliant()
    editor.insertAgent(Self.agent)
    editor.runOn(seconds: 60)
    editor.drop { record in
      record.transport.map { packet in
        packet.source.host == Self.agent && packet.isDiameter(301) && packet.payload[4] & 0x80 == 0
          || packet.matches("SIP/2.0 200")
      } ?? false
    }
    let report = try #require(Trace.reports(editor).first)
    #expect(
      report.findings.filter { $0.rule == "DIA003" }.map(\.message) == [
        "the SAR was answered to the agent, and that passed nothing on"
      ])
    #expect(!report.flow.deviations.contains { $0.kind == .missing && $0.label == "SAA" })
  }

  /// A second HSS that is asked after the first one was silent is asked anew, with the same End-to-End Id.
  @Test func aSecondAttemptIsNoLeg() throws {
    var editor = try Trace.compliant()
    editor.insertAgent(Self.agent)
    let other = HostAddress("10.20.0.51")
    editor.editPackets { packet in
      // What left the agent for the HSS now comes from the S-CSCF itself.
      guard packet.source.host == Self.agent, packet.destination.host == Node.hss else { return }
      packet.source.host = Node.scscf
      packet.destination.host = other
    }
    let flow = try #require(Trace.reports(editor).first).flow
    #expect(flow.exchanges.contains { $0.legs.isEmpty && $0.answer == nil })
  }

  /// Both legs to an HSS leave the agent, and none goes to another one.
  @Test func anAgentThatAsksASecondHSSIsDrawnOnce() throws {
    var editor = try Trace.compliant()
    editor.insertAgent(Self.agent)
    let other = HostAddress("10.20.0.51")
    editor.records = editor.records.flatMap { record -> [CaptureRecord] in
      guard var packet = record.transport, packet.source.host == Self.agent, packet.destination.host == Node.hss,
        packet.isDiameter(300)
      else { return [record] }
      packet.destination.host = other
      packet.payload[13] ^= 0x55
      var silent = record
      silent.bytes = packet.bytes
      silent.time -= 10_000
      return [silent, record]
    }
    editor.sortByTime()
    let flow = try #require(Trace.reports(editor).first).flow
    let legs = flow.messages.filter { $0.command == .userAuthorization && $0.asks && $0.from == .agent }
    #expect(legs.count == 4)
    #expect(legs.allSatisfy { $0.to == .hss })
  }

  /// No SIP comes from it: it is no I-CSCF that asks for vectors.
  @Test func anAgentSeenFromItsFarSideIsNoCSCF() throws {
    var editor = try Trace.compliant()
    editor.insertAgent(Self.agent)
    editor.drop { record in
      record.transport.map { packet in
        let ends: Set = [packet.source.host, packet.destination.host]
        return ends == [Self.agent, Node.icscf] || ends == [Self.agent, Node.scscf]
      } ?? false
    }
    let flow = try #require(Trace.reports(editor).first).flow
    #expect(!flow.deviations.contains { $0.kind == .wrongPeer })
  }

  // MARK: Several addresses

  /// Every second packet of the HSS comes from its other address to the other one of its peer.
  @Test func anAnswerOnAnotherPathIsAnAnswer() throws {
    let recorded = try Trace.sample("cx-over-sctp.pcapng")
    var editor = recorded
    editor.mapRecords { record in
      guard record.ipv4Payload != nil, record.bytes[23] == 132, Array(record.bytes[26..<30]) == [10, 20, 0, 40] else {
        return
      }
      record.bytes[27] = 30
      record.bytes[31] = 30
    }
    let (plain, split) = (Trace.reports(recorded), Trace.reports(editor))
    #expect(plain.count == split.count)
    #expect(zip(plain, split).allSatisfy { same($0, $1) })
    #expect(split.allSatisfy { $0.flow.exchanges.allSatisfy { $0.request != nil && $0.answer != nil } })
  }
}

extension CaptureEditor {
  /// Every message between a CSCF and the HSS takes the way over an agent, which gives it another Hop-by-Hop Id.
  mutating func insertAgent(_ agent: HostAddress) {
    records = records.flatMap { record -> [CaptureRecord] in
      guard let packet = record.transport, !packet.isUDP,
        packet.source.host == Node.hss || packet.destination.host == Node.hss
      else { return [record] }
      return Self.legs(of: record, packet, over: agent, isForward: packet.destination.host == Node.hss) { far in
        if far.payload.count >= 20 { far.payload[12] ^= 0x55 }
      }
    }
    sortByTime()
  }

  /// What a node between two others receives and sends on.
  ///
  /// - Parameter change: what it does to what travels on its far side.
  static func legs(
    of record: CaptureRecord, _ packet: PacketEditor, over node: HostAddress, isForward: Bool,
    change: (inout PacketEditor) -> Void
  ) -> [CaptureRecord] {
    var (near, far) = (packet, packet)
    if isForward {
      near.destination.host = node
      far.source.host = node
    } else {
      near.source.host = node
      far.destination.host = node
    }
    change(&far)
    var records = [record, record]
    records[0].bytes = (isForward ? near : far).bytes
    records[1].bytes = (isForward ? far : near).bytes
    records[1].time += 20_000
    return records
  }
}
