import CLibpcap

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A temporary folder for captures; nothing of it is left behind.
final class Workplace {
  let folder: String
  private var files: [String] = []

  init() throws(BenchError) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/imstrace-bench.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .system("temporary folder") }
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // An interrupt from the keyboard ends the program that is measured, this one then says so and leaves nothing behind.
    signal(SIGINT) { _ in }
  }

  deinit {
    for path in files { unlink(path) }
    rmdir(folder)
  }

  /// A file of this name, which need not exist yet.
  func path(_ name: String) -> String {
    let path = "\(folder)/\(name)"
    if !files.contains(path) { files.append(path) }
    return path
  }

  func remove(_ name: String) { unlink(path(name)) }

  /// In a process of its own: memory of this one would count as that of its children.
  func write(_ capture: Capture) throws(BenchError) -> Capture {
    let file = path(capture.name)
    let cost = try Process(arguments: [Process.own, "write-\(capture.load)", file] + capture.arguments).run()
    guard cost.status == 0 else { throw BenchError(reason: "\(capture.name) could not be written in \(folder)") }
    var written = capture
    written.bytes = Self.size(file)
    written.packets = try LibpcapLoop.read(file).packets
    return written
  }

  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Bytes that may still be written here.
  var available: Int {
    var status = statvfs()
    return statvfs(folder, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
  }
}

extension Capture {
  /// Of `imstrace-bench write-…`.
  var arguments: [String] {
    switch load {
    case .plain, .carrier: ["\(registrations)", "\(rate)"]
    case .noise: ["\(registrations)"]
    }
  }

  /// Octets of a file that a registration makes, with its records' heads; of noise, a second of it.
  private static func octets(_ load: Load) -> Int {
    switch load {
    case .plain: 27_900
    case .carrier: 66_100
    case .noise: 8_700_000
    }
  }

  init(_ name: String, _ load: Load, bytes: Int, rate: Int) {
    self.init(
      name: name, load: load, registrations: max(2, bytes / Self.octets(load)), rate: load == .noise ? 1 : rate)
  }

  /// What will be written, about.
  var estimate: Int { registrations * Self.octets(load) }
}
