import CZlib

/// RFC 1952, with the checks of its trailer.
final class GzipDecoder: StreamDecoder {
  /// CRC32 and ISIZE.
  private static let trailerLength = 8
  /// What zlib says of a stream in `data_type`: it stands behind a block, in (or behind) the last one.
  private static let behindBlock: Int32 = 128
  private static let inLastBlock: Int32 = 64

  /// zlib keeps the address: the stream must not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  /// Bytes of the trailer that were not consumed; nil before it.
  private var trailer: Int?
  private var hasMismatch = false

  init?() {
    stream.initialize(to: z_stream())
    guard gzip_inflate_init(stream) == Z_OK else {
      stream.deallocate()
      return nil
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func begin() -> Bool {
    trailer = nil
    hasMismatch = false
    return inflateReset(stream) == Z_OK
  }

  func decode(_ input: UnsafeRawBufferPointer, into free: UnsafeMutableRawBufferPointer) -> DecodeStep {
    if hasMismatch { return skipTrailer(input.count) }
    let given = UInt32(clamping: input.count)
    let room = UInt32(clamping: free.count)
    // zlib only reads there; the type of next_in says so only since C learned const.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = given
    stream.pointee.next_out = free.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = room
    // Stopping behind each block tells what is wrong then: the packed bytes, or only what the trailer says of them.
    let result = inflate(stream, Z_BLOCK)
    var step = DecodeStep(
      consumed: Int(given - stream.pointee.avail_in), produced: Int(room - stream.pointee.avail_out),
      state: .unfinished)
    if let left = trailer { trailer = max(0, left - step.consumed) }
    switch result {
    case Z_OK, Z_BUF_ERROR:
      let ended = Self.behindBlock | Self.inLastBlock
      if trailer == nil, stream.pointee.data_type & ended == ended { trailer = Self.trailerLength }
    case Z_STREAM_END: step.state = .end
    case Z_DATA_ERROR where trailer != nil:
      hasMismatch = true
      step.mismatch = words(result)
      if trailer == 0 { step.state = .end }
    case Z_MEM_ERROR: step.state = .damaged("not enough memory")
    default: step.state = .damaged(words(result))
    }
    return step
  }

  private func skipTrailer(_ count: Int) -> DecodeStep {
    let left = trailer ?? 0
    let consumed = min(left, count)
    trailer = left - consumed
    return DecodeStep(consumed: consumed, produced: 0, state: consumed == left ? .end : .unfinished)
  }

  private func words(_ result: Int32) -> String {
    stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(result)"
  }
}
