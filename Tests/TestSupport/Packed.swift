import CZlib
import CZstd
import Testing

/// What the libraries themselves make of some bytes.
package enum Packed: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case gzip, zstd

  package var testDescription: String { rawValue }

  /// What a member is called in issues.
  package var unit: String { self == .gzip ? "gzip member" : "zstd frame" }

  /// One member (frame).
  package func pack(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .gzip: Self.gzipMember(bytes)
    case .zstd: Self.zstdFrame(bytes)
    }
  }

  /// Members of `size` bytes each.
  package func pack(_ bytes: [UInt8], by size: Int) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: size).flatMap { pack(Array(bytes[$0..<min($0 + size, bytes.count)])) }
  }

  /// RFC 1950, without a header of gzip.
  package static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(count))
    return compress(&output, &count, bytes, UInt(bytes.count)) == Z_OK ? Array(output.prefix(Int(count))) : []
  }

  private static func gzipMember(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    guard gzip_deflate_init(&stream, 6) == Z_OK else { return [] }
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
    let room = UInt32(output.count)
    let left = input.withUnsafeMutableBufferPointer { from in
      output.withUnsafeMutableBufferPointer { to in
        stream.next_in = from.baseAddress
        stream.avail_in = UInt32(from.count)
        stream.next_out = to.baseAddress
        stream.avail_out = room
        return deflate(&stream, Z_FINISH) == Z_STREAM_END ? stream.avail_out : room
      }
    }
    return Array(output.prefix(Int(room - left)))
  }

  /// With a checksum, as the tool writes it.
  private static func zstdFrame(_ bytes: [UInt8]) -> [UInt8] { zstdFrame(bytes, windowLog: 0) }

  /// A frame that does not tell its size, so that the decoder needs a window of 2^windowLog bytes.
  package static func zstdFrame(_ bytes: [UInt8], windowLog: Int32) -> [UInt8] {
    guard let context = ZSTD_createCCtx() else { return [] }
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    if windowLog > 0 {
      ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
      ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
    }
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count) + 64)
    let size = output.withUnsafeMutableBytes { to in
      bytes.withUnsafeBytes { from in
        var input = ZSTD_inBuffer(src: from.baseAddress, size: from.count, pos: 0)
        var result = ZSTD_outBuffer(dst: to.baseAddress, size: to.count, pos: 0)
        // Flushed first: what is ended in one step tells its size after all.
        if windowLog > 0 { _ = ZSTD_compressStream2(context, &result, &input, ZSTD_e_flush) }
        return ZSTD_compressStream2(context, &result, &input, ZSTD_e_end) == 0 ? result.pos : 0
      }
    }
    return Array(output.prefix(size))
  }

  package static let skippableFrame: [UInt8] = [0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]
}
