import IMSBytes
import IMSWire
import Testing

/// Traces of vendors' equipment in which each segment has the same sequence number.
@Suite struct FrozenTests {
  private static let report = "TCP: sequence numbers stand still: segments are read as they come"

  private func line(_ number: Int, _ count: Int) -> String {
    String(repeating: "\(number) line ", count: count / 7 + 1) + "\n"
  }

  private func bench() -> (Bench, Lines) {
    let lines = Lines()
    var bench = Bench()
    bench.take = { lines.take($0) }
    return (bench, lines)
  }

  /// From the third segment on they are read; of the second, what a whole message in it says is offered at least.
  @Test(arguments: [UInt32(0), 1, 777, .max]) func readsSegmentsThatAllHaveOneNumber(sequence: UInt32) {
    var (bench, lines) = bench()
    let texts = [100, 300, 50, 800, 60, 60, 200].enumerated().map { line($0.offset, $0.element) }
    for text in texts { bench.feedTCP(sequence, text) }
    bench.finish()
    #expect(lines.texts.map { $0 + "\n" } == [texts[0]] + texts[2...])
    #expect(lines.repeated == [texts[1]])
    #expect(bench.issues == [Self.report])
  }

  @Test func aSYNWithTheNumberOfTheDataProvesIt() {
    var (bench, lines) = bench()
    bench.feedTCP(0, "", flags: 2)
    let texts = [100, 300, 50].enumerated().map { line($0.offset, $0.element) }
    for text in texts { bench.feedTCP(0, text) }
    bench.feedTCP(0, "", flags: 2)
    bench.feedTCP(0, line(9, 90))
    #expect(lines.texts.map { $0 + "\n" } == texts + [line(9, 90)])
    #expect(bench.issues == [Self.report])
  }

  @Test func joinsAMessageOfSeveralSegments() {
    var (bench, lines) = bench()
    for number in 0..<3 { bench.feedTCP(5, line(number, 100)) }
    let long = line(7, 400)
    bench.feedTCP(5, String(long.prefix(150)))
    bench.feedTCP(5, String(long.dropFirst(150)))
    #expect(lines.texts.last.map { $0 + "\n" } == long)
  }

  @Test func aSecondCopyIsNoNewSegment() {
    var (bench, lines) = bench()
    for number in 0..<4 {
      bench.feedTCP(5, line(number, 100))
      bench.feedTCP(5, line(number, 100))
    }
    #expect(lines.texts.map { $0 + "\n" } == [line(0, 100), line(2, 100), line(3, 100)])
    #expect(lines.repeated == [line(0, 100), line(1, 100), line(1, 100), line(2, 100), line(3, 100)])
  }

  /// A retransmission that carries more, and one damaged copy, are what they are.
  @Test func orderlyStreamsAreLeftAlone() {
    var (bench, lines) = bench()
    bench.feedTCP(9, "", flags: 2)
    let first = line(1, 100)
    let second = line(2, 100)
    bench.feedTCP(10, first)
    bench.feedTCP(10, first + second)
    let next = 10 + UInt32(first.utf8.count + second.utf8.count)
    var damaged = Array(line(3, 100).utf8)
    damaged[50] ^= 1
    bench.feedTCP(next, line(3, 100))
    bench.feedTCP(next, String(decoding: damaged, as: UTF8.self))
    bench.feedTCP(next + UInt32(damaged.count), line(4, 100))
    #expect(lines.texts.map { $0 + "\n" } == [1, 2, 3, 4].map { line($0, 100) })
    #expect(bench.issues.isEmpty)
  }

  @Test func aNewConnectionBeginsAnew() {
    var (bench, lines) = bench()
    for number in 0..<3 { bench.feedTCP(5, line(number, 100)) }
    bench.feedTCP(5000, "", flags: 2)
    bench.feedTCP(5001, "one\n")
    bench.feedTCP(5005, "two\n")
    bench.feedTCP(5005, "two\n")
    #expect(lines.texts.suffix(2) == ["one", "two"])
    #expect(lines.repeated.last == "two\n")
  }
}
