import IMSBytes
import IMSCapture
import IMSWire
import Testing

/// A repeatable source of numbers (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}

@Suite struct ChunkedTests {
  /// Any stream, cut anyhow, with copies and overlaps, out of order within a few segments, gives the same lines.
  @Test(arguments: 0..<300) func givesTheSameStreamInAnyCut(seed: Int) {
    var random = Seeded(state: UInt64(seed))
    let text = (0..<60).map { index in String(repeating: "m\(index) ", count: .random(in: 1...9, using: &random)) }
    let whole = Array(text.map { $0 + "\n" }.joined().utf8)
    let initial = seed % 3 == 0 ? UInt32.max - 200 : UInt32.random(in: 0 ... .max, using: &random)

    var segments: [Range<Int>] = []
    var position = 0
    while position < whole.count {
      let end = min(whole.count, position + .random(in: 1...80, using: &random))
      segments.append(position..<end)
      if Int.random(in: 0..<6, using: &random) == 0 {
        segments.append(max(0, position - .random(in: 0...40, using: &random))..<end)
      }
      position = end
    }
    for index in segments.indices {
      segments.swapAt(index, min(segments.count - 1, index + .random(in: 0...4, using: &random)))
    }

    let lines = Lines()
    var bench = Bench()
    bench.take = { lines.take($0) }
    bench.feedTCP(initial, "", flags: TCPTests.syn, milliseconds: 0)
    for range in segments {
      let bytes = String(decoding: whole[range], as: UTF8.self)
      bench.feedTCP(initial &+ 1 &+ UInt32(range.lowerBound), bytes, milliseconds: Int64(bench.number) / 10)
    }
    bench.finish()
    #expect(lines.texts == text)
    #expect(bench.issues.isEmpty)
    checkFrames(lines, segments, whole)
  }

  /// The same from the middle of a stream: what was swapped with the first segments is put in order too.
  @Test(arguments: 0..<300) func givesTheSameStreamFromItsMiddle(seed: Int) {
    var random = Seeded(state: UInt64(seed) &+ 7_000_000)
    let text = (0..<30).map { "^" + String(repeating: "m\($0) ", count: .random(in: 1...9, using: &random)) }
    let whole = Array(text.map { $0 + "\n" }.joined().utf8)
    let initial = seed % 3 == 0 ? UInt32.max - 200 : UInt32.random(in: 0 ... .max, using: &random)
    var segments: [Range<Int>] = []
    while (segments.last?.upperBound ?? 0) < whole.count {
      let start = segments.last?.upperBound ?? 0
      segments.append(start..<min(whole.count, start + .random(in: 1...60, using: &random)))
    }
    for index in segments.indices {
      segments.swapAt(index, min(segments.count - 1, index + .random(in: 0...4, using: &random)))
    }
    let lines = Lines()
    var bench = Bench()
    bench.take = { payload in
      let count = payload.bytes.byteCount
      return payload.bytes.u8(0) == 0x5e ? lines.take(payload) : Taken(bytes: 0, wanted: count + 1)
    }
    for range in segments {
      let bytes = String(decoding: whole[range], as: UTF8.self)
      bench.feedTCP(initial &+ UInt32(range.lowerBound), bytes, milliseconds: Int64(bench.number) / 10)
    }
    bench.finish()
    #expect(lines.texts.sorted() == text.sorted())
    #expect(bench.issues.isEmpty)
  }

  /// Every line names at least a set of frames whose segments cover it, and only frames that carried some of it.
  private func checkFrames(_ lines: Lines, _ segments: [Range<Int>], _ whole: [UInt8]) {
    var start = 0
    for line in lines.lines {
      let range = start..<start + line.text.utf8.count + 1
      var covered = Set<Int>()
      for frame in line.frames {
        let segment = segments[Int(frame) - 2]
        #expect(segment.overlaps(range))
        covered.formUnion(segment.clamped(to: range))
      }
      #expect(covered.count == range.count)
      start = range.upperBound
    }
  }

  /// Random segments, flags, cuts and stamps: nothing traps, and nothing is kept at the end.
  @Test(arguments: 0..<60) func survivesAnything(seed: Int) {
    var random = Seeded(state: UInt64(seed) &+ 1_000_000)
    var bench = Bench()
    var choice = Seeded(state: UInt64(seed))
    bench.take = { payload in
      let count = payload.bytes.byteCount
      _ = payload.frames(of: 0..<count)
      _ = payload.time(of: count / 2..<count)
      return Taken(bytes: .random(in: -1...count + 1, using: &choice), wanted: .random(in: -1...300, using: &choice))
    }
    let base = UInt32.random(in: 0 ... .max, using: &random)
    for _ in 0..<400 {
      let text = String(repeating: "z", count: .random(in: 0...60, using: &random))
      let flags: UInt8 = Int.random(in: 0..<20, using: &random) == 0 ? .random(in: 0...7, using: &random) : 0x18
      let sequence = base &+ .random(in: 0...600, using: &random)
      bench.feedTCP(
        sequence, text, flags: flags, milliseconds: .random(in: 0...9000, using: &random),
        cut: min(text.utf8.count, .random(in: 0..<4, using: &random) == 0 ? .random(in: 0...30, using: &random) : 0))
    }
    bench.finish()
    let afterwards = bench.delivered.count
    bench.finish()
    #expect(bench.delivered.count == afterwards)
  }
}
