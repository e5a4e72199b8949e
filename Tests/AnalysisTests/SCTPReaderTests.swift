import IMSBytes
import IMSCapture
import IMSForge
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire
import Testing

/// User messages of SCTP become messages; the TSN tells a copy from a repetition.
@Suite struct SCTPReaderTests {
  private static let exchange = CxBuilder.Exchange(
    session: "i;1;2", hopByHop: 7, endToEnd: 8, client: "icscf.hims.net", server: "hss.hims.net", realm: "hims.net")
  private static let request = CxBuilder.uar(exchange, impi: "n@hims.net", impu: "sip:n@hims.net", visited: "vims.net")
    .bytes

  private struct Read {
    var messages: [Message] = []
    var counts = MessageReader.Counts()
    var issues: [String] = []
    var notDecoded: [String] = []
  }

  /// Feeds packets of one chunk each: point, milliseconds and chunk.
  private func read(_ packets: [(point: UInt16, milliseconds: Int64, chunk: SCTPChunk)], port: UInt16 = 3868) -> Read {
    var result = Read()
    var dissector = Dissector(input: 0)
    var reader = MessageReader()
    for (index, packet) in packets.enumerated() {
      let bytes = PacketBuilder.sctp(
        SCTPBuilder(
          from: HostPort("10.20.0.20", 45931), to: HostPort("10.20.0.40", port), chunks: [packet.chunk]))
      let frame = Frame(
        number: UInt32(index + 1), time: Timestamp(nanoseconds: 0) + .milliseconds(packet.milliseconds),
        interface: packet.point, linkType: .ethernet, originalLength: UInt32(bytes.count), fileOffset: 0,
        bytes: bytes.span.bytes)
      dissector.feed(frame) { payload in
        reader.feed(payload) { event in
          switch event {
          case .message(let message): result.messages.append(message)
          case .sighting(let id, _, let transmission, let sighting, _, _):
            result.messages[Int(id.value)].add(sighting, transmission: transmission)
          }
          return 0
        }
      }
    }
    dissector.finish { reader.feed($0) { _ in 0 } }
    result.counts = reader.counts
    result.issues = dissector.census.issues.map(\.reason) + reader.issues.entries.map(\.reason)
    result.notDecoded = dissector.census.notDecoded.map(\.name)
    return result
  }

  @Test(arguments: [UInt32(0), 46, 0x2e00_0000], [UInt16(3868), 40_000])
  func diameterIsReadOnAnyPort(ppid: UInt32, port: UInt16) throws {
    let read = read([(0, 0, .data(1, ppid: ppid, Self.request))], port: port)
    let message = try #require(read.messages.first)
    #expect(message.diameter?.command == .userAuthorization)
    #expect(message.transport == .sctp)
    #expect(read.counts.diameter == 1)
    #expect(read.notDecoded.isEmpty)
  }

  @Test func sipIsRead() throws {
    let text =
      "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/SCTP a;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n\r\n"
    let read = read([(0, 0, .data(1, ppid: 0, Array(text.utf8)))])
    #expect(read.messages.first?.sip?.method == .options)
  }

  @Test func aSecondPointAndARetransmissionAreSightingsOfOneSending() throws {
    let chunk = SCTPChunk.data(9, Self.request)
    let read = read([(0, 0, chunk), (1, 1, chunk), (0, 1000, chunk), (1, 1001, chunk)])
    #expect(read.messages.count == 1)
    #expect(read.messages[0].transmissions.count == 1)
    #expect(read.messages[0].sightings.map(\.point.interface) == [0, 1, 0, 1])
    #expect(read.counts.copies == 3)
    #expect(read.counts.retransmissions == 0)
    #expect(read.issues.isEmpty)
  }

  @Test func theSameBytesWithAnotherTSNAreARepetition() {
    let read = read([(0, 0, .data(9, Self.request)), (1, 1, .data(9, Self.request)), (0, 20, .data(10, Self.request))])
    #expect(read.messages.count == 1)
    #expect(read.messages[0].transmissions.map(\.sightings.count) == [2, 1])
    #expect(read.counts.retransmissions == 1)
  }

  @Test func fragmentsAtTwoPointsAreOneMessage() {
    let pieces = SCTPChunk.fragments(of: Self.request, size: 100, tsn: 0xffff_fffe)
    let packets = pieces.flatMap { [(UInt16(0), Int64(0), $0), (UInt16(1), Int64(1), $0)] }
    let read = read(packets)
    #expect(read.messages.count == 1)
    #expect(read.messages[0].sightings.map(\.frames.all.count) == [pieces.count, pieces.count])
    #expect(read.counts.copies == 1)
  }

  @Test func whatIsNoWholeMessageIsCounted() {
    let half = Array(Self.request.prefix(60))
    let read = read([(0, 0, .data(1, half)), (0, 1, .data(2, ppid: 18, [0, 1, 2, 3]))])
    #expect(read.messages.isEmpty)
    #expect(read.notDecoded == ["SCTP PPID 18 (S1AP)", "SCTP PPID 46 (Diameter)"])
  }

  @Test func aRetransmissionOnAnotherPathIsTheSameSending() {
    var dissector = Dissector(input: 0)
    var reader = MessageReader()
    var given: [Message] = []
    let paths = [
      (HostPort("10.20.0.20", 45931), HostPort("10.20.0.40", 3868)),
      (HostPort("10.9.0.20", 45931), HostPort("10.9.0.40", 3868)),
    ]
    for (number, path) in paths.enumerated() {
      let bytes = PacketBuilder.sctp(
        SCTPBuilder(from: path.0, to: path.1, chunks: [.data(9, Self.request)]))
      let frame = Frame(
        number: UInt32(number + 1), time: Timestamp(nanoseconds: 0) + .seconds(Int64(number)), interface: 0,
        linkType: .ethernet, originalLength: UInt32(bytes.count), fileOffset: 0, bytes: bytes.span.bytes)
      dissector.feed(frame) { payload in
        reader.feed(payload) { event in
          if case .message(let message) = event { given.append(message) }
          return 0
        }
      }
    }
    #expect(given.count == 1)
    #expect(reader.counts.copies == 1)
    #expect(reader.counts.retransmissions == 0)
  }

  @Test func bytesBehindAMessageAreNamed() {
    let read = read([(0, 0, .data(1, Self.request + [0, 0, 0, 0]))])
    #expect(read.counts.diameter == 1)
    #expect(read.issues == ["bytes behind the message"])
  }
}
