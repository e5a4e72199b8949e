import Foundation
import IMSAccess
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSMessages
import IMSRules
import TestSupport
import Testing

/// What the message reader makes of the ports of the access network.
@Suite struct AccessReaderTests {
  private static let sgw = HostPort("10.0.0.1", 2123)
  private static let pgw = HostPort("10.0.0.2", 2123)

  private func datagram(_ payload: [UInt8], from source: HostPort = sgw, to destination: HostPort = pgw) -> [UInt8] {
    let segment = UDPBuilder(from: source, to: destination, payload: payload).bytes
    let packet = IPv4Builder(
      from: source.host, to: destination.host, protocolNumber: UDPBuilder.number, identification: 7, payload: segment)
    return EthernetBuilder(ip: packet.bytes).bytes
  }

  private func read(_ frames: [[UInt8]]) -> (messages: [Message], run: RunReport) {
    let records = frames.enumerated().map { CaptureRecord(time: Int64($0.offset) * 1_000_000_000, bytes: $0.element) }
    return MessageLister().collect([.file(BlockFile(bytes: CaptureWriter().pcap(records)))])
  }

  private func notDecoded(_ run: RunReport) -> [String] { run.coverage.notDecoded.map { "\($0.what) \($0.frames)" } }

  @Test func messagesThatAreReadAndMessagesThatAreCounted() {
    let create = GTPBuilder(version: 2, type: 32, teid: 0, sequence: 1).bytes
    let modify = GTPBuilder(version: 2, type: 34, teid: 0, sequence: 2).bytes
    let (messages, run) = read([
      datagram(create), datagram(modify), datagram(modify), datagram(Array("nothing of the sort".utf8)),
      datagram([0x0e, 1, 0, 2, 0, 1, 0, 0], to: HostPort("10.0.0.3", 3386)),
    ])
    #expect(messages.compactMap(\.access).map(\.name) == ["Create Session Request"])
    #expect(run.coverage.messages.gtp == 1)
    #expect(
      notDecoded(run) == ["GTP' 1", "GTPv2-C Modify Bearer Request 2", "UDP port 2123 without GTP-C 1"])
  }

  @Test func aPiggybackedMessageIsAMessageOfItsOwn() {
    var response = GTPBuilder(version: 2, type: 33, teid: 1, sequence: 1).bytes
    response[0] |= 0x10
    let create = GTPBuilder(version: 2, type: 95, teid: 1, sequence: 2).bytes
    var echo = GTPBuilder(version: 2, type: 1, teid: 0, sequence: 3).bytes
    echo[0] |= 0x10
    let (messages, run) = read([datagram(response + create), datagram(echo + create)])
    #expect(
      messages.compactMap(\.access).map(\.name)
        == ["Create Session Response", "Create Bearer Request"])
    #expect(messages.map(\.sightings.count) == [1, 2])
    #expect(notDecoded(run) == ["GTPv2-C Echo Request 1"])
  }

  @Test func dhcpIsReadOnItsPorts() {
    let discover = DHCPBuilder(version: 4, type: 1, transaction: 1).bytes
    let solicit = DHCPBuilder(version: 6, type: 1, transaction: 1).bytes
    let (messages, run) = read([
      datagram(discover, from: HostPort("0.0.0.0", 68), to: HostPort("255.255.255.255", 67)),
      datagram(solicit, from: HostPort("10.0.0.4", 546), to: HostPort("10.0.0.5", 547)),
      datagram(discover, from: HostPort("10.0.0.4", 5000), to: HostPort("10.0.0.5", 5001)),
    ])
    #expect(messages.compactMap(\.access).map(\.name) == ["DHCPDISCOVER", "DHCPv6 Solicit"])
    #expect(run.coverage.messages.dhcp == 2)
  }

  @Test func aSecondCopyIsASightingAndAnotherSendingARetransmission() {
    let create = datagram(GTPBuilder(version: 2, type: 32, teid: 0, sequence: 1).bytes)
    var again = create
    again[14 + 5] = 9  // another identification
    let (messages, run) = read([create, create, again])
    #expect(messages.count == 1 && messages.first?.transmissions.count == 2)
    #expect(run.coverage.messages.copies == 1 && run.coverage.messages.retransmissions == 1)
  }
}

/// tshark reads the same in every public capture with GTP-C.
@Suite(
  .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
  .enabled(if: Tshark.isInstalled, Comment(rawValue: Tshark.absence)))
struct TsharkAccessTests {
  static let captures = Files.captures(in: "public")

  /// Type, sequence number, TEID, IMSI, causes, APN, addresses, P-CSCFs of each message that is read: a line each.
  private func theirs(_ file: URL) throws -> [String] {
    let types = "gtpv2.message_type in {32,33,36,37,95,96} || gtp.message in {16,17,18,19,20,21}"
    let rows = try Tshark.rows(
      file.path, filter: "udp && !icmp && !(gtp.flags.version == 0) && (\(types))",
      fields: [
        "gtpv2.message_type", "gtp.message", "gtpv2.seq", "gtp.seq_number", "gtpv2.teid", "gtp.teid", "e212.imsi",
        "gtpv2.cause", "gtp.cause", "gtpv2.apn", "gtp.apn", "gtpv2.pdn_addr_and_prefix.ipv4", "gtp.user_ipv4",
        "gtpv2.pdn_addr_and_prefix.ipv6", "gtp.user_ipv6", "gsm_a.gm.sm.pco.pcscf.ipv4", "gsm_a.gm.sm.pco.pcscf.ipv6",
        "e164.msisdn",
      ], options: ["-E", "occurrence=a"])
    return rows.map { row in
      func either(_ first: Int) -> String { row[first].isEmpty ? row[first + 1] : row[first] }
      // Echo and Modify Bearer in front of a piggybacked message, and what stands in bearer contexts, are not read.
      let type = either(0).split(separator: ",").last.map(String.init) ?? ""
      let sequence = either(2).split(separator: ",").last.map(String.init) ?? ""
      return [
        number(type), number(sequence), number(either(4)), row[6],
        either(7).split(separator: ",").first.map(String.init) ?? "",
        either(9), list(either(11)), list(either(13)), row[15], row[16], row[17],
      ].joined(separator: " | ")
    }.sorted()
  }

  private func number(_ text: String) -> String {
    text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16).map(String.init) ?? text : text
  }

  private func list(_ text: String) -> String {
    text.split(separator: ",").filter { $0 != "0.0.0.0" && $0 != "::" }.joined(separator: ",")
  }

  private func ours(_ file: URL) throws -> [String] {
    let messages = MessageLister().collect([.file(try BlockFile(path: file.path))]).messages
    return messages.flatMap { message -> [String] in
      guard let gtp = message.access?.gtp else { return [] }
      func addresses(_ list: [NodeAddress], _ isIPv4: Bool) -> String {
        list.map(\.description).filter { $0.contains(":") != isIPv4 }.joined(separator: ",")
      }
      let line = [
        "\(gtp.type.number)", gtp.sequence.map(String.init) ?? "", "\(gtp.teid)", gtp.imsi?.string ?? "",
        gtp.cause.map { "\($0.number)" } ?? "", gtp.apn?.string ?? "", addresses(gtp.addresses, true),
        addresses(gtp.addresses, false), addresses(gtp.pcscf, true), addresses(gtp.pcscf, false),
        gtp.msisdn?.string ?? "",
      ].joined(separator: " | ")
      return message.transmissions.flatMap(\.sightings).map { _ in line }
    }.sorted()
  }

  @Test(arguments: captures) func bothReadTheSame(file: URL) throws {
    #expect(try ours(file) == theirs(file))
  }

  @Test func thereAreMessagesToCompare() throws {
    let file = try #require(Self.captures.first { $0.lastPathComponent == "open5gs-open5gs__ipsec_reg.pcapng" })
    #expect(try ours(file).contains { $0.contains("10.4.128.21") })
  }
}
