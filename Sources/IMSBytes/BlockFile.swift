// POSIX.1-2017: open, fstat, poll, read.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file, a pipe or some bytes in memory, read through one reused block.
///
/// The window is what has been read and not been skipped; `fill` waits only until the wanted bytes are there, so that
/// a pipe hands on each packet as it arrives. Spans are valid until the next `fill`.
package final class BlockFile {
  /// As it was given; "standard input" for "-".
  package let path: String
  /// Offset in the file of the first byte of the window.
  package private(set) var position: UInt64 = 0
  /// What ended the input before its end.
  package private(set) var failure: InputError?
  /// Asked whenever a read would wait and after a signal: true makes the input behave as if it ended here.
  package var isInterrupted: (@Sendable () -> Bool)?
  /// `isInterrupted` ended the input.
  package private(set) var wasInterrupted = false

  private let descriptor: Int32
  private let mayWait: Bool
  private var memory: ArraySlice<UInt8>
  private let chunk: Int
  private var block: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var ended = false

  package static let blockSize = 4 << 20

  /// Opens a file, or standard input for "-".
  package init(path: String) throws(InputError) {
    let name = path == "-" ? "standard input" : path
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw InputError(.unreadable, path: name, reason: Self.text(errno)) }
    var information = stat()
    if fstat(descriptor, &information) != 0 {
      let reason = Self.text(errno)
      if descriptor != 0 { close(descriptor) }
      throw InputError(.unreadable, path: name, reason: reason)
    }
    if information.st_mode & S_IFMT == S_IFDIR {
      if descriptor != 0 { close(descriptor) }
      throw InputError(.unreadable, path: name, reason: Self.text(EISDIR))
    }
    self.path = name
    self.descriptor = descriptor
    mayWait = information.st_mode & S_IFMT != S_IFREG
    memory = []
    chunk = .max
    block = .allocate(byteCount: Self.blockSize, alignment: 16)
  }

  /// Bytes in memory, handed out at most `chunk` at a time through a block of `blockSize`.
  package init(bytes: [UInt8], name: String = "memory", blockSize: Int = BlockFile.blockSize, chunk: Int = .max) {
    path = name
    descriptor = -1
    mayWait = false
    memory = bytes[...]
    self.chunk = max(1, chunk)
    block = .allocate(byteCount: max(64, min(blockSize, bytes.count)), alignment: 16)
  }

  deinit {
    block.deallocate()
    if descriptor > 0 { close(descriptor) }
  }

  package var available: Int { end - start }

  /// The window.
  package var span: RawSpan {
    @_lifetime(borrow self) get {
      let bytes = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: block[start..<end]))
      return _overrideLifetime(bytes, borrowing: self)
    }
  }

  /// Reads until the window holds `count` bytes; false when the input ends before.
  package func fill(_ count: Int) -> Bool {
    while end - start < count {
      if ended { return false }
      makeRoom(for: count)
      let got = read(into: UnsafeMutableRawBufferPointer(rebasing: block[end...]))
      if got == 0 { ended = true } else { end += got }
    }
    return true
  }

  /// Moves the window's first byte on; false when the input ends before.
  package func skip(_ count: Int) -> Bool {
    var left = count
    while left > end - start {
      left -= end - start
      position += UInt64(end - start)
      start = end
      if !fill(1) { return false }
    }
    start += left
    position += UInt64(left)
    return true
  }

  private func makeRoom(for count: Int) {
    if block.count - start >= count, end < block.count { return }
    if block.count >= count {
      block.baseAddress!.copyMemory(from: block.baseAddress! + start, byteCount: end - start)
    } else {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, block.count * 2), alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[start..<end]))
      block.deallocate()
      block = larger
    }
    end -= start
    start = 0
  }

  /// Zero at the end, after an error and after an interrupt.
  private func read(into free: UnsafeMutableRawBufferPointer) -> Int {
    if descriptor < 0 {
      let count = min(free.count, chunk, memory.count)
      memory.prefix(count).withUnsafeBytes { free.copyMemory(from: $0) }
      memory = memory.dropFirst(count)
      return count
    }
    while true {
      if let isInterrupted {
        // A signal between the question and the read would be lost: wait in steps that a question follows.
        repeat {
          if isInterrupted() {
            wasInterrupted = true
            return 0
          }
        } while mayWait && !isReady(within: 200)
      }
      let got = posixRead(descriptor, free)
      if got >= 0 { return got }
      if errno == EINTR { continue }
      if errno == EAGAIN {
        _ = isReady(within: 200)
        continue
      }
      failure = InputError(.unreadable, path: path, reason: Self.text(errno))
      return 0
    }
  }

  private func isReady(within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  private static func text(_ code: Int32) -> String {
    switch code {
    case ENOENT: "no such file"
    case EISDIR: "is a directory"
    case EACCES: "permission denied"
    default: String(cString: strerror(code))
    }
  }
}

private func posixRead(_ descriptor: Int32, _ free: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, free.baseAddress, free.count)
}
