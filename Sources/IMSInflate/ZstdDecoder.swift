import CZstd
import IMSBytes

/// RFC 8878; skippable frames give nothing.
final class ZstdDecoder: StreamDecoder {
  /// A frame says how far back it refers, and that much is kept: a larger one is refused.
  static let largestWindow = Bounds.zstdWindowLog

  private static let blockHeader = 3

  private let context: OpaquePointer
  /// Bytes to the end of the next block. On an error libzstd does not say what it gave out in the same call: given one
  /// block at a time, it loses no other.
  private var wanted = 1

  init?() {
    guard let context = ZSTD_createDCtx() else { return nil }
    self.context = context
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(Self.largestWindow))
  }

  deinit { ZSTD_freeDCtx(context) }

  func begin() -> Bool {
    wanted = 1
    return ZSTD_isError(ZSTD_DCtx_reset(context, ZSTD_reset_session_only)) == 0
  }

  func decode(_ input: UnsafeRawBufferPointer, into free: UnsafeMutableRawBufferPointer) -> DecodeStep {
    var from = ZSTD_inBuffer(src: input.baseAddress, size: min(input.count, wanted), pos: 0)
    var to = ZSTD_outBuffer(dst: free.baseAddress, size: free.count, pos: 0)
    let result = ZSTD_decompressStream(context, &to, &from)
    // What it asks for includes the header of the block after, which may be the damaged one.
    if ZSTD_isError(result) == 0 { wanted = result > Self.blockHeader ? result - Self.blockHeader : max(1, result) }
    guard ZSTD_isError(result) != 0 else {
      return DecodeStep(consumed: from.pos, produced: to.pos, state: result == 0 ? .end : .unfinished)
    }
    // The check sum is the last of a frame, and it was given whole.
    if ZSTD_getErrorCode(result) == ZSTD_error_checksum_wrong {
      return DecodeStep(consumed: from.size, produced: to.pos, state: .end, mismatch: Self.words(result))
    }
    return DecodeStep(consumed: from.pos, produced: to.pos, state: .damaged(Self.words(result)))
  }

  private static func words(_ result: Int) -> String {
    if ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge {
      return "it needs more than \(1 << (largestWindow - 20)) MiB of memory to unpack"
    }
    return ZSTD_getErrorName(result).map { String(cString: $0) } ?? "unknown"
  }
}
