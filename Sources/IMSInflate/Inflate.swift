package import IMSBytes

/// Opens inputs that may be compressed: gzip (RFC 1952) and zstd (RFC 8878), told by their first bytes, several members or
/// frames in a row included. What is compressed is read as it is asked for; nothing is unpacked to disk.
package enum Inflate {
  /// A file, or standard input for "-".
  package static func open(_ path: String) throws(InputError) -> BlockFile { plain(try BlockFile(path: path)) }

  /// The same input without its compression.
  package static func plain(_ file: BlockFile) -> BlockFile {
    _ = file.fill(4)
    let magic = file.span.extracting(0..<min(4, file.available)).array
    let packed = Packed(file)
    if magic.starts(with: [0x1f, 0x8b]) { return packed.unpacked(by: GzipStream()) }
    if magic == [0x28, 0xb5, 0x2f, 0xfd] { return packed.unpacked(by: ZstdStream()) }
    return file
  }
}

/// Takes compressed bytes and gives plain ones.
protocol InflateStream: AnyObject {
  /// "gzip", "zstd".
  var name: String { get }
  /// A member or frame has begun and not ended.
  var isInside: Bool { get }
  /// Moves on in both buffers. - Throws: why the data cannot be read, as a part of a sentence.
  func step(
    _ input: inout UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) throws(InflateError) -> Int
}

struct InflateError: Error {
  var reason: String
}

/// The compressed input and the part of it that was read and not yet used.
private final class Packed {
  private let file: BlockFile
  private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
  private var position: UInt64 = 0

  init(_ file: BlockFile) { self.file = file }

  deinit { block.deallocate() }

  func unpacked(by stream: some InflateStream) -> BlockFile {
    let plain = BlockFile(path: file.path) { [self] output throws(InputError) in try fill(output, stream) }
    plain.endNote = { [self] in stream.isInside ? "\(stream.name) data breaks off after \(position) bytes" : nil }
    return plain
  }

  /// At least one plain byte, or 0 when the compressed input has ended, though it be in the middle of a member.
  private func fill(_ output: UnsafeMutableRawBufferPointer, _ stream: some InflateStream) throws(InputError) -> Int {
    while true {
      if rest.isEmpty {
        let count = file.move(into: block)
        if let failure = file.failure { throw failure }
        rest = UnsafeRawBufferPointer(rebasing: block[..<count])
        position += UInt64(count)
      }
      let hadInput = !rest.isEmpty
      do throws(InflateError) {
        let written = try stream.step(&rest, output)
        if written > 0 || !hadInput { return written }
      } catch {
        let place = position - UInt64(rest.count)
        throw InputError(.unreadable, path: file.path, reason: "\(stream.name) \(error.reason) near byte \(place)")
      }
    }
  }
}
