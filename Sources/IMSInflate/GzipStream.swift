import CZlib
import IMSBytes

/// gzip through zlib: members in a row are one stream; what follows the last one and is no member ends it.
final class GzipStream: InflateStream {
  let name = "gzip"
  private(set) var isInside = false
  private var state = z_stream()
  private var isOpen = false

  init() {
    // 16: a gzip header is expected.
    isOpen = inflateInit2_(&state, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  }

  deinit { if isOpen { inflateEnd(&state) } }

  func step(
    _ input: inout UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) throws(InflateError) -> Int {
    guard isOpen else { throw InflateError(reason: "needs more memory than there is") }
    // zlib does not write through next_in.
    state.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: Bytef.self)
    state.avail_in = uInt(input.count)
    state.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
    state.avail_out = uInt(min(output.count, Int(uInt.max)))
    let room = Int(state.avail_out)
    if !input.isEmpty { isInside = true }
    let result = inflate(&state, Z_NO_FLUSH)
    input = UnsafeRawBufferPointer(rebasing: input.suffix(Int(state.avail_in)))
    switch result {
    case Z_STREAM_END:
      inflateReset(&state)
      isInside = false
    case Z_OK, Z_BUF_ERROR: break
    default: throw InflateError(reason: "data is damaged")
    }
    return room - Int(state.avail_out)
  }
}
