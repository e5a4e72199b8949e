#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where the report goes: standard output or a file, buffered. What cannot be written ends the program.
final class Output {
  private static let capacity = 1 << 16

  let isTerminal: Bool
  private let descriptor: Int32
  private let name: String
  private var buffer: [UInt8] = []

  private init(_ descriptor: Int32, name: String) {
    // A reader that goes away is told by `write`, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    self.descriptor = descriptor
    self.name = name
    isTerminal = isatty(descriptor) == 1
    buffer.reserveCapacity(Output.capacity)
  }

  static func standard() -> Output { Output(1, name: "standard output") }

  /// Standard output without a path. Refuses to write over one of the inputs. With `isSecret` only the owner may read the
  /// file, whatever it was before.
  static func open(_ path: String?, inputs: [String], isSecret: Bool = false) throws -> Output {
    guard let path, path != "-" else { return standard() }
    if inputs.contains(where: { isSame($0, path) }) {
      throw Problem(.usage, "\(path): is an input too; give the report another name")
    }
    if isSecret, !isPrivate(path) {
      throw Problem(.usage, "\(path): keys are written to a file of their own only")
    }
    #if canImport(Glibc)
      let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, isSecret ? 0o600 : 0o666)
    #elseif canImport(Musl)
      let descriptor = Musl.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, isSecret ? 0o600 : 0o666)
    #else
      let descriptor = Darwin.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, isSecret ? 0o600 : 0o666)
    #endif
    if descriptor >= 0, isSecret, fchmod(descriptor, 0o600) != 0 {
      throw Problem(.output, "\(path): \(String(cString: strerror(errno)))")
    }
    guard descriptor >= 0 else { throw Problem(.output, "\(path): \(String(cString: strerror(errno)))") }
    return Output(descriptor, name: path)
  }

  /// Writes a file beside the report. Nil when it is written; else what went wrong has been said.
  static func save(_ text: String, to path: String, inputs: [String], isSecret: Bool = false) -> ExitStatus? {
    do {
      let output = try open(path, inputs: inputs, isSecret: isSecret)
      output.write(text)
      output.close()
      return nil
    } catch let problem as Problem {
      Complaint.say(problem.text)
      return problem.status
    } catch {
      return .output
    }
  }

  func write(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Output.capacity { flush() }
  }

  func flush() {
    var done = 0
    while done < buffer.count {
      let count = buffer[done...].withUnsafeBytes { put($0) }
      if count >= 0 { done += count } else { fail(errno) }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// A full disk may show only here.
  func close() {
    flush()
    if descriptor > 2, shut(descriptor) != 0 { fail(errno) }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
    let count = systemWrite(descriptor, bytes.baseAddress, bytes.count)
    if count < 0, errno == EINTR { return 0 }
    if count < 0, errno == EAGAIN {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&request, 1, 200)
      return 0
    }
    return count
  }

  private func fail(_ code: Int32) -> Never {
    if code == EPIPE { ExitStatus.success.leave() }
    Complaint.say("\(name): cannot be written: \(String(cString: strerror(code)))")
    ExitStatus.output.leave()
  }

  /// A regular file that is not there yet, or is neither standard output nor standard error.
  private static func isPrivate(_ path: String) -> Bool {
    var file = stat()
    guard stat(path, &file) == 0 else { return true }
    return file.st_mode & S_IFMT == S_IFREG
      && [Int32(1), 2].allSatisfy { descriptor in
        var stream = stat()
        return fstat(descriptor, &stream) != 0 || stream.st_dev != file.st_dev || stream.st_ino != file.st_ino
      }
  }

  private static func isSame(_ input: String, _ output: String) -> Bool {
    var (left, right) = (stat(), stat())
    guard (input == "-" ? fstat(0, &left) : stat(input, &left)) == 0, stat(output, &right) == 0 else { return false }
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino && left.st_mode & S_IFMT == S_IFREG
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

private func shut(_ descriptor: Int32) -> Int32 { close(descriptor) }
