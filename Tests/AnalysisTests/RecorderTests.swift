import IMSAnalysis
import IMSBytes
import IMSForge
import IMSRules
import TestSupport
import Testing

/// Which files one recorder wrote one after the other, and which it did not.
@Suite struct RecorderTests {
  private static let second: Int64 = 1_000_000_000

  /// A packet from one host to another one, between their link addresses unless others are given.
  private static func packet(
    _ source: UInt8, _ destination: UInt8, at time: Int64, links: (UInt8, UInt8)? = nil
  ) -> CaptureRecord {
    let ends = [source, destination].map { HostPort(HostAddress([10, 0, 0, $0]), 4000) }
    let datagram = UDPBuilder(from: ends[0], to: ends[1], payload: [1, 2, 3, 4]).bytes
    let packet = IPv4Builder(
      from: ends[0].host, to: ends[1].host, protocolNumber: 17,
      identification: UInt16(truncatingIfNeeded: time / 100_000), payload: datagram
    ).bytes
    let (from, to) = links ?? (source, destination)
    let frame = EthernetBuilder(from: [2, 0, 0, 0, 0, from], to: [2, 0, 0, 0, 0, to], type: 0x0800, payload: packet)
    return CaptureRecord(time: TraceText.start + time, bytes: frame.bytes)
  }

  /// Packets of a host with others, one each millisecond from a time on.
  private static func talk(_ own: UInt8, with others: [UInt8], count: Int = 40, from start: Int64) -> [CaptureRecord] {
    (0..<count).map { number in
      let other = others[number % others.count]
      let (source, destination) = number % 2 == 0 ? (own, other) : (other, own)
      return packet(source, destination, at: start + Int64(number) * 1_000_000)
    }
  }

  private static func continued(
    _ files: [[CaptureRecord]], names: [String]? = nil, snapLengths: [UInt32]? = nil
  ) -> [Int?] {
    let sources = files.enumerated().map { number, records in
      let bytes = CaptureWriter().pcap(records, nanoseconds: true, snapLength: snapLengths?[number] ?? 262_144)
      return FrameLoop.Source.file(
        BlockFile(bytes: bytes, name: names?[number] ?? "\("abcdefgh".map(String.init)[number]).pcap"))
    }
    return Analyzer().run(sources) { _ in }.inputs.map(\.continues)
  }

  // MARK: one recorder

  @Test func aFileThatBeginsWhereAnotherEndsContinuesIt() {
    let files = [Self.talk(1, with: [2, 3], from: 0), Self.talk(1, with: [3, 4], from: Self.second)]
    #expect(Self.continued(files) == [nil, 0])
    #expect(Self.continued(files, names: ["x.pcap", "x.pcap1"]) == [nil, 0])
  }

  /// Rotated at the same moment, so that both have two files to choose from.
  @Test func recordersSideBySideKeepTheirOwnFiles() {
    let files = [
      Self.talk(1, with: [2, 5], from: 0), Self.talk(2, with: [1, 3], from: 100),
      Self.talk(1, with: [2, 5], from: Self.second), Self.talk(2, with: [1, 3], from: Self.second + 100),
    ]
    #expect(Self.continued(files) == [nil, nil, 0, 1])
    #expect(Self.continued(files, names: ["p/x_1", "i/x_1", "p/x_2", "i/x_2"]) == [nil, nil, 0, 1])
  }

  /// Host 2 and 3 talk at both places, and both places record for others: only the names tell them apart.
  @Test func namesTellWhereNothingElseDoes() {
    func file(_ other: UInt8, _ start: Int64) -> [CaptureRecord] {
      Self.talk(2, with: [3], count: 20, from: start) + Self.talk(other, with: [7], count: 20, from: start + 30_000_000)
    }
    let files = [file(1, 0), file(5, 100), file(1, Self.second), file(5, Self.second + 100)]
    #expect(Self.continued(files) == [nil, nil, nil, nil])
    #expect(Self.continued(files, names: ["p1", "i1", "p2", "i2"]) == [nil, nil, 0, 1])
  }

  /// The newest of a ring has not the highest number.
  @Test func aRingOfFilesBeginsAnewWithItsFirst() {
    let files = [2, 0, 1].map { Self.talk(1, with: [2], from: Int64($0) * Self.second) }
    #expect(Self.continued(files, names: ["x.pcap0", "x.pcap1", "x.pcap2"]) == [2, nil, 1])
    // 10 comes behind 9.
    #expect(Self.continued(Array(files[1...]), names: ["x.pcap9", "x.pcap10"]) == [nil, 0])
  }

  /// Some packets of a file are older than the first of the next: they are read before it all the same.
  @Test func filesMayOverlapByAMillisecond() {
    var files = [Self.talk(1, with: [2], from: 0), Self.talk(1, with: [2], from: 38_500_000)]
    #expect(Self.continued(files) == [nil, 0])
    files[1] = Self.talk(1, with: [2], from: 37_000_000)
    #expect(Self.continued(files) == [nil, nil])
  }

  @Test func filesOfOnePacketEach() {
    let files = (0..<4).map { Self.talk(1, with: [2], count: 1, from: Int64($0) * 100_000) }
    #expect(Self.continued(files) == [nil, 0, 1, 2])
  }

  // MARK: several recorders

  @Test func recordersThatFollowEachOtherStayApart() {
    let proxy = Self.talk(1, with: [2, 5], from: 0)
    // A neighbour, to whom the proxy talked; one that has nothing to do with it; both in the afternoon.
    #expect(Self.continued([proxy, Self.talk(2, with: [1, 3], from: Self.second)]) == [nil, nil])
    #expect(Self.continued([proxy, Self.talk(3, with: [4], from: Self.second)]) == [nil, nil])
    #expect(Self.continued([proxy, Self.talk(1, with: [2, 5], from: 20_000 * Self.second)]) == [nil, nil])
  }

  /// Behind a router the same two hosts talk over another link.
  @Test func thePlaceBehindARouterIsAnotherOne() {
    let here = (0..<40).map { Self.packet(1, 2, at: Int64($0) * 1_000_000, links: (1, 90)) }
    let there = (0..<40).map { Self.packet(1, 2, at: Self.second + Int64($0) * 1_000_000, links: (91, 2)) }
    #expect(Self.continued([here, there]) == [nil, nil])
    let later = (0..<40).map { Self.packet(1, 2, at: Self.second + Int64($0) * 1_000_000, links: (1, 90)) }
    #expect(Self.continued([here, later]) == [nil, 0])
  }

  /// The same packets at two points of one link, whose clocks are a second apart.
  @Test func aClockThatIsOffMakesNoRecorderOfTwo() {
    let here = Self.talk(1, with: [2], from: 0)
    let there = here.map { record in
      var record = record
      record.time += Self.second
      return record
    }
    #expect(Self.continued([here, there]) == [nil, nil])
  }

  @Test func recordersAtTheSameTimeStayApart() {
    let file = Self.talk(1, with: [2], from: 0)
    #expect(Self.continued([file, file]) == [nil, nil])
    #expect(Self.continued([file, Self.talk(1, with: [2], from: 20_000_000)]) == [nil, nil])
  }

  @Test func otherInterfacesAreThoseOfAnotherRecorder() {
    let files = [Self.talk(1, with: [2], from: 0), Self.talk(1, with: [2], from: Self.second)]
    #expect(Self.continued(files, snapLengths: [262_144, 96]) == [nil, nil])
    let sources = ["eth0", "eth1"].enumerated().map { number, name in
      let bytes = CaptureWriter().pcapng(files[number], interfaces: [CaptureInterface(name: name)])
      return FrameLoop.Source.file(BlockFile(bytes: bytes, name: "\(name) file"))
    }
    #expect(Analyzer().run(sources) { _ in }.inputs.map(\.continues) == [nil, nil])
  }

  // MARK: bounds

  @Test func aFileThatBeginsLateContinuesNothing() {
    let first = Self.talk(1, with: [2], count: 1, from: 0)
    let patience = Int64(Bounds.recorderPatience) * Self.second
    #expect(Self.continued([first, Self.talk(1, with: [2], from: patience)]) == [nil, 0])
    #expect(Self.continued([first, Self.talk(1, with: [2], from: patience + 1)]) == [nil, nil])
  }

  @Test func aSilentRecorderMayBeSilentAgain() {
    func files(_ silence: Int64, _ again: Int64) -> [[CaptureRecord]] {
      [
        Self.talk(1, with: [2], count: 1, from: 0) + Self.talk(1, with: [2], count: 1, from: silence * Self.second),
        Self.talk(1, with: [2], from: (silence + again) * Self.second),
      ]
    }
    let longest = Int64(Bounds.recorderSilence)
    #expect(Self.continued(files(50, 50)) == [nil, 0])
    #expect(Self.continued(files(50, 51)) == [nil, nil])
    #expect(Self.continued(files(longest + 1, longest)) == [nil, 0])
    #expect(Self.continued(files(longest + 1, longest + 1)) == [nil, nil])
  }

  @Test func looksSoManyPacketsAhead() {
    let first = Self.talk(1, with: [2], from: 0)
    func next(_ strangers: Int) -> [CaptureRecord] {
      Self.talk(1, with: [3], count: strangers, from: Self.second) + Self.talk(1, with: [2], from: 2 * Self.second)
    }
    #expect(Self.continued([first, next(Bounds.packetsLookedAhead - 1)]) == [nil, 0])
    #expect(Self.continued([first, next(Bounds.packetsLookedAhead)]) == [nil, nil])
  }

  @Test func knowsTheNewestConversations() {
    func file(_ others: Int) -> [CaptureRecord] {
      let known = Self.packet(1, 2, at: 0)
      let further = (0..<others).map { number in
        var record = Self.packet(1, 3, at: Int64(number + 1) * 1000)
        // The address of the destination: another host each time.
        record.bytes[31] = UInt8(number >> 16 & 255)
        record.bytes[32] = UInt8(number >> 8 & 255)
        record.bytes[33] = UInt8(number & 255)
        return record
      }
      return [known] + further
    }
    let next = Self.talk(1, with: [2], from: Self.second)
    #expect(Self.continued([file(Bounds.recorderConversations), next]) == [nil, 0])
    #expect(Self.continued([file(2 * Bounds.recorderConversations), next]) == [nil, nil])
  }
}
