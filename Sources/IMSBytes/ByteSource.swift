// POSIX.1-2017: open, fstat, poll, read.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where a `BlockFile` gets its bytes: a file, a pipe, memory, or another source that is unpacked on the way.
package protocol ByteSource: AnyObject {
  /// As it was given; "standard input" for "-".
  var path: String { get }
  /// Asked whenever a read would wait and after a signal: true makes the bytes end here.
  var isInterrupted: (@Sendable () -> Bool)? { get set }
  /// What ended the bytes before their end.
  var stop: SourceStop? { get }
  /// What was found wrong with compressed bytes so far.
  var damages: DamageLog { get }
  /// The bytes are those that compressed ones held.
  var isUnpacked: Bool { get }
  /// Bytes taken from the file or pipe itself.
  var taken: UInt64 { get }
  /// Waits for at least one byte. Zero at the end, also at one that `stop` explains.
  func read(into free: UnsafeMutableRawBufferPointer) -> Int
  /// The same bytes once more, from the first one on; nil where they come but once, as from a pipe.
  func again() -> (any ByteSource)?
}

extension ByteSource {
  package var damages: DamageLog { DamageLog() }
  package var isUnpacked: Bool { false }
}

/// What ends a source before its end.
package enum SourceStop: Hashable, Sendable {
  case interrupted
  case failed(InputError)
  /// As the last of `damages` says.
  case damaged
}

/// Where compressed bytes could not be unpacked, or were not what they should be.
package struct SourceDamage: Hashable, Sendable, CustomStringConvertible {
  /// One sentence without a full stop.
  package var reason: String
  /// In the compressed file.
  package var offset: UInt64

  package init(reason: String, offset: UInt64) {
    self.reason = reason
    self.offset = offset
  }

  package var description: String { "\(reason) (at byte \(offset))" }
}

/// In the order of the file.
package struct DamageLog: Hashable, Sendable {
  package static let limit = Bounds.compressionDamages

  /// The first `limit`.
  package private(set) var entries: [SourceDamage] = []
  package private(set) var further: UInt64 = 0

  package init() {}

  package mutating func add(_ damage: SourceDamage) {
    if entries.count < Self.limit { entries.append(damage) } else { further += 1 }
  }
}

/// A file, or standard input.
package final class FileSource: ByteSource {
  package let path: String
  package var isInterrupted: (@Sendable () -> Bool)?
  package private(set) var stop: SourceStop?
  package private(set) var taken: UInt64 = 0

  private let descriptor: Int32
  private let mayWait: Bool

  /// Opens a file, or standard input for "-".
  package init(path: String) throws(InputError) {
    let name = Self.name(of: path)
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    // A named pipe that nobody writes to lets its reader wait here.
    if descriptor < 0, errno == EINTR { throw .interrupted(name) }
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
  }

  /// As an input is named to people.
  package static func name(of path: String) -> String { path == "-" ? "standard input" : path }

  deinit {
    if descriptor > 0 { close(descriptor) }
  }

  package func read(into free: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      if let isInterrupted {
        // A signal between the question and the read would be lost: wait in steps that a question follows.
        repeat {
          if isInterrupted() {
            stop = .interrupted
            return 0
          }
        } while mayWait && !isReady(within: 200)
      }
      let got = posixRead(descriptor, free)
      if got >= 0 {
        taken += UInt64(got)
        return got
      }
      if errno == EINTR { continue }
      if errno == EAGAIN {
        _ = isReady(within: 200)
        continue
      }
      stop = .failed(InputError(.unreadable, path: path, reason: Self.text(errno)))
      return 0
    }
  }

  package func again() -> (any ByteSource)? { descriptor > 0 && !mayWait ? try? FileSource(path: path) : nil }

  private func isReady(within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  private static func text(_ code: Int32) -> String {
    switch code {
    case ENOENT: "no such file"
    case EISDIR: "is a directory"
    case EACCES: "permission denied"
    case EBADF: "is closed"
    default: String(cString: strerror(code))
    }
  }
}

private func posixRead(_ descriptor: Int32, _ free: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, free.baseAddress, free.count)
}

/// Bytes in memory, handed out at most `chunk` at a time.
package final class MemorySource: ByteSource {
  package let path: String
  package var isInterrupted: (@Sendable () -> Bool)?
  package private(set) var stop: SourceStop?
  package private(set) var taken: UInt64 = 0

  private let all: [UInt8]
  private var bytes: ArraySlice<UInt8>
  private let chunk: Int

  package init(_ bytes: [UInt8], name: String = "memory", chunk: Int = .max) {
    path = name
    all = bytes
    self.bytes = bytes[...]
    self.chunk = max(1, chunk)
  }

  package func read(into free: UnsafeMutableRawBufferPointer) -> Int {
    if isInterrupted?() ?? false {
      stop = .interrupted
      return 0
    }
    let count = min(free.count, chunk, bytes.count)
    bytes.prefix(count).withUnsafeBytes { free.copyMemory(from: $0) }
    bytes = bytes.dropFirst(count)
    taken += UInt64(count)
    return count
  }

  package func again() -> (any ByteSource)? { MemorySource(all, name: path, chunk: chunk) }
}
