import CZlib
import IMSBytes
import IMSCapture
import IMSInflate
import TestSupport
import Testing

/// Everything that a source gives out, what stopped it, and what was wrong with it.
private struct Drained {
  var bytes: [UInt8] = []
  var stop: SourceStop?
  var damages: [SourceDamage] = []

  init(_ source: any ByteSource, room: Int) {
    var block = [UInt8](repeating: 0, count: room)
    while true {
      let got = block.withUnsafeMutableBytes { source.read(into: $0) }
      if got == 0 { break }
      bytes += block.prefix(got)
    }
    stop = source.stop
    damages = source.damages.entries
  }

  var isWhole: Bool { stop == nil && damages.isEmpty }
}

private func inflate(_ bytes: [UInt8], chunk: Int = .max, room: Int = 4096) -> Drained {
  Drained(InflatingSource(MemorySource(bytes, chunk: chunk)), room: room)
}

@Suite struct InflatingTests {
  let capture: [UInt8]

  init() throws { capture = try Files.sample("sip-over-tcp.pcapng") }

  @Test(arguments: Packed.allCases, [1, 7, 4096, 1 << 20])
  func unpacksWhateverTheSizesOfReads(_ packed: Packed, _ room: Int) {
    for chunk in [1, 1000, Int.max] {
      let result = inflate(packed.pack(capture), chunk: chunk, room: room)
      #expect(result.bytes == capture)
      #expect(result.isWhole)
    }
  }

  @Test(arguments: Packed.allCases) func unpacksConcatenatedMembers(_ packed: Packed) {
    let members = packed.pack(capture, by: 1000)
    for chunk in [1, Int.max] {
      let result = inflate(members, chunk: chunk)
      #expect(result.bytes == capture)
      #expect(result.isWhole)
    }
    let withEmpty = packed.pack([]) + members + packed.pack([])
    #expect(inflate(withEmpty).bytes == capture)
    #expect(inflate(withEmpty).isWhole)
  }

  @Test func unpacksMembersOfBothKindsAndSkipsWhatIsToBeSkipped() {
    let half = capture.count / 2
    let first = Packed.zstd.pack(Array(capture[..<half]))
    let second = Packed.gzip.pack(Array(capture[half...]))
    let result = inflate(Packed.skippableFrame + first + Packed.skippableFrame + second + [0, 0, 0, 0, 0, 0, 0])
    #expect(result.bytes == capture)
    #expect(result.isWhole)
  }

  @Test func handsOnWhatIsNotCompressed() {
    for bytes in [capture, [], [0x1f], [0x28, 0xb5, 0x2f], Array("hello".utf8)] {
      for chunk in [1, Int.max] {
        let result = inflate(bytes, chunk: chunk)
        #expect(result.bytes == bytes)
        #expect(result.isWhole)
      }
    }
  }

  @Test func namesWhatFollowsTheLastMember() {
    let packed = Packed.gzip.pack(capture)
    let result = inflate(packed + Array("garbage".utf8))
    #expect(result.bytes == capture)
    #expect(result.stop == nil)
    #expect(
      result.damages == [
        SourceDamage(reason: "what follows gzip member 1 is not compressed", offset: UInt64(packed.count))
      ])
  }

  @Test(arguments: Packed.allCases) func unpacksToWhereItIsCutOff(_ packed: Packed) {
    let short = Array(capture.prefix(3000))
    let first = packed.pack(short)
    let both = first + packed.pack(short)
    for length in 4..<both.count where length != first.count {
      let result = inflate(Array(both.prefix(length)))
      #expect((short + short).starts(with: result.bytes))
      if length > first.count { #expect(result.bytes.count >= short.count) }
      let number = length < first.count ? 1 : 2
      let expected = SourceDamage(
        reason: "compressed file ends inside \(packed.unit) \(number)", offset: UInt64(length))
      #expect(result.stop == .damaged)
      #expect(result.damages == [expected])
    }
  }

  @Test(arguments: Packed.allCases) func unpacksToWhereItIsDamaged(_ packed: Packed) {
    let whole = packed.pack(capture)
    for index in stride(from: 4, to: whole.count, by: max(1, whole.count / 300)) {
      var bytes = whole
      bytes[index] ^= 0x5a
      let result = inflate(bytes)
      if result.isWhole {
        // Flags and times of the header say nothing of the content.
        #expect(index < 18 && result.bytes == capture)
      } else {
        #expect(result.bytes.count < capture.count + 1_000_000)
        #expect(result.damages.allSatisfy { $0.offset <= UInt64(bytes.count) })
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
    #expect(!result.damages.isEmpty)
    #expect(result.bytes.prefix(1_300_000) == plain.prefix(1_300_000))
  }

  /// CRC32 and ISIZE of gzip, the check sum of zstd.
  @Test(arguments: [(Packed.gzip, 8), (.gzip, 5), (.gzip, 4), (.gzip, 1), (.zstd, 4), (.zstd, 1)], [1, 4096, 1 << 22])
  func aWrongCheckSumLosesNothing(_ place: (packed: Packed, fromEnd: Int), _ room: Int) {
    let first = place.packed.pack(Array(capture.prefix(1000)))
    let rest = place.packed.pack(Array(capture.dropFirst(1000)))
    var bytes = first
    bytes[bytes.count - place.fromEnd] ^= 1
    for chunk in [1, 3, Int.max] {
      let alone = inflate(bytes, chunk: chunk, room: room)
      #expect(alone.bytes == Array(capture.prefix(1000)))
      let followed = inflate(bytes + rest, chunk: chunk, room: room)
      #expect(followed.bytes == capture)
      for result in [alone, followed] {
        #expect(result.stop == nil)
        #expect(result.damages.count == 1)
        #expect(result.damages.first?.reason.hasPrefix("\(place.packed.unit) 1 is damaged: ") == true)
        #expect(result.damages.first.map { Int($0.offset) - first.count }.map((-8...0).contains) == true)
      }
    }
  }

  @Test func damageOfCountlessMembersIsCounted() {
    var member = Packed.gzip.pack([7])
    member[member.count - 8] ^= 1
    let source = InflatingSource(MemorySource([[UInt8]](repeating: member, count: 130).flatMap(\.self)))
    #expect(Drained(source, room: 4096).bytes == [UInt8](repeating: 7, count: 130))
    #expect(source.damages.entries.count == 100)
    #expect(source.damages.further == 30)
  }

  @Test(arguments: Packed.allCases, [1, 511, 1 << 19]) func zerosThatATapeLeavesAreNoDamage(
    _ packed: Packed, _ zeros: Int
  ) {
    let padded = packed.pack(capture) + [UInt8](repeating: 0, count: zeros)
    let result = inflate(padded)
    #expect(result.bytes == capture)
    #expect(result.isWhole)
    let other = inflate(padded + [1])
    #expect(other.bytes == capture)
    #expect(other.damages.map(\.offset) == [UInt64(padded.count)])
  }

  @Test(arguments: Packed.allCases, [7, 333, 4096]) func unpacksMembersCutAnywhere(_ packed: Packed, _ size: Int) {
    let members = packed.pack(capture, by: size)
    for chunk in [5, Int.max] {
      let result = inflate(members, chunk: chunk)
      #expect(result.bytes == capture)
      #expect(result.isWhole)
    }
  }

  /// RFC 1952 section 2.3: FTEXT, FHCRC, FEXTRA, FNAME, FCOMMENT.
  @Test(arguments: 0..<32 as Range<UInt8>) func readsHeadersWithEveryField(_ flags: UInt8) {
    let member = GzipHeader(flags: flags).put(on: Packed.gzip.pack(capture))
    for chunk in [1, Int.max] {
      let result = inflate(member, chunk: chunk)
      #expect(result.bytes == capture)
      #expect(result.isWhole)
    }
    for length in 2..<GzipHeader(flags: flags).bytes.count {
      let expected = SourceDamage(reason: "compressed file ends inside gzip member 1", offset: UInt64(length))
      #expect(inflate(Array(member.prefix(length))).damages == [expected])
    }
  }

  @Test func namesAHeaderOfWrongCheckSum() {
    var header = GzipHeader(flags: 2)
    header.crc ^= 1
    let result = inflate(header.put(on: Packed.gzip.pack(capture)))
    #expect(result.bytes.isEmpty)
    #expect(result.damages.map(\.reason) == ["gzip member 1 is damaged: header crc mismatch"])
  }

  @Test func refusesAWindowThatNeedsTooMuchMemory() throws {
    #expect(inflate(Packed.zstdFrame(capture, windowLog: 27)).bytes == capture)
    let result = inflate(Packed.zstdFrame(capture, windowLog: 28))
    #expect(result.bytes.isEmpty)
    #expect(
      result.damages.map(\.reason) == ["zstd frame 1 is damaged: it needs more than 128 MiB of memory to unpack"])
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

/// A header of a gzip member with the optional fields that its flags name.
private struct GzipHeader {
  var bytes: [UInt8]
  /// The last two bytes, with FHCRC.
  var crc: UInt16 = 0
  private let hasCRC: Bool

  init(flags: UInt8) {
    bytes = [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255]
    if flags & 4 != 0 { bytes += [5, 0] + Array("ab".utf8) + [1, 0, 7] }
    if flags & 8 != 0 { bytes += Array("a.pcap".utf8) + [0] }
    if flags & 16 != 0 { bytes += Array("a comment".utf8) + [0] }
    hasCRC = flags & 2 != 0
    crc = UInt16(truncatingIfNeeded: crc32(0, bytes, UInt32(bytes.count)))
  }

  /// Instead of the ten bytes that zlib wrote.
  func put(on member: [UInt8]) -> [UInt8] {
    bytes + (hasCRC ? [UInt8(crc & 0xff), UInt8(crc >> 8)] : []) + member.dropFirst(10)
  }
}
