import IMSBytes
import IMSCapture
import IMSForge
import IMSWire
import Testing

/// What agents of HEP send: the packet that the agent saw appears in place of the one that carried it here.
@Suite struct HEPTests {
  static let time: Int64 = 1_700_000_000_123_456_000
  static let text = "OPTIONS sip:a.b SIP/2.0\r\n"

  /// UDP 10.10.0.2:5060 → 10.20.0.10:5070, 2023-11-14T22:13:20.123456Z, SIP, agent 2001, "hi".
  static let literal = Hex.decode(
    """
    48455033 006e
    0000 0001 0007 02   0000 0002 0007 11
    0000 0003 000a 0a0a0002   0000 0004 000a 0a14000a
    0000 0007 0008 13c4   0000 0008 0008 13ce
    0000 0009 000a 6553f100   0000 000a 000a 0001e240
    0000 000b 0007 01   0000 000c 000a 000007d1
    0000 0011 0009 616263
    0000 000f 0008 6869
    """)!

  static func record(_ text: String = text, transport: UInt8 = 17, agent: UInt32 = 2001) -> HEPBuilder {
    HEPBuilder(
      from: HostPort("10.10.0.2", 5060), to: HostPort("10.20.0.10", 5070), transport: transport, time: time,
      agent: agent, payload: Array(text.utf8))
  }

  static func carried(_ payload: [UInt8], port: UInt16 = 9060) -> [UInt8] {
    PacketBuilder.udp(
      from: HostPort("192.0.2.1", 40000), to: HostPort("192.0.2.2", port), identification: 5, payload: payload)
  }

  static let versions: [[UInt8]] = {
    var first = record()
    first.agent = 0
    let second = record()
    var third = record()
    third.source = HostPort("2001:db8::1", 5060)
    third.destination = HostPort("2001:db8::2", 5070)
    return [
      literal, record().bytes, second.version2(littleEndian: true), second.version2(littleEndian: false), third.bytes,
      third.version2(littleEndian: true),
    ]
  }()

  @Test(arguments: versions.indices) func givesWhatTheAgentSaw(index: Int) throws {
    for port: UInt16 in [9060, 60000] {
      var bench = Bench()
      bench.feed(Self.carried(Self.versions[index], port: port))
      let payload = try #require(bench.delivered.first, "\(bench.issues) \(bench.notDecoded)")
      #expect(bench.texts == [index == 0 ? "hi" : Self.text])
      #expect(payload.path.layers.text == "eth/ip/udp/hep")
      #expect(payload.path.source.port == 5060)
      #expect(payload.path.destination.port == 5070)
      #expect(payload.path.source.address.isIPv4 == (index < 4))
      #expect(payload.path.source.address.low == (index < 4 ? 0x0a0a_0002 : 1))
      #expect(payload.path.point.agent == 2001)
      #expect(payload.path.point.input == 3)
      #expect((payload.path.hopLimit, payload.path.identification) == (0, 0))
      #expect(payload.time == Timestamp(nanoseconds: Self.time))
      #expect(bench.dissector.time == payload.time)
      #expect(payload.delivery == .datagram)
      #expect(payload.frames == [1])
      #expect(bench.issues.isEmpty)
      #expect(bench.notDecoded.isEmpty)
    }
  }

  @Test func readsVersion1() throws {
    var bench = Bench()
    bench.feed(Self.carried([1, 16, 2, 17, 0x13, 0xc4, 0x13, 0xce, 10, 10, 0, 2, 10, 20, 0, 10] + [0x68, 0x69]))
    let payload = try #require(bench.delivered.first)
    #expect(bench.texts == ["hi"])
    #expect(payload.path.point.agent == 0)
    #expect(payload.time == Timestamp(nanoseconds: 1_000_000))
  }

  @Test func keepsTheFramesStampWhereTheAgentSaysNone() throws {
    var record = Self.record()
    record.time = 0
    var bench = Bench()
    bench.feed(Self.carried(record.bytes), milliseconds: 7)
    #expect(bench.delivered.first?.time == Timestamp(nanoseconds: 7_000_000))
  }

  @Test func namesTheCallAsTheAgentDoes() {
    var record = Self.record()
    record.correlation = "abc@10.10.0.2"
    var names: [String] = []
    var bench = Bench()
    bench.feed(Self.carried(record.bytes))
    let packet = Self.carried(record.bytes)
    let frame = Frame(
      number: 1, time: Timestamp(nanoseconds: 0), interface: 0, linkType: .ethernet,
      originalLength: UInt32(packet.count), fileOffset: 0, bytes: packet.span.bytes)
    var dissector = Dissector(input: 0)
    dissector.feed(frame) { payload in
      names.append(String(decoding: payload.correlation.array, as: UTF8.self))
      return Taken(bytes: 0)
    }
    #expect(names == ["abc@10.10.0.2"])
  }

  @Test func opensPackedPayloads() {
    var record = Self.record()
    record.isPacked = true
    record.payload = [0x78, 0x9c, 1, 2, 3]
    var bench = Bench()
    bench.dissector = Dissector(input: 0, unpack: { $0.byteCount == 5 ? Array("unpacked".utf8) : nil })
    bench.feed(Self.carried(record.bytes))
    record.payload.append(4)
    bench.feed(Self.carried(record.bytes))
    // Plain text under the number of packed payloads.
    record.payload = Array(Self.text.utf8)
    bench.feed(Self.carried(record.bytes))
    #expect(bench.texts == ["unpacked", Self.text])
    #expect(bench.notDecoded == ["HEP payload that does not unpack 1"])
  }

  @Test func givesWholeMessagesOfStreams() {
    var bench = Bench()
    bench.feed(Self.carried(Self.record(transport: 6).bytes))
    bench.feed(Self.carried(Self.record(transport: 132).bytes))
    #expect(bench.delivered.map(\.path.transport) == [.tcp, .sctp])
    #expect(bench.delivered.allSatisfy { $0.delivery == .message(position: 0) })
  }

  @Test(arguments: versions.indices) func survivesEveryTruncation(index: Int) {
    let packet = Self.carried(Self.versions[index])
    for length in 0..<packet.count {
      var bench = Bench()
      bench.feed(Array(packet.prefix(length)))
      bench.feed(packet, captured: length)
      bench.finish()
      #expect(!bench.issues.isEmpty, "\(length)")
      #expect(bench.delivered.allSatisfy { $0.isTruncated }, "\(length)")
    }
  }

  @Test(arguments: versions.indices) func survivesEveryByteChanged(index: Int) {
    let packet = Self.carried(Self.versions[index])
    var bench = Bench()
    bench.feedChanged(packet)
    #expect(bench.delivered.count > packet.count)
  }

  @Test func namesWhatIsNoMessage() {
    var bench = Bench()
    var record = Self.record()
    for kind: UInt8 in [5, 53, 100, 200] {
      record.kind = kind
      bench.feed(Self.carried(record.bytes))
    }
    record.kind = 56
    record.payload = Array("{}".utf8)
    bench.feed(Self.carried(record.bytes))
    record.payload = []
    bench.feed(Self.carried(record.bytes))
    bench.feed(Self.carried(Self.record(transport: 1).bytes))
    #expect(bench.delivered.isEmpty)
    #expect(
      bench.notDecoded == [
        "HEP DNS 1", "HEP Diameter as JSON 1", "HEP RTCP 1", "HEP log 1", "HEP payload type 200 1",
        "HEP without payload 1", "ICMP 1",
      ])
  }

  @Test func leavesFalseFriendsAlone() {
    let friends: [[UInt8]] = [
      Array("HEP3 is a protocol".utf8), Array("HELP".utf8), Array("HTTP/1.1 200 OK\r\n\r\n".utf8),
      [2, 16, 2, 17, 0, 0, 0x13, 0xce, 10, 10, 0, 2, 10, 20, 0, 10] + [UInt8](repeating: 0, count: 16),
      [2, 40, 2, 17, 0x13, 0xc4, 0x13, 0xce] + [UInt8](repeating: 0, count: 60), [2, 16, 2, 17, 1, 1],
      [0x48, 0x45, 0x50, 0x33, 0, 5, 0, 0],
      // Access-Accept 16 of RADIUS, of 529 octets.
      [2, 16, 2, 17] + [UInt8](repeating: 0xc3, count: 525),
    ]
    var bench = Bench()
    for friend in friends { bench.feed(Self.carried(friend)) }
    #expect(bench.delivered.map(\.bytes) == friends)
    #expect(bench.delivered.allSatisfy { $0.path.layers.text == "eth/ip/udp" })
    #expect(bench.issues.isEmpty)
    // The same of an Access-Request, on another port than that of HEP.
    let request = [1, 16, 2, 17] + [UInt8](repeating: 0xc3, count: 525)
    bench.feed(Self.carried(request, port: 1812))
    #expect(bench.delivered.last?.bytes == request)
  }

  @Test func countsMessagesOfStreamsThatNobodyReads() {
    var bench = Bench()
    bench.take = { _ in Taken(bytes: 0) }
    bench.feed(Self.carried(Self.record(transport: 6).bytes))
    bench.feed(Self.carried(Self.record().bytes))
    #expect(bench.delivered.count == 2)
    #expect(bench.notDecoded == ["recorded message that is neither SIP nor Diameter 1"])
  }

  // MARK: Over TCP

  static let agent = HostPort("192.0.2.1", 40000)
  static let collector = HostPort("192.0.2.2", 9061)

  static func segments(_ bytes: [UInt8], size: Int, first: UInt32 = 101, hasSyn: Bool = true) -> [[UInt8]] {
    let syn = TCPBuilder(from: agent, to: collector, sequence: first &- 1, flags: .syn)
    return (hasSyn ? [PacketBuilder.tcp(syn)] : [])
      + stride(from: 0, to: bytes.count, by: size).map { start in
        PacketBuilder.tcp(
          TCPBuilder(
            from: agent, to: collector, sequence: first &+ UInt32(start),
            payload: Array(bytes[start..<min(start + size, bytes.count)])))
      }
  }

  @Test(arguments: [1, 2, 3, 5, 7, 64, 150, 1000]) func readsAStreamHoweverItIsCut(size: Int) {
    let stream =
      Self.record("one").bytes + Self.record("two", transport: 6, agent: 7).bytes + Self.record("three").bytes
    var bench = Bench()
    for segment in Self.segments(stream, size: size) { bench.feed(segment) }
    bench.finish()
    #expect(bench.texts == ["one", "two", "three"])
    #expect(bench.delivered.map(\.path.point.agent) == [2001, 7, 2001])
    #expect(bench.delivered.map(\.path.transport) == [.udp, .tcp, .udp])
    #expect(bench.delivered.allSatisfy { $0.path.layers.text == "eth/ip/tcp/hep" && $0.path.source.port == 5060 })
    #expect(bench.delivered.allSatisfy { $0.time == Timestamp(nanoseconds: Self.time) })
    #expect(bench.dissector.time == (size == 1000 || size >= 64 ? bench.delivered.last?.time : bench.dissector.time))
    #expect(bench.issues.isEmpty)
  }

  /// The capture begins inside a packet: its message must not appear between the agent and the collector.
  @Test func findsTheNextPacketInTheMiddleOfAStream() {
    let stream = Self.record().bytes + Self.record("two").bytes
    for lost in [1, 40, 100] {
      var bench = Bench()
      for segment in Self.segments(Array(stream.dropFirst(lost)), size: 1000, hasSyn: false) { bench.feed(segment) }
      bench.finish()
      #expect(bench.texts == ["two"])
      #expect(bench.issues == ["HEP: bytes before the next packet skipped"])
    }
  }

  @Test func survivesEveryTruncationOfASegment() {
    let packet = Self.segments(Self.record().bytes, size: 1000)[1]
    for length in 0..<packet.count {
      var bench = Bench()
      bench.feed(Self.segments([0], size: 1)[0])
      bench.feed(packet, captured: length)
      bench.finish()
      #expect(bench.delivered.allSatisfy { $0.isTruncated })
      #expect(!bench.issues.isEmpty || !bench.delivered.isEmpty, "\(length)")
    }
  }

  @Test func passesOnStreamsOfOthers() {
    for text in ["HEP3 is a protocol", "HELLO", "HTTP/1.1 200 OK", "H"] {
      var bench = Bench()
      for segment in Self.segments(Array(text.utf8), size: 100) { bench.feed(segment) }
      bench.finish()
      #expect(bench.texts == (text == "H" ? [] : [text]))
    }
  }
}
