import CZlib
import CZstd
import Foundation
import IMSBytes
import IMSCapture
import IMSInflate
import TestSupport
import Testing

/// Compressed inputs are the inputs they were made of.
@Suite struct InflateTests {
  private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var state = z_stream()
    deflateInit2_(
      &state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&state) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + 1024)
    let room = output.count
    input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        state.next_in = source.baseAddress
        state.avail_in = uInt(source.count)
        state.next_out = target.baseAddress
        state.avail_out = uInt(room)
        _ = deflate(&state, Z_FINISH)
      }
    }
    return Array(output.prefix(room - Int(state.avail_out)))
  }

  private func zstd(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&output, output.count, bytes, bytes.count, 3)
    return Array(output.prefix(count))
  }

  private func read(_ bytes: [UInt8], chunk: Int = .max) -> (plain: [UInt8], failure: String?, note: String?) {
    let file = Inflate.plain(BlockFile(bytes: bytes, name: "x", chunk: chunk))
    var plain: [UInt8] = []
    while file.fill(1) {
      plain += file.span.array
      _ = file.skip(file.available)
    }
    return (plain, file.failure?.reason, file.endNote?())
  }

  @Test(arguments: [1, 7, 4096, .max]) func bothAreReadInAnyPieces(_ chunk: Int) throws {
    let bytes = try Files.sample("wrong-key.pcapng")
    #expect(read(gzip(bytes), chunk: chunk).plain == bytes)
    #expect(read(zstd(bytes), chunk: chunk).plain == bytes)
  }

  @Test func membersAndFramesInARowAreOneInput() throws {
    let bytes = try Files.sample("wrong-key.pcapng")
    let parts = [bytes[..<1000], bytes[1000..<1000], bytes[1000..<30_000], bytes[30_000...]].map { Array($0) }
    #expect(read(parts.flatMap { gzip($0) }).plain == bytes)
    let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
    #expect(read(zstd(parts[0]) + skippable + parts[1...].flatMap { zstd($0) }).plain == bytes)
  }

  @Test func whatBreaksOffIsReadToTheBreak() throws {
    let bytes = try Files.sample("aka-registration.pcapng")
    for packed in [gzip(bytes), zstd(bytes)] {
      for step in 1...40 {
        let (plain, failure, _) = read(Array(packed.prefix(packed.count * step / 41)))
        #expect(failure == nil)
        #expect(bytes.starts(with: plain))
        var reader = try? CaptureReader(Inflate.plain(BlockFile(bytes: Array(packed.prefix(packed.count * step / 41)))))
        while reader?.next() != nil {}
        #expect(reader?.issues.contains { $0.reason.contains("data breaks off after") } ?? true)
      }
    }
  }

  @Test func damageIsSaidWithItsPlaceAndWhatCameBeforeIsKept() throws {
    let bytes = try Files.sample("aka-registration.pcapng")
    for packed in [gzip(bytes), zstd(bytes)] {
      for place in stride(from: 20, to: packed.count, by: packed.count / 60) {
        var damaged = packed
        damaged[place] ^= 0x10
        let (plain, failure, note) = read(damaged)
        // gzip has a sum of all bytes; a flipped bit of zstd may yield others.
        #expect(failure != nil || note != nil || packed[0] != 0x1f || plain == bytes)
        if let failure { #expect(failure.contains("near byte")) }
      }
    }
  }

  @Test func aPlainInputIsLeftAlone() throws {
    let bytes = try Files.sample("seed-registration.pcap")
    #expect(read(bytes).plain == bytes)
    #expect(read([]).plain.isEmpty)
    #expect(read([0x1f]).plain == [0x1f])
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) func aRecordedCaptureUnpacksToItself() throws {
    let packed = try Files.scenario("variants-of-01b", "merged.pcapng.gz")
    #expect(read(packed).plain == (try Files.scenario("01b-aka-udp-uar2")))
  }
}
