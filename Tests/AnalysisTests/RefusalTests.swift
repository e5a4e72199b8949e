import Foundation
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// What begins like SIP becomes a message or is named: nothing is lost without a word.
@Suite struct RefusalTests {
  private static let client = HostPort("10.0.0.1", 5060)
  private static let server = HostPort("10.0.0.2", 5060)

  /// Packets from one second on, a second apart.
  private func capture(_ packets: [[UInt8]]) -> [UInt8] {
    let records = packets.enumerated().map { number, bytes in
      CaptureRecord(time: Int64(number + 1) * 1_000_000_000, bytes: bytes)
    }
    return CaptureWriter().pcap(records)
  }

  private func read(_ packets: [[UInt8]]) -> (messages: [Message], issues: [IssueLog.Entry]) {
    let (messages, run) = MessageLister().collect([.file(BlockFile(bytes: capture(packets)))])
    return (messages, run.coverage.issues)
  }

  private func datagram(_ payload: [UInt8], to server: HostPort = server) -> [UInt8] {
    PacketBuilder.udp(from: Self.client, to: server, payload: payload)
  }

  @Test func aDatagramOfAnotherSIPVersionIsNamed() {
    let (messages, issues) = read([datagram(Array("OPTIONS sip:h SIP/7.0\r\nVia: x\r\nTo: y\r\n\r\n".utf8))])
    #expect(messages.isEmpty)
    #expect(issues.map(\.reason) == ["neither a request line nor a status line of SIP/2.0"])
    #expect(issues.first?.layer == "SIP" && issues.first?.frames.map(\.frame) == [1])
  }

  @Test func aStartLineWithoutHeadersIsNamed() {
    let (messages, issues) = read([datagram(Array("REGISTER sip:h SIP/2.0\r\nExpires: 3600\r\n\r\n".utf8))])
    #expect(messages.isEmpty)
    #expect(issues.map(\.reason) == ["a start line, but fewer than two of Via, From, To, Call-ID and CSeq"])
  }

  @Test func aStreamOfAnotherSIPVersionIsNamed() {
    let payload = Array("OPTIONS sip:h SIP/7.0\r\nVia: x\r\nTo: y\r\n\r\n".utf8)
    let syn = TCPBuilder(from: Self.client, to: Self.server, sequence: 1, flags: [.syn])
    let data = TCPBuilder(from: Self.client, to: Self.server, sequence: 2, payload: payload)
    let (messages, issues) = read([syn, data].map { PacketBuilder.tcp($0) })
    #expect(messages.isEmpty)
    #expect(issues.map(\.reason) == ["neither a request line nor a status line of SIP/2.0"])
  }

  @Test func otherProtocolsAreNotNamed() {
    let http = Array("GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
    let syn = TCPBuilder(from: Self.client, to: Self.server, sequence: 1, flags: [.syn])
    let data = TCPBuilder(from: Self.client, to: Self.server, sequence: 2, payload: http)
    let packets = [datagram(http), datagram([0x80, 0, 0, 1]), datagram([0, 0, 0, 0])]
    let (messages, issues) = read(packets + [syn, data].map { PacketBuilder.tcp($0) })
    #expect(messages.isEmpty && issues.isEmpty)
  }

  /// Each torture message in a datagram of its own, through the whole analysis.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func everyTortureMessageIsReadOrNamed() throws {
    let files = Files.files(in: "torture").filter { ["dat", "sip"].contains($0.pathExtension) }
    #expect(files.count > 90)
    let packets = try files.enumerated().map { number, file in
      datagram(try Files.bytes(file), to: HostPort("10.0.0.2", UInt16(10_000 + number)))
    }
    let (messages, issues) = read(packets)
    let refused = issues.filter { $0.reason.contains("start line, but") || $0.reason.contains("neither a request") }
    let seen = Set(messages.flatMap { $0.firstSighting.frames.all })
    let unread = files.indices.filter { !seen.contains(UInt32($0 + 1)) }.map { files[$0].lastPathComponent }
    #expect(refused.map(\.count).reduce(0, +) == unread.count, "lost or named: \(unread)")

    let run = Analyzer(Options()).run([.file(BlockFile(bytes: capture(packets)))]) { _ in }
    #expect(run.coverage.frames == UInt64(files.count))
    #expect(run.coverage.messages.sip == messages.count && run.coverage.issues == issues)
  }
}
