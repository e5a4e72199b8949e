import IMSBytes
import Testing

@Suite struct CommonEndsTests {
  private static func octets(_ count: Int, _ seed: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 167 >> 3) }
  }

  /// Nil where the text was kept as it is.
  private static func folded(_ head: [UInt8], _ text: [UInt8], _ tail: [UInt8], _ ends: inout CommonEnds) -> [UInt8]? {
    ends.fold(head + text + tail, from: head.count, to: head.count + text.count)?.whole
  }

  /// Ends of each length beside the steps in which they are compared; something before the text and behind it.
  @Test(arguments: [512, 513, 1023, 1024, 1031, 1032, 1500, 4096, 9000], [0, 1, 7, 8, 511])
  func comesBackAsItWas(common: Int, own: Int) throws {
    let end = Self.octets(common)
    var ends = CommonEnds()
    let first = [UInt8](repeating: 1, count: max(own, 1024 - common)) + end
    #expect(Self.folded([], first, [], &ends) == nil, "nothing came before it")
    for head in [0, 3, 20] {
      let octets = [UInt8](repeating: 9, count: head)
      let text = [UInt8](repeating: 2, count: max(own, 1024 - common)) + end
      let tail = [UInt8](repeating: 7, count: head % 4)
      #expect(Self.folded(octets, text, tail, &ends) == octets + text + tail)
    }
    // As long as the first, and the whole of it.
    #expect(Self.folded([5], first, [6], &ends) == [5] + first + [6])
  }

  @Test func shortAndUnlikeTextsStayAsTheyAre() {
    var ends = CommonEnds()
    let long = Self.octets(2000)
    #expect(Self.folded([], long, [], &ends) == nil)
    #expect(Self.folded([], Array(long.suffix(1023)), [], &ends) == nil)
    #expect(Self.folded([], Self.octets(1001, 1) + long.suffix(999), [], &ends) == nil, "less than half")
    #expect(Self.folded([], Self.octets(1000, 1) + long.suffix(1000), [], &ends) != nil)
  }

  @Test func soManyAreKnown() {
    var ends = CommonEnds()
    let texts = (0...Bounds.commonEnds).map { number in [UInt8](repeating: UInt8(number + 1), count: 1024) }
    for text in texts { #expect(Self.folded([], text, [], &ends) == nil) }
    // The first had to go; so it is put in the place of the second.
    for number in [2, Bounds.commonEnds] { #expect(Self.folded([], texts[number], [], &ends) == texts[number]) }
    #expect(Self.folded([], texts[0], [], &ends) == nil && Self.folded([], texts[0], [], &ends) == texts[0])
    #expect(Self.folded([], texts[1], [], &ends) == nil)
    let longest = [UInt8](repeating: 99, count: Bounds.commonEndLength + 1)
    for _ in 0..<2 { #expect(Self.folded([], longest, [], &ends) == nil) }
  }
}
