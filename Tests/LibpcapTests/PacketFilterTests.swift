import Foundation
import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import LibpcapSource
import TestSupport
import Testing

private func passed(_ filter: PacketFilter, _ path: String) throws -> [Packet] {
  var reader = try CaptureReader(BlockFile(path: path))
  var packets: [Packet] = []
  while let frame = reader.next() {
    let answer = filter.answer(frame.bytes, originalLength: frame.originalLength, linkType: frame.linkType)
    if answer == .pass { packets.append(Packet(frame)) }
  }
  return packets
}

private func answer(_ filter: PacketFilter, _ bytes: [UInt8], _ type: LinkType) -> FilterAnswer {
  filter.answer(bytes.span.bytes, originalLength: UInt32(bytes.count), linkType: type)
}

/// What stands before an IPv4 packet.
struct Header: Sendable {
  var linkType: LinkType
  var bytes: [UInt8] = []

  static let linuxCooked = Header(
    linkType: .linuxCooked, bytes: [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0])
  static let all = [
    linuxCooked,
    Header(linkType: .linuxCooked2, bytes: [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]),
    Header(linkType: .raw), Header(linkType: .raw12), Header(linkType: .raw14), Header(linkType: .ipv4),
    Header(linkType: .null, bytes: [2, 0, 0, 0]), Header(linkType: .null, bytes: [0, 0, 0, 2]),
    Header(linkType: .loop, bytes: [0, 0, 0, 2]), Header(linkType: .loop, bytes: [2, 0, 0, 0]),
    Header(linkType: .ppp, bytes: [0xff, 3, 0, 0x21]), Header(linkType: .pppHDLC, bytes: [0xff, 3, 0, 0x21]),
    Header(linkType: .pppoe, bytes: [0x11, 0, 0, 3, 0, 0xff, 0, 0x21]),
  ]
  /// libpcap does not look behind what recorders write.
  static let recorders: [LinkType] = [.nflog, .exportedPDU, .pktap]
}

private func analyse(_ bytes: [UInt8], _ expression: String?) throws -> (reports: [FlowReport], run: RunReport) {
  var options = Options()
  if let expression { options.filter = try PacketFilter(expression).frameFilter }
  var reports: [FlowReport] = []
  let run = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
  return (reports, run)
}

@Suite struct PacketFilterTests {
  /// UDP from port 53 to port 53.
  static let ipv6: [UInt8] =
    [0x60, 0, 0, 0, 0, 8, 17, 64] + [UInt8](repeating: 1, count: 32) + [0, 53, 0, 53, 0, 8, 0, 0]

  @Test(arguments: ["host", "port 99999999", "host 1.2.3.4 and (", "tcp[", "gibberish here"])
  func aBadFilterIsRefusedInLibpcapsWords(_ expression: String) throws {
    let sample = Files.sampleCaptures[0].path
    let error = #expect(throws: FilterError.self) { _ = try PacketFilter(expression) }
    let words = try #require(Reference(path: sample, filter: expression).failure)
    #expect(error?.reason == words)
    #expect("\(try #require(error))" == "bad filter '\(expression)': \(words)")
  }

  @Test func aFilterWithANULIsRefused() {
    #expect(throws: FilterError(expression: "udp\0", reason: "it contains a NUL")) { _ = try PacketFilter("udp\0") }
  }

  static let expressions = [
    "", "udp", "tcp port 5060", "not port 53", "host 10.10.0.2 and not port 3868", "greater 700", "ip[8] < 64",
  ]

  @Test(arguments: Files.sampleCaptures, expressions)
  func passesWhatLibpcapPasses(file: URL, expression: String) throws {
    let reference = Reference(path: file.path, filter: expression)
    #expect(reference.failure == nil)
    #expect(try passed(PacketFilter(expression), file.path) == reference.packets)
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: expressions)
  func passesWhatLibpcapPassesOfRecordedCaptures(expression: String) throws {
    let filter = try PacketFilter(expression)
    for file in Files.captures(in: "public") + Files.captures(in: "lab/01-aka-udp") {
      let reference = Reference(path: file.path, filter: expression)
      guard reference.failure == nil else { continue }
      #expect(try passed(filter, file.path) == reference.packets, "\(file.lastPathComponent)")
    }
  }

  /// Ethernet, and the same packets under every other header.
  @Test(arguments: Header.all, ["udp port 5060", "udp", "not udp", "ip", "ip6"])
  func answersAlikeForEachLinkType(_ header: Header, _ expression: String) throws {
    let editor = try CaptureEditor(try Files.sample("aka-registration.pcapng"))
    let filter = try PacketFilter(expression)
    for record in editor.records {
      let packet = Array(record.bytes.dropFirst(14))
      #expect(
        answer(filter, header.bytes + packet, header.linkType) == answer(filter, record.bytes, .ethernet),
        "\(header.linkType)")
    }
  }

  @Test func everyKnownLinkTypeIsTakenApartAndAskedAbove() {
    #expect(
      Set(Header.all.map(\.linkType) + Header.recorders).union([.ethernet, .ipv6]) == Set(LinkType.known))
    for type in LinkType.known {
      var dissector = Dissector(input: 0)
      let bytes = [UInt8](repeating: 0, count: 60)
      let frame = Frame(
        number: 1, time: Timestamp(nanoseconds: 0), interface: 0, linkType: type, originalLength: 60, fileOffset: 0,
        bytes: bytes.span.bytes)
      dissector.feed(frame) { _ in Taken(bytes: 0) }
      #expect(!dissector.census.notDecoded.contains { $0.name.contains("link type") }, "\(type)")
    }
  }

  @Test(arguments: Header.recorders) func saysOfWhichLinkTypesItCannotBeAsked(_ type: LinkType) throws {
    guard case .refuse(let reason) = answer(try PacketFilter("udp"), [0, 0, 0, 0], type) else {
      Issue.record("libpcap was asked of \(type.name)")
      return
    }
    #expect(reason.contains("not implemented"))
  }

  /// AF_INET6 of Linux, Windows, NetBSD, FreeBSD and Darwin; of a file, libpcap knows the last three.
  @Test(arguments: [10, 23, 24, 28, 30] as [UInt8], [LinkType.null, .loop])
  func passesIPv6WhicheverSystemNumberedIt(_ family: UInt8, _ linkType: LinkType) throws {
    for word in [[family, 0, 0, 0], [0, 0, 0, family]] {
      let packet = word + Self.ipv6
      #expect(try answer(PacketFilter("ip6"), packet, linkType) == .pass)
      #expect(try answer(PacketFilter("udp port 53"), packet, linkType) == .pass)
      #expect(try answer(PacketFilter("host 101:101:101:101:101:101:101:101"), packet, linkType) == .pass)
      #expect(try answer(PacketFilter("ip"), packet, linkType) == .drop)
      #expect(try answer(PacketFilter("not ip6"), packet, linkType) == .drop)
    }
  }

  @Test func ipv6PacketsOfOneFamilyPassToo() throws {
    #expect(try answer(PacketFilter("udp port 53"), Self.ipv6, .ipv6) == .pass)
    #expect(try answer(PacketFilter("ip6"), Self.ipv6, .ipv6) == .pass)
  }

  /// "expression rejects all packets" is an error of a filter only where it rejects all packets of every link type.
  @Test func aFilterThatNoPacketOfALinkTypeMatchesIsAskedOfItAllTheSame() throws {
    #expect(try answer(PacketFilter("ip6"), Array(Self.ipv6.prefix(40)), .ipv4) == .drop)
    #expect(try answer(PacketFilter("not ip6"), [0x45] + [UInt8](repeating: 0, count: 40), .ipv6) == .drop)
    let error = #expect(throws: FilterError.self) { _ = try PacketFilter("ip and ip6") }
    #expect(error?.reason == "expression rejects all packets")
  }

  /// Who sent it stands only in cooked captures.
  @Test func aFilterForAnotherLinkTypeThanEthernetIsNoError() throws {
    let filter = try PacketFilter("inbound and udp")
    let packet = Array(try CaptureEditor(try Files.sample("aka-registration.pcapng")).records[0].bytes.dropFirst(14))
    for (direction, expected) in [(0, FilterAnswer.pass), (4, .drop)] as [(UInt8, FilterAnswer)] {
      var header = Header.linuxCooked.bytes
      header[1] = direction
      #expect(answer(filter, header + packet, .linuxCooked) == expected)
    }
    guard case .refuse(let words) = answer(filter, [UInt8](repeating: 0, count: 60), .ethernet) else {
      Issue.record("Ethernet does not say which packets are inbound")
      return
    }
    #expect(words.hasPrefix("inbound/outbound not supported on Ethernet"))
  }

  @Test func aFilterForEthernetIsRefusedOfRawPackets() throws {
    let filter = try PacketFilter("ether host 02:00:00:00:00:01")
    #expect(answer(filter, [UInt8](repeating: 0, count: 60), .ethernet) == .drop)
    guard case .refuse = answer(filter, Self.ipv6, .raw) else {
      Issue.record("raw packets have no Ethernet address")
      return
    }
  }

  /// The family stands before the packet in the byte order of the machine that captured, and IPv6 has three numbers.
  @Test(arguments: [ByteOrder.little, .big], ["ip", "ip6", "not ip6", "udp", "udp port 53"])
  func readsTheFamilyAsTheCapturingMachineWroteIt(_ order: ByteOrder, _ expression: String) throws {
    let editor = try CaptureEditor(try Files.sample("aka-registration.pcapng"))
    let records = ([2, 24, 28, 30, 7] as [UInt8]).map { family in
      let packet = family == 2 ? Array(editor.records[0].bytes.dropFirst(14)) : Self.ipv6
      return CaptureRecord(
        time: 0, bytes: (order == .big ? [0, 0, 0, family] : [family, 0, 0, 0]) + packet)
    }
    let filter = try PacketFilter(expression)
    try withFile(CaptureWriter(byteOrder: order).pcap(records, linkType: 0)) { path in
      let reference = Reference(path: path, filter: expression)
      #expect(reference.failure == nil)
      let packets = try passed(filter, path)
      #expect(packets == reference.packets)
    }
  }

  @Test(arguments: LinkType.known.filter { !Header.recorders.contains($0) }) func anEmptyPacketDoesNotMatch(
    _ type: LinkType
  ) throws {
    #expect(try answer(PacketFilter("udp port 53"), [], type) == .drop)
    #expect(try answer(PacketFilter("udp port 53"), [0, 0, 0], type) == .drop)
  }
}

@Suite struct FilteredAnalysisTests {
  @Test func frameNumbersStayThoseOfTheFile() throws {
    let bytes = try Files.sample("aka-registration.pcapng")
    let whole = try analyse(bytes, nil)
    let filtered = try analyse(bytes, "not port 3868 and not port 53")
    #expect(whole.run.coverage.messages.diameter > 0)
    #expect(filtered.run.coverage.messages.diameter == 0)
    #expect(filtered.run.coverage.messages.dns == 0)
    #expect(filtered.run.inputs[0].packets == whole.run.inputs[0].packets)
    #expect(filtered.run.coverage.filtered > 0)
    #expect(filtered.run.coverage.frames + filtered.run.coverage.filtered == whole.run.coverage.frames)
    let frames = { (reports: [FlowReport]) in
      reports.flatMap {
        $0.flow.messages.filter { $0.message.sip != nil }.map { $0.message.firstSighting.frames.first }
      }
    }
    #expect(frames(filtered.reports) == frames(whole.reports))
    #expect(!frames(whole.reports).isEmpty)
  }

  @Test func aFilterThatPassesAllChangesNothing() throws {
    let bytes = try Files.sample("sip-over-tcp.pcapng")
    let whole = try analyse(bytes, nil)
    let filtered = try analyse(bytes, "ip or ip6 or not ip")
    #expect(filtered.run.coverage.filtered == 0)
    #expect(filtered.run.coverage.frames == whole.run.coverage.frames)
    #expect(filtered.reports.map(\.flow.messages.count) == whole.reports.map(\.flow.messages.count))
  }

  @Test func framesOfALinkTypeThatCannotBeFilteredAreNamedAndCounted() throws {
    var editor = try CaptureEditor(try Files.sample("aka-registration.pcapng"))
    let packets = UInt64(editor.records.count)
    editor.interfaces.append(CaptureInterface(name: "odd", linkType: 147))
    let foreign = editor.records.prefix(5).map {
      CaptureRecord(interface: editor.interfaces.count - 1, linkType: 147, time: $0.time, bytes: $0.bytes)
    }
    editor.records.insert(contentsOf: foreign, at: 3)
    let run = try analyse(editor.pcapng, "host 10.10.0.2 or not host 10.10.0.2").run
    #expect(run.inputs[0].packets == packets + 5)
    #expect(run.coverage.frames == packets)
    #expect(run.coverage.filtered == 5)
    let issue = try #require(run.coverage.issues.first { $0.layer == "filter" })
    #expect(issue.reason.hasPrefix("cannot be asked of link type 147, frames left out: "))
    #expect(issue.count == 5)
    #expect(issue.frames.map(\.frame) == [4, 5, 6])
  }
}
