#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes captures to measure with, and measures.
@main
struct Main {
  static let usage = """
    usage: imstrace-bench write FILE REGISTRATIONS RATE   a capture of synthetic registrations, the same bytes each time
           imstrace-bench loop FILE                       reads it with libpcap and does nothing else
           imstrace-bench run IMSTRACE [REGISTRATIONS]    compares `imstrace check` with that loop, tshark and sngrep
    """

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do throws(BenchError) {
      switch (arguments.first, arguments.count) {
      case ("write", 4), ("write-carrier", 4):
        guard let count = Int(arguments[2]), let rate = Int(arguments[3]), count > 0, rate > 0 else { fallthrough }
        let load: LoadFile.Load =
          arguments[0] == "write"
          ? .plain(registrations: count, rate: rate) : .carrier(registrations: count, rate: rate)
        try LoadFile(path: arguments[1], load: load).write()
      case ("write-noise", 3):
        guard let seconds = Int(arguments[2]), seconds > 0 else { fallthrough }
        try LoadFile(path: arguments[1], load: .noise(seconds: seconds)).write()
      case ("loop", 2):
        let total = try LibpcapLoop.read(arguments[1])
        print("\(total.packets) packets, \(total.bytes) bytes")
      case ("run", 2): try Comparison(imstrace: arguments[1]).run()
      case ("run", 3):
        guard let count = Int(arguments[2]), count > 1 else { fallthrough }
        try Comparison(imstrace: arguments[1], registrations: count).run()
      default:
        print(usage)
        exit(2)
      }
    } catch {
      let line = Array("imstrace-bench: \(error.reason)\n".utf8)
      _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
      exit(1)
    }
  }
}

struct BenchError: Error {
  var reason: String

  /// With what the system says about the last call.
  static func system(_ subject: String) -> BenchError {
    BenchError(reason: "\(subject): \(String(cString: strerror(errno)))")
  }
}
