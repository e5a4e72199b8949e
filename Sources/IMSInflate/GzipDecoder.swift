import CZlib

/// RFC 1952, with the checks of its trailer.
final class GzipDecoder: StreamDecoder {
  /// zlib keeps the address: the stream must not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

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

  func begin() -> Bool { inflateReset(stream) == Z_OK }

  func decode(_ input: UnsafeRawBufferPointer, into free: UnsafeMutableRawBufferPointer) -> DecodeStep {
    let given = UInt32(clamping: input.count)
    let room = UInt32(clamping: free.count)
    // zlib only reads there; the type of next_in says so only since C learned const.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = given
    stream.pointee.next_out = free.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = room
    let result = inflate(stream, Z_NO_FLUSH)
    let state: DecodeStep.State =
      switch result {
      case Z_OK, Z_BUF_ERROR: .unfinished
      case Z_STREAM_END: .end
      case Z_MEM_ERROR: .damaged("not enough memory")
      default: .damaged(stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(result)")
      }
    return DecodeStep(
      consumed: Int(given - stream.pointee.avail_in), produced: Int(room - stream.pointee.avail_out), state: state)
  }
}
