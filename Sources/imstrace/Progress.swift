import IMSBytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// "42 % 1200 registrations" on standard error, for a person who waits: only on a terminal, and after a second of reading.
///
/// Unchecked: the readers poll it, and they all run on the one thread that also counts and erases.
final class Progress: @unchecked Sendable {
  private let isShown: Bool
  private let begin: Double
  private var files: [(file: BlockFile, size: UInt64)]
  private let isSized: Bool
  private var registrations = 0
  private var last = 0.0
  private var isDrawn = false

  init(_ files: [BlockFile]) {
    isShown = isatty(2) == 1
    begin = Progress.now
    let sizes = files.map { Progress.size(of: $0.path) }
    isSized = sizes.allSatisfy { $0 != nil }
    self.files = zip(files, sizes).map { ($0, $1 ?? 0) }
  }

  func count() { registrations += 1 }

  /// Asked by the readers before each block.
  func tick() {
    guard isShown else { return }
    let now = Progress.now
    guard now - begin > 1, now - last > 0.2 else { return }
    last = now
    isDrawn = true
    Complaint.raw("\r\(share)\(registrations) registrations\u{1B}[K")
  }

  /// Before anything else is written to the terminal.
  func erase() {
    guard isDrawn else { return }
    isDrawn = false
    Complaint.raw("\r\u{1B}[K")
  }

  private var share: String {
    let read = files.reduce(0) { $0 + $1.file.taken }
    let size = files.reduce(0) { $0 + $1.size }
    return isSized && size > 0 ? "\(min(100, read * 100 / size)) % " : "\(read >> 20) MiB "
  }

  private static func size(of path: String) -> UInt64? {
    var information = stat()
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
    return UInt64(max(0, information.st_size))
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
