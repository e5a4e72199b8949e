import IMSBytes
import IMSCapture
import IMSWire
import Testing

@Suite struct TCPTests {
  static let syn: UInt8 = 0x02
  static let fin: UInt8 = 0x11
  static let rst: UInt8 = 0x04

  /// A bench whose receiver reads lines.
  private func lineBench() -> (Bench, Lines) {
    let lines = Lines()
    var bench = Bench()
    bench.take = { lines.take($0) }
    return (bench, lines)
  }

  @Test func offersASegmentInPlace() throws {
    var bench = Bench()
    bench.feedTCP(99, "", flags: Self.syn)
    bench.feedTCP(100, "hello")
    bench.feedTCP(105, " world")
    #expect(bench.texts == ["hello", " world"])
    #expect(bench.delivered[0].delivery == .stream(position: 100, afterGap: false))
    #expect(bench.delivered[1].delivery == .stream(position: 105, afterGap: false))
    #expect(bench.delivered.map(\.frames) == [[2], [3]])
    #expect(bench.delivered[0].path.layers.layers == [.ethernet, .ipv4, .tcp])
    #expect(bench.delivered[0].path.transport == .tcp)
  }

  @Test func readsDataInTheSYN() {
    var bench = Bench()
    bench.feedTCP(99, "abc", flags: Self.syn)
    bench.feedTCP(103, "def")
    #expect(bench.texts == ["abc", "def"])
  }

  @Test func joinsAMessageOfManySegments() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    for (index, letter) in "REGISTER\n".enumerated() { bench.feedTCP(UInt32(10 + index), String(letter)) }
    #expect(lines.lines == [.init(text: "REGISTER", frames: Array(2...10), milliseconds: 10)])
    #expect(lines.afterGap == [false])
  }

  @Test func splitsManyMessagesOfOneSegment() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(10, "one\ntwo\nthr")
    bench.feedTCP(21, "ee\nfour\nfi")
    bench.feedTCP(31, "ve\n")
    #expect(lines.texts == ["one", "two", "three", "four", "five"])
    #expect(lines.lines.map(\.frames) == [[2], [2], [2, 3], [3], [3, 4]])
    #expect(lines.lines.map(\.milliseconds) == [2, 2, 3, 3, 4])
  }

  @Test func passesOverWhatTheReceiverAsksItTo() {
    var bench = Bench()
    bench.take = { Taken(bytes: $0.bytes.byteCount, passing: $0.bytes.u8(0) == 0x70 ? 6 : 0) }
    bench.feedTCP(99, "", flags: Self.syn)
    bench.feedTCP(100, "pass")
    bench.feedTCP(104, "1234")
    bench.feedTCP(108, "56read")
    bench.feedTCP(114, "on")
    #expect(bench.texts == ["pass", "1234", "56", "read", "on"])
    let kinds: [Delivery] = [
      .stream(position: 100, afterGap: false), .passed, .passed, .stream(position: 110, afterGap: false),
      .stream(position: 114, afterGap: false),
    ]
    #expect(bench.delivered.map(\.delivery) == kinds)
    #expect(bench.delivered.map(\.frames) == [[2], [3], [4], [4], [5]])
  }

  @Test func passesOverNothingBehindAGap() {
    var bench = Bench()
    bench.take = { Taken(bytes: $0.bytes.byteCount, passing: 1000) }
    bench.feedTCP(99, "", flags: Self.syn)
    bench.feedTCP(100, "some")
    bench.feedTCP(110, "late")
    bench.finish()
    #expect(bench.texts == ["some", "late"])
    #expect(bench.delivered[1].delivery == .stream(position: 110, afterGap: true))
  }

  @Test func asksAgainOnlyWhenThereIsEnough() {
    var bench = Bench()
    bench.take = { $0.bytes.byteCount < 8 ? Taken(bytes: 0, wanted: 8) : Taken(bytes: 8) }
    for index in 0..<8 { bench.feedTCP(UInt32(10 + index), String(index)) }
    #expect(bench.texts == ["0", "01234567"])
  }

  @Test func joinsSwappedHalves() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(18, " sip:home\n")
    bench.feedTCP(10, "REGISTER")
    #expect(lines.texts == ["REGISTER sip:home"])
  }

  /// The receiver does not take the later parts: it waits for the beginning of a request.
  @Test(arguments: [[18, 10], [22, 18, 10], [22, 10, 18], [18, 22, 10], [10, 22, 18]])
  func joinsSwappedPartsWithoutTheSYN(order: [Int]) {
    let whole = Array("REGISTER sip:home\n".utf8)
    var bench = Bench()
    var messages: [String] = []
    let starts = order.sorted() + [28]
    for start in order {
      let end = starts.first { $0 > start }!
      let text = String(decoding: whole[start - 10..<end - 10], as: UTF8.self)
      bench.take = { payload in
        let bytes = payload.bytes.array
        let isWhole = bytes.first == 0x52 && bytes.last == 0x0a
        return isWhole ? Taken(bytes: bytes.count) : Taken(bytes: 0, wanted: bytes.count + 1)
      }
      bench.feedTCP(UInt32(start), text)
    }
    messages = bench.texts.filter { $0.hasPrefix("REG") && $0.hasSuffix("\n") }
    #expect(messages == ["REGISTER sip:home\n"])
    #expect(bench.delivered.last?.frames == Array(1...UInt32(order.count)))
    #expect(bench.issues.isEmpty)
  }

  @Test func deliversAnEarlierMessageAfterALaterOneWasTaken() {
    var (bench, lines) = lineBench()
    bench.feedTCP(20, "second\n")
    bench.feedTCP(14, "first\n")
    bench.feedTCP(27, "third\n")
    bench.feedTCP(14, "first\n")
    #expect(lines.texts == ["second", "first", "third"])
    #expect(lines.repeated == ["first\n"])
    #expect(lines.afterGap == [true, true, false])
  }

  @Test func takesALateSYN() {
    var (bench, lines) = lineBench()
    bench.feedTCP(14, "two\n")
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(10, "one\n")
    bench.feedTCP(18, "three\n")
    #expect(lines.texts == ["two", "one", "three"])
    #expect(lines.repeated.isEmpty)
  }

  @Test func waitsForTheMissingSegment() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(14, "two\n")
    bench.feedTCP(18, "three\n")
    #expect(lines.texts.isEmpty)
    bench.feedTCP(10, "one\n")
    #expect(lines.texts == ["one", "two", "three"])
    #expect(lines.lines.map(\.frames) == [[4], [2], [3]])
    #expect(lines.lines.map(\.milliseconds) == [4, 2, 3])
  }

  @Test func givesUpAGapAfterTwoSeconds() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn, milliseconds: 0)
    bench.feedTCP(10, "lo", milliseconds: 1)
    bench.feedTCP(20, "two\n", milliseconds: 2)
    bench.feedTCP(30, "four\n", milliseconds: 1500)
    bench.feed([0], linkType: LinkType(rawValue: 147), milliseconds: 2001)
    #expect(lines.texts.isEmpty)
    bench.feed([0], linkType: LinkType(rawValue: 147), milliseconds: 2003)
    #expect(lines.texts == ["two"])
    bench.feedTCP(24, "three\n", milliseconds: 2004)
    #expect(lines.texts == ["two", "three", "four"])
    #expect(lines.afterGap == [true, false, false])
    #expect(bench.issues == ["TCP: gap in the stream"])
    #expect(bench.dissector.census.issues[0].bytes == 8)
    #expect(bench.dissector.census.issues[0].frames == [3])
  }

  /// A retransmission that comes when nobody waits for it any more was still never delivered.
  @Test func deliversWhatFillsAGapLate() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn, milliseconds: 0)
    bench.feedTCP(14, "two\n", milliseconds: 2)
    bench.feedTCP(18, "three\n", milliseconds: 3000)
    bench.feedTCP(10, "one\n", milliseconds: 3001)
    #expect(lines.texts == ["two", "three", "one"])
    #expect(lines.repeated.isEmpty)
  }

  @Test(arguments: [true, false]) func offersWhatWaitsAtTheEnd(byReset: Bool) {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(14, "two\n")
    bench.feedTCP(20, "four\nrest")
    if byReset { bench.feedTCP(10, "", flags: Self.rst) }
    #expect(lines.texts == (byReset ? ["two", "four"] : []))
    bench.finish()
    #expect(lines.texts == ["two", "four"])
    #expect(bench.issues == ["TCP: gap in the stream", "TCP: stream ends inside a message"])
    #expect(bench.dissector.census.issues[0].count == 2)
  }

  /// What comes before bytes that were given up does not stand before those behind them.
  @Test func joinsNothingAcrossBytesThatWereGivenUp() {
    var (bench, lines) = lineBench()
    bench.feedTCP(1000, "end")
    bench.feedTCP(900, "given up")
    bench.feedTCP(1003, "", flags: Self.rst)
    bench.feedTCP(890, "0123456789")
    bench.feedTCP(1003, "\n")
    bench.finish()
    #expect(lines.texts == ["end"])
    #expect(bench.issues.contains { $0.hasPrefix("TCP: late bytes that nobody took") })
  }

  @Test func givesUpAGapWhenTooMuchWaits() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn, milliseconds: 0)
    let text = String(repeating: "x", count: 999) + "\n"
    for index in 0..<300 { bench.feedTCP(UInt32(20 + index * 1000), text, milliseconds: 1) }
    #expect(lines.lines.count == 300)
    #expect(bench.issues == ["TCP: gap in the stream"])
  }

  @Test func givesRepeatedSegmentsAsRepeated() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(10, "one\n")
    bench.feedTCP(10, "one\n")
    bench.feedTCP(14, "two\n")
    bench.feedTCP(10, "one\ntwo\n")
    bench.feedTCP(17, "\n")
    bench.feedTCP(18, "three\n")
    #expect(lines.texts == ["one", "two", "three"])
    #expect(lines.repeated == ["one\n", "one\ntwo\n"])
  }

  @Test func namesCopiesOfUntakenBytes() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(10, "REGI")
    bench.feedTCP(10, "REGI")
    bench.feedTCP(10, "XXXX")
    bench.feedTCP(18, "\n")
    bench.feedTCP(18, "\n")
    bench.feedTCP(14, "STER", milliseconds: 900)
    #expect(lines.lines == [.init(text: "REGISTER", frames: [2, 3, 5, 6, 7], milliseconds: 900)])
    #expect(lines.repeated.isEmpty)
  }

  @Test func takesOnlyTheNewPartOfAnOverlap() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(10, "one\n")
    bench.feedTCP(12, "e\ntwo\n")
    bench.feedTCP(22, "four\n")
    bench.feedTCP(24, "XXX")
    bench.feedTCP(20, "r\nfoXX\nfi")
    bench.feedTCP(18, "3")
    bench.feedTCP(19, "")
    bench.feedTCP(19, "3")
    bench.feedTCP(29, "ve\n")
    #expect(lines.texts == ["one", "two", "33r", "four", "five"])
  }

  @Test func wrapsTheSequenceNumbers() {
    var (bench, lines) = lineBench()
    bench.feedTCP(0xffff_fff9, "", flags: Self.syn)
    bench.feedTCP(2, "three\n")
    bench.feedTCP(0xffff_fffe, "two\n")
    bench.feedTCP(0xffff_fffa, "one\n")
    bench.feedTCP(0xffff_fffe, "two\n")
    bench.feedTCP(8, "four\n")
    #expect(lines.texts == ["one", "two", "three", "four"])
    #expect(lines.lines.map(\.frames) == [[4], [3], [2], [6]])
    #expect(lines.repeated == ["two\n"])
  }

  @Test func startsAnewWithANewConnection() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(10, "one\nhal")
    bench.feedTCP(5000, "", flags: Self.syn)
    bench.feedTCP(5001, "two\n")
    bench.feedTCP(0x8000_0000, "three\n")
    #expect(lines.texts == ["one", "two", "three"])
    #expect(lines.afterGap == [false, false, true])
    #expect(
      bench.issues == [
        "TCP: stream ends inside a message", "TCP: sequence numbers leap: taken for another connection",
      ])
  }

  @Test func treatsWhatTheCaptureCutAsAGap() {
    var bench = Bench()
    bench.take = { Taken(bytes: $0.bytes.byteCount > 4 ? 4 : 0, wanted: 5) }
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(10, "abcdefghij", cut: 4)
    bench.feedTCP(20, "klmnopqrst")
    #expect(bench.texts == ["abcdef", "klmnopqrst", "opqrst"])
    #expect(bench.delivered.map(\.isTruncated) == [true, false, false])
    #expect(bench.delivered[1].delivery == .stream(position: 20, afterGap: true))
    #expect(bench.issues == ["TCP: segment cut by the capture"])
  }

  @Test func dropsWhatNobodyTakes() {
    var bench = Bench()
    bench.take = { _ in Taken(bytes: 0, wanted: (1 << 20) + 1) }
    bench.feedTCP(9, "", flags: Self.syn)
    bench.feedTCP(10, "abc")
    bench.feedTCP(13, "def")
    #expect(bench.texts == ["abc", "def"])
    #expect(bench.delivered[1].delivery == .stream(position: 13, afterGap: true))
    bench.take = { Taken(bytes: 0, wanted: $0.bytes.byteCount + 100_000) }
    let text = String(repeating: "x", count: 60000)
    for index in 0..<40 { bench.feedTCP(UInt32(16 + index * 60000), text) }
    #expect(bench.issues == ["TCP: no message within 1 MiB"])
    #expect(bench.dissector.census.issues[0].count >= 3)
  }

  @Test func boundsTheNumberOfStreams() {
    var bench = Bench()
    for index in 0..<65540 {
      let port = UInt16(truncatingIfNeeded: index)
      let address = UInt8(index >> 16)
      let segment = Recipe.tcp(10, Array("one".utf8), source: port)
      bench.feed(Recipe.ipv4(6, segment, source: address), linkType: .raw, milliseconds: 1)
    }
    #expect(bench.delivered.count == 65540)
    #expect(bench.issues == ["TCP: stream given up: more than 65536 at once"])
    #expect(bench.dissector.census.issues[0].count == 4)
    #expect(bench.dissector.census.issues[0].frames == [65537, 65538, 65539])
  }

  @Test func boundsTheBytesThatWait() {
    var bench = Bench()
    bench.take = { _ in Taken(bytes: 0, wanted: 1 << 20) }
    let half = [UInt8](repeating: 0x78, count: 50_000)
    for port: UInt16 in 0..<80 {
      for index: UInt32 in 0..<18 {
        bench.feed(
          Recipe.ipv4(6, Recipe.tcp(10 + index * 50_000, half, source: port)), linkType: .raw, milliseconds: 1)
      }
    }
    // 74 streams of 900 000 bytes fit.
    #expect(bench.delivered.count == 80)
    let reasons = ["TCP: stream given up: more than 64 MiB wait", "TCP: stream ends inside a message"]
    #expect(bench.issues == reasons)
    #expect(bench.dissector.census.issues.map(\.count) == [6, 6])
    #expect(bench.dissector.census.issues[1].bytes == 6 * 900_000)
  }

  @Test func separatesCapturePoints() {
    var bench = Bench()
    let packet = Recipe.ipv4(6, Recipe.tcp(10, Array("one\n".utf8)))
    bench.feed(Recipe.ethernet(0x0800, packet))
    for index: UInt8 in [1, 2] {
      bench.feed([8, 0, 0, 0, 0, 0, 0, index, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + packet, linkType: .linuxCooked2)
    }
    #expect(bench.texts == ["one\n", "one\n", "one\n"])
    #expect(bench.delivered.map(\.path.point.channel) == [0, 1, 2])
    #expect(bench.delivered.allSatisfy { $0.delivery == .stream(position: 10, afterGap: true) })
  }

  /// What its sender closed is known for ten seconds more, and then read anew.
  @Test func forgetsWhatItsSenderClosed() {
    for (milliseconds, isKnown) in [(Int64(9_900), true), (10_100, false)] {
      var (bench, lines) = lineBench()
      bench.feedTCP(9, "", flags: Self.syn, milliseconds: 0)
      bench.feedTCP(10, "one\n", milliseconds: 0)
      bench.feedTCP(14, "", flags: Self.fin, milliseconds: 0)
      bench.feedTCP(10, "one\n", milliseconds: milliseconds)
      bench.finish()
      #expect(lines.texts == (isKnown ? ["one"] : ["one", "one"]))
      #expect(lines.repeated == (isKnown ? ["one\n"] : []))
      #expect(bench.issues == [])
    }
  }

  /// A FIN may overtake what was sent before it; and a stream that holds something waits for the rest as any other.
  @Test func aFINClosesWhatWasReadToItsEnd() {
    for rest in ["two\n", "tw"] {
      var (bench, lines) = lineBench()
      bench.feedTCP(9, "", flags: Self.syn, milliseconds: 0)
      bench.feedTCP(14, rest, flags: Self.fin, milliseconds: 0)
      bench.feedTCP(10, "one\n", milliseconds: 100)
      bench.feedTCP(14, rest, milliseconds: 20_000)
      bench.finish()
      #expect(lines.texts == (rest == "tw" ? ["one"] : ["one", "two", "two"]))
      #expect(bench.issues == (rest == "tw" ? ["TCP: stream ends inside a message"] : []))
    }
  }

  /// What waited behind a gap was read when the gap was given up: then it is closed as well.
  @Test func aFINBehindAGapThatIsGivenUpCloses() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn, milliseconds: 0)
    bench.feedTCP(10, "one\n", milliseconds: 0)
    bench.feedTCP(18, "three\n", flags: Self.fin, milliseconds: 0)
    bench.feedTCP(18, "three\n", milliseconds: 14_000)
    #expect(lines.texts == ["one", "three", "three"] && lines.repeated.isEmpty)
    #expect(bench.issues == ["TCP: gap in the stream"])
  }

  @Test func aConnectionThatBeginsAnewIsNotClosed() {
    for next in [false, true] {
      var (bench, lines) = lineBench()
      bench.feedTCP(9, "one\n", flags: Self.syn | Self.fin, milliseconds: 0)
      if next { bench.feedTCP(5000, "", flags: Self.syn, milliseconds: 1000) }
      // Behind its end, where nothing should be.
      bench.feedTCP(next ? 5001 : 14, "two\n", milliseconds: 2000)
      bench.feedTCP(next ? 5001 : 14, "two\n", milliseconds: 20_000)
      #expect(lines.texts == ["one", "two"] && lines.repeated == ["two\n"])
    }
  }

  /// Those that are closed make room, and nothing is given up.
  @Test func closedStreamsMakeRoom() {
    var bench = Bench()
    for index in 0..<65540 {
      let segment = Recipe.tcp(
        10, Array("one".utf8), flags: Self.fin, source: UInt16(truncatingIfNeeded: index))
      bench.feed(Recipe.ipv4(6, segment, source: UInt8(index >> 16)), linkType: .raw, milliseconds: 1)
    }
    #expect(bench.delivered.count == 65540 && bench.issues == [])
  }

  @Test func closesIdleStreams() {
    var (bench, lines) = lineBench()
    bench.feedTCP(9, "", flags: Self.syn, milliseconds: 0)
    bench.feedTCP(10, "half", milliseconds: 1)
    for second in 1...301 { bench.feed([0], linkType: LinkType(rawValue: 147), milliseconds: Int64(second) * 1000) }
    #expect(bench.issues == ["TCP: stream ends inside a message"])
    bench.feedTCP(14, "x\n", milliseconds: 302_000)
    #expect(lines.texts == ["x"])
    #expect(lines.afterGap == [true])
  }
}
