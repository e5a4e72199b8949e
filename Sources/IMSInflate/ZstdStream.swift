import CZstd
import IMSBytes

/// zstd through libzstd: frames in a row and skippable ones are the library's own business. A window over 128 MiB is
/// refused, so that memory stays bounded.
final class ZstdStream: InflateStream {
  let name = "zstd"
  private(set) var isInside = false
  private let context = ZSTD_createDCtx()

  deinit { ZSTD_freeDCtx(context) }

  func step(
    _ input: inout UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) throws(InflateError) -> Int {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let result = ZSTD_decompressStream(context, &target, &source)
    input = UnsafeRawBufferPointer(rebasing: input.dropFirst(source.pos))
    if ZSTD_isError(result) != 0 {
      throw InflateError(reason: "data cannot be read (\(String(cString: ZSTD_getErrorName(result))))")
    }
    if source.size > 0 || target.pos > 0 { isInside = result > 0 }
    return target.pos
  }
}
