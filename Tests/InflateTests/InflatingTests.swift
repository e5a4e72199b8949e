import IMSBytes
import IMSCapture
import IMSInflate
import TestSupport
import Testing

/// Everything that a source gives out, and what stopped it.
private func drain(_ source: any ByteSource, room: Int = 4096) -> (bytes: [UInt8], stop: SourceStop?) {
  var all: [UInt8] = []
  var block = [UInt8](repeating: 0, count: room)
  while true {
    let got = block.withUnsafeMutableBytes { source.read(into: $0) }
    if got == 0 { return (all, source.stop) }
    all += block.prefix(got)
  }
}

private func inflate(_ bytes: [UInt8], chunk: Int = .max, room: Int = 4096) -> (bytes: [UInt8], stop: SourceStop?) {
  drain(InflatingSource(MemorySource(bytes, chunk: chunk)), room: room)
}

extension SourceStop {
  fileprivate var damage: SourceDamage? { if case .damaged(let damage) = self { damage } else { nil } }
}

@Suite struct InflatingTests {
  let capture: [UInt8]

  init() throws { capture = try Files.sample("sip-over-tcp.pcapng") }

  @Test(arguments: Packed.allCases, [1, 7, 4096, 1 << 20])
  func unpacksWhateverTheSizesOfReads(_ packed: Packed, _ room: Int) {
    for chunk in [1, 1000, Int.max] {
      let result = inflate(packed.pack(capture), chunk: chunk, room: room)
      #expect(result.bytes == capture)
      #expect(result.stop == nil)
    }
  }

  @Test(arguments: Packed.allCases) func unpacksConcatenatedMembers(_ packed: Packed) {
    let members = packed.pack(capture, by: 1000)
    for chunk in [1, Int.max] {
      let result = inflate(members, chunk: chunk)
      #expect(result.bytes == capture)
      #expect(result.stop == nil)
    }
    let withEmpty = packed.pack([]) + members + packed.pack([])
    #expect(inflate(withEmpty).bytes == capture)
    #expect(inflate(withEmpty).stop == nil)
  }

  @Test func unpacksMembersOfBothKindsAndSkipsWhatIsToBeSkipped() {
    let half = capture.count / 2
    let first = Packed.zstd.pack(Array(capture[..<half]))
    let second = Packed.gzip.pack(Array(capture[half...]))
    let result = inflate(Packed.skippableFrame + first + Packed.skippableFrame + second + [0, 0, 0, 0, 0, 0, 0])
    #expect(result.bytes == capture)
    #expect(result.stop == nil)
  }

  @Test func handsOnWhatIsNotCompressed() {
    for bytes in [capture, [], [0x1f], [0x28, 0xb5, 0x2f], Array("hello".utf8)] {
      for chunk in [1, Int.max] {
        let result = inflate(bytes, chunk: chunk)
        #expect(result.bytes == bytes)
        #expect(result.stop == nil)
      }
    }
  }

  @Test func namesWhatFollowsTheLastMember() {
    let packed = Packed.gzip.pack(capture)
    let result = inflate(packed + Array("garbage".utf8))
    #expect(result.bytes == capture)
    #expect(
      result.stop?.damage
        == SourceDamage(reason: "what follows gzip member 1 is not compressed", offset: UInt64(packed.count)))
  }

  @Test(arguments: Packed.allCases) func unpacksToWhereItIsCutOff(_ packed: Packed) {
    let short = Array(capture.prefix(3000))
    let first = packed.pack(short)
    let both = first + packed.pack(short)
    let unit = packed == .gzip ? "gzip member" : "zstd frame"
    for length in 4..<both.count where length != first.count {
      let result = inflate(Array(both.prefix(length)))
      #expect((short + short).starts(with: result.bytes))
      if length > first.count { #expect(result.bytes.count >= short.count) }
      if length > first.count, length < first.count + 4 {
        #expect(result.stop?.damage?.offset ?? UInt64(first.count) >= UInt64(first.count))
      } else {
        let number = length < first.count ? 1 : 2
        let expected = SourceDamage(reason: "compressed file ends inside \(unit) \(number)", offset: UInt64(length))
        #expect(result.stop == .damaged(expected))
      }
    }
  }

  @Test(arguments: Packed.allCases) func unpacksToWhereItIsDamaged(_ packed: Packed) {
    let whole = packed.pack(capture)
    for index in stride(from: 4, to: whole.count, by: max(1, whole.count / 300)) {
      var bytes = whole
      bytes[index] ^= 0x5a
      let result = inflate(bytes)
      if result.stop == nil {
        // Flags and times of the header say nothing of the content.
        #expect(index < 18 && result.bytes == capture)
      } else {
        #expect(result.bytes.count < capture.count + 1_000_000)
        #expect((result.stop?.damage?.offset ?? .max) <= UInt64(bytes.count))
      }
    }
  }

  @Test(arguments: Packed.allCases, [4096, 1 << 22]) func losesNothingBeforeTheDamage(_ packed: Packed, _ room: Int) {
    // What hardly packs, so that the damage's place is about the same in both.
    var state: UInt64 = 1
    let plain = (0..<2_000_000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    }
    var bytes = packed.pack(plain)
    bytes[bytes.count * 3 / 4] ^= 0x5a
    let result = inflate(bytes, room: room)
    #expect(result.stop?.damage != nil)
    #expect(result.bytes.prefix(1_300_000) == plain.prefix(1_300_000))
  }

  @Test(arguments: Packed.allCases, [4096, 1 << 22]) func aWrongCheckSumLosesNothing(_ packed: Packed, _ room: Int) {
    var bytes = packed.pack(capture)
    bytes[bytes.count - (packed == .gzip ? 6 : 2)] ^= 1
    let result = inflate(bytes, room: room)
    #expect(result.bytes == capture)
    #expect(result.stop?.damage?.reason.contains("is damaged: ") == true)
  }

  @Test func refusesAWindowThatNeedsTooMuchMemory() throws {
    #expect(inflate(Packed.zstdFrame(capture, windowLog: 27)).bytes == capture)
    let result = inflate(Packed.zstdFrame(capture, windowLog: 28))
    #expect(result.bytes.isEmpty)
    #expect(
      result.stop?.damage?.reason == "zstd frame 1 is damaged: it needs more than 128 MiB of memory to unpack")
  }

  /// A few bytes that unpack to gigabytes can be interrupted between two blocks.
  @Test(arguments: Packed.allCases) func canBeInterruptedBetweenTwoReadsOfTheFile(_ packed: Packed) {
    let source = InflatingSource(MemorySource(packed.pack([UInt8](repeating: 7, count: 1 << 20))))
    var block = [UInt8](repeating: 0, count: 4096)
    #expect(block.withUnsafeMutableBytes { source.read(into: $0) } == 4096)
    source.isInterrupted = { true }
    #expect(block.withUnsafeMutableBytes { source.read(into: $0) } == 0)
    #expect(source.stop == .interrupted)
  }
}
