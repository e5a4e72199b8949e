import AllocationCounter
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire
import Testing

/// What reading allocates, from the first frame to the last message: a capture is read once more with twice the frames,
/// and the two are compared, so that tables and the block file cost nothing here.
///
/// Counted where the C library is glibc, and without a sanitizer.
@Suite(.enabled(if: allocation_count() >= 0, "allocations are counted with glibc alone, without a sanitizer"))
struct AllocationTests {
  private struct Reading {
    var allocations = 0
    var messages = 0
    var copies = 0
  }

  private static func read(_ records: [CaptureRecord]) -> Reading {
    let bytes = CaptureWriter().pcap(records, nanoseconds: true)
    var loop = FrameLoop([.file(BlockFile(bytes: bytes))])
    var messages = MessageReader(outerPaths: loop.outerPaths)
    let before = allocation_count()
    loop.run(
      tick: { _, _ in }, deliver: { payload in messages.feed(payload) { _ in 0 } }, keys: { nil }, esp: { _ in },
      lost: { _ in }, advance: { _, _ in .distantFuture })
    let counts = messages.counts
    return Reading(
      allocations: allocation_count() - before, messages: counts.sip + counts.diameter + counts.dns,
      copies: counts.copies)
  }

  private static func records(_ count: Int, _ frame: (Int) -> [UInt8]) -> [CaptureRecord] {
    (0..<count).map { CaptureRecord(interface: 0, time: Int64($0) * 100_000, bytes: frame($0)) }
  }

  /// Allocations of each of the frames that the second reading has more: some frames make a table grow.
  private func cost(_ few: Reading, _ many: Reading, of things: Int) -> Double {
    Double(many.allocations - few.allocations) / Double(things)
  }

  /// RTP between 40 pairs of ports.
  private static func media(_ number: Int) -> [UInt8] {
    let payload = [0x80, 8, UInt8(number >> 8 & 255), UInt8(number & 255)] + [UInt8](repeating: 0xd5, count: 168)
    let port = UInt16(20_000 + number % 40 * 2)
    let datagram = UDPBuilder(from: HostPort("10.0.0.1", port), to: HostPort("10.0.0.2", port), payload: payload)
    return EthernetBuilder(
      ip: IPv4Builder(from: "10.0.0.1", to: "10.0.0.2", protocolNumber: UDPBuilder.number, payload: datagram.bytes)
        .bytes
    ).bytes
  }

  @Test func aFrameOfMediaAllocatesNothing() {
    let (few, many) = (Self.read(Self.records(1000, Self.media)), Self.read(Self.records(2000, Self.media)))
    #expect(cost(few, many, of: 1000) < 0.01)
  }

  @Test func aFurtherSightingAllocatesNothing() throws {
    var few: [CaptureRecord] = []
    RegistrationLoad(count: 20).eachSecond { few += $0 }
    // Each packet once more, a moment later: on TCP a segment that its stream has delivered already.
    let many = few.flatMap { record in
      var copy = record
      copy.time += 50_000
      return [record, copy]
    }
    let (once, twice) = (Self.read(few), Self.read(many))
    #expect(once.messages == twice.messages && once.messages > 0)
    #expect(twice.copies - once.copies == few.count)
    // What the compiler keeps to itself where it does not optimise is one for each.
    #expect(cost(once, twice, of: few.count) < (_isDebugAssertConfiguration() ? 1.01 : 0.01))
  }

  /// Frames of a load without its DNS, whose records are lists of their own.
  private static func signalling(_ registrations: Int) -> [CaptureRecord] {
    var records: [CaptureRecord] = []
    RegistrationLoad(count: registrations, rate: 10_000).eachSecond { second in
      records += second.filter { record in
        guard let transport = record.transport else { return true }
        return transport.source.port != 53 && transport.destination.port != 53
      }
    }
    return records
  }

  /// Its bytes with their index, and the rest. Where the compiler does not optimise, it keeps more to itself.
  @Test func aMessageAllocatesTwice() {
    let (few, many) = (Self.read(Self.signalling(40)), Self.read(Self.signalling(80)))
    let messages = many.messages - few.messages
    #expect(messages >= 40 * 16)
    #expect(cost(few, many, of: messages) < (_isDebugAssertConfiguration() ? 8.5 : 2.1))
  }

  /// Bytes and index are one allocation, however many headers there are.
  @Test func theBytesOfAMessageAndItsIndexAreOne() throws {
    func cost(_ headers: Int) throws -> Int {
      var lines = [
        "REGISTER sip:h SIP/2.0", "Via: SIP/2.0/UDP h;branch=z9hG4bK1", "From: <sip:a@b>;tag=1", "To: <sip:a@b>",
      ]
      for number in 0..<headers { lines.append("Supported: option-\(number)") }
      let bytes = Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
      let before = allocation_count()
      let message = try SIPMessage(parsing: bytes.span.bytes, truncated: false)
      let made = allocation_count() - before
      #expect(message.fields.count == headers + 3)
      return made
    }
    _ = try cost(1)
    let (few, many) = (try cost(1), try cost(60))
    #expect(few == many && (_isDebugAssertConfiguration() || few == 1))
    // The list of more than 64 fields grows while they are read.
    #expect(try cost(400) < few + (_isDebugAssertConfiguration() ? 1000 : 10))
  }

  @Test func aFourthSightingAllocatesOnce() throws {
    func sighting(_ number: Int) -> Sighting {
      Sighting(
        point: CapturePoint(input: 0, interface: UInt16(number)), time: Timestamp(nanoseconds: Int64(number)),
        frames: FrameList(UInt32(number), fileOffset: 0), hopLimit: 64, layers: LayerStack(), identity: 1)
    }
    let sip = try SIPMessage(parsing: Array("REGISTER sip:h SIP/2.0\r\n\r\n".utf8).span.bytes, truncated: false)
    var message = Message(
      id: MessageID(0), body: .sip(sip), source: Endpoint(IPAddress(v4: 1), 1),
      destination: Endpoint(IPAddress(v4: 2), 2), transport: .udp, isTruncated: false, sighting: sighting(0))
    var made: [Int] = []
    made.reserveCapacity(4)
    for number in 1..<4 {
      let before = allocation_count()
      message.add(sighting(number), transmission: 0)
      made.append(allocation_count() - before)
    }
    #expect(message.sightingCount == 4 && made[0] == made[1] && made[2] > made[1])
    #expect(_isDebugAssertConfiguration() || made == [0, 0, 1])
  }
}
