import IMSAccess
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import Testing

/// DNS as it is asked for the next hop: over TCP, in aliases, again after a truncated answer.
@Suite struct DNSExchangeTests {
  /// A registration whose P-CSCF looks its I-CSCF up as `lookup` says, recorded at one point.
  private func reports(_ lookup: [Sending]) -> [FlowReport] {
    let sendings = RegistrationRecipe().sendings()
    let udp = sendings.indices.filter { sendings[$0].from == .dns || sendings[$0].to == .dns }
    var all = sendings
    all.replaceSubrange(udp[0]...udp[1], with: lookup)
    var wires = Wires()
    let records = all.enumerated().flatMap { index, sending in
      wires.frames(sending).map { CaptureRecord(time: TraceText.start + Int64(index) * 1_000_000, bytes: $0) }
    }
    return Lab.reports(CaptureWriter().pcap(records))
  }

  private let cast = Cast()

  private func sending(_ message: DNSBuilder, _ transport: Sending.Transport = .udp) -> Sending {
    let client = HostPort(cast.address(.pcscf).host, transport == .udp ? 33053 : 40053)
    let server = cast.address(.dns)
    return Sending(
      time: 0, from: message.isAnswer ? .dns : .pcscf, to: message.isAnswer ? .pcscf : .dns,
      source: message.isAnswer ? server : client, destination: message.isAnswer ? client : server,
      transport: transport, payload: transport == .udp ? message.bytes : message.framed)
  }

  private func labels(_ reports: [FlowReport]) -> [String] {
    reports.flatMap(\.flow.messages).filter { $0.hop == .d1 && $0.step == "B2" }.compactMap(\.message.dns?.summary)
  }

  @Test func aTruncatedAnswerAndTheSecondAttemptOverTCPAreBothPlaced() {
    let query = DNSBuilder.query("icscf1.hims.net", type: DNSBuilder.typeA, identifier: 1)
    var cut = query.answer([])
    cut.isTruncated = true
    let address = DNSRecord.a(name: "icscf1.hims.net", "10.20.0.20")
    let reports = reports([
      sending(query), sending(cut), sending(query, .tcp), sending(query.answer([address]), .tcp),
    ])
    #expect(reports.map(\.flow.outcome) == [.registered])
    #expect(
      labels(reports) == [
        "DNS query A icscf1.hims.net", "DNS answer A icscf1.hims.net: truncated", "DNS query A icscf1.hims.net",
        "DNS answer A 10.20.0.20",
      ])
    #expect(reports[0].flow.messages.filter { $0.hop == .d1 }.map(\.message.transport) == [.udp, .udp, .tcp, .tcp])
  }

  @Test func anAliasIsFollowedIntoAnotherDomain() {
    let first = DNSBuilder.query("icscf1.hims.net", type: DNSBuilder.typeA, identifier: 1)
    let second = DNSBuilder.query("node7.example", type: DNSBuilder.typeA, identifier: 2)
    let other = DNSBuilder.query("ntp.example", type: DNSBuilder.typeA, identifier: 3)
    let reports = reports([
      sending(first), sending(first.answer([.cname(name: "icscf1.hims.net", target: "node7.example")])),
      sending(second), sending(second.answer([.a(name: "node7.example", "10.20.0.20")])),
      sending(other), sending(other.answer([.a(name: "ntp.example", "10.20.0.21")])),
    ])
    #expect(
      labels(reports) == [
        "DNS query A icscf1.hims.net", "DNS answer CNAME node7.example", "DNS query A node7.example",
        "DNS answer A 10.20.0.20",
      ])
  }

  /// In pieces of every size, two messages in a segment among them; something else on the port is left alone.
  @Test(arguments: [1, 7, 1000]) func messagesInAStreamArePutTogether(size: Int) {
    let query = DNSBuilder.query("icscf1.hims.net", type: DNSBuilder.typeSRV, identifier: 1)
    let next = DNSBuilder.query("icscf1.hims.net", type: DNSBuilder.typeA, identifier: 2)
    let bytes = query.framed + next.framed
    let (from, to) = (HostPort("10.20.0.10", 40053), HostPort("10.20.0.2", 53))
    func record(_ start: Int, _ segment: TCPBuilder) -> CaptureRecord {
      let packet = IPv4Builder(from: from.host, to: to.host, protocolNumber: TCPBuilder.number, payload: segment.bytes)
      return CaptureRecord(time: Int64(start) * 1_000_000, bytes: EthernetBuilder(ip: packet.bytes).bytes)
    }
    let records =
      [record(0, TCPBuilder(from: from, to: to, sequence: 999, flags: .syn))]
      + stride(from: 0, to: bytes.count, by: size).map { start in
        let piece = Array(bytes[start..<min(bytes.count, start + size)])
        return record(start, TCPBuilder(from: from, to: to, sequence: UInt32(1000 + start), payload: piece))
      }
    let messages = MessageLister().collect([.file(BlockFile(bytes: CaptureWriter().pcap(records)))]).messages
    #expect(
      messages.compactMap(\.dns?.summary) == ["DNS query SRV icscf1.hims.net", "DNS query A icscf1.hims.net"])
  }

  @Test func anotherProtocolOnThePortIsNoDNS() {
    let text = Array("GET / HTTP/1.1\r\nHost: example\r\n\r\n".utf8)
    let from = HostPort("10.20.0.10", 40053)
    let segment = TCPBuilder(from: from, to: HostPort("10.20.0.2", 53), sequence: 1, payload: text).bytes
    let packet = IPv4Builder(from: from.host, to: "10.20.0.2", protocolNumber: TCPBuilder.number, payload: segment)
    let record = CaptureRecord(time: 0, bytes: EthernetBuilder(ip: packet.bytes).bytes)
    #expect(MessageLister().collect([.file(BlockFile(bytes: CaptureWriter().pcap([record])))]).messages.isEmpty)
  }
}
