import IMSAnalysis
import IMSBytes
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire
import Testing

/// What TLS holds is passed over, record by record, whatever it looks like; what stands in clear behind it is read.
@Suite struct TLSRecordTests {
  private static let client = HostPort("10.0.0.1", 5061)
  private static let server = HostPort("10.0.0.2", 40_000)

  private static func message(_ number: Int) -> [UInt8] {
    Array(
      ("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK\(number)\r\nFrom: <sip:a@b>;tag=1\r\n"
        + "To: <sip:a@b>\r\nCall-ID: \(number)\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").utf8)
  }

  private static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
    [type, 3, 3, UInt8(content.count >> 8), UInt8(content.count & 0xff)] + content
  }

  /// A connection over which these bytes go, so many in a segment.
  private static func read(_ stream: [UInt8], segment: Int, opens: Bool = true) -> (messages: [Message], run: RunReport)
  {
    var packets: [[UInt8]] = []
    if opens { packets.append(PacketBuilder.tcp(TCPBuilder(from: client, to: server, sequence: 99, flags: [.syn]))) }
    for start in stride(from: 0, to: stream.count, by: segment) {
      let payload = Array(stream[start..<min(start + segment, stream.count)])
      packets.append(
        PacketBuilder.tcp(TCPBuilder(from: client, to: server, sequence: UInt32(100 + start), payload: payload)))
    }
    let records = packets.enumerated().map { CaptureRecord(time: Int64($0 + 1) * 1_000_000, bytes: $1) }
    return MessageLister().collect([.file(BlockFile(bytes: CaptureWriter().pcap(records)))])
  }

  @Test(arguments: [100, 1395, 5000])
  func contentBeginsNoMessage(segment: Int) {
    // Lines that begin like a message, in records of which some span many segments.
    let secret = Array("\n".utf8) + Self.message(1)
    let stream =
      Self.record(22, secret) + Self.record(20, [1]) + Self.record(23, secret + [UInt8](repeating: 0x0a, count: 3000))
      + Self.record(23, secret)
    for opens in [true, false] {
      let (messages, run) = Self.read(stream, segment: segment, opens: opens)
      #expect(messages.isEmpty && run.coverage.issues.isEmpty, "\(opens)")
      #expect(run.coverage.frames == UInt64((stream.count + segment - 1) / segment + (opens ? 1 : 0)))
    }
  }

  @Test(arguments: [100, 700, 1395, 5000])
  func aMessageBehindItIsRead(segment: Int) {
    let stream = Self.record(23, Self.message(1) + [UInt8](repeating: 7, count: 2000)) + Self.message(2)
    let (messages, run) = Self.read(stream, segment: segment)
    #expect(messages.map { $0.sip?.callID?.string } == ["2"])
    #expect(run.coverage.issues.isEmpty)
  }

  @Test func whatIsNoRecordIsLookedThrough() {
    for start: [UInt8] in [
      [25, 3, 3, 0, 90], [23, 4, 3, 0, 90], [23, 3, 5, 0, 90], [23, 3, 3, 0, 0], [23, 3, 3, 0x48, 1],
    ] {
      let (messages, run) = Self.read(start + Array("\n".utf8) + Self.message(3), segment: 2000)
      #expect(messages.count == 1, "\(start)")
      #expect(run.coverage.issues.map(\.reason) == ["bytes between two messages skipped"])
    }
  }

  /// Behind a gap nobody knows where a record ends.
  @Test func aGapEndsIt() {
    let stream = Self.record(23, [UInt8](repeating: 7, count: 6000) + [0x0a]) + Self.message(4)
    var packets = [PacketBuilder.tcp(TCPBuilder(from: Self.client, to: Self.server, sequence: 99, flags: [.syn]))]
    for start in [0, 4000] {
      let payload = Array(stream[start..<(start == 0 ? 2000 : stream.count)])
      packets.append(
        PacketBuilder.tcp(
          TCPBuilder(from: Self.client, to: Self.server, sequence: UInt32(100 + start), payload: payload)))
    }
    let records = packets.enumerated().map { CaptureRecord(time: Int64($0 + 1) * 1_000_000, bytes: $1) }
    let (messages, run) = MessageLister().collect([.file(BlockFile(bytes: CaptureWriter().pcap(records)))])
    #expect(messages.map { $0.sip?.callID?.string } == ["4"])
    #expect(run.coverage.issues.contains { $0.layer == "TCP" && $0.reason == "gap in the stream" })
  }
}
