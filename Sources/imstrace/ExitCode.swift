#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The exit codes that docs/json.md promises.
enum ExitStatus: Int32, Error {
  case success = 0
  /// Findings at or above `--fail-on`.
  case findings = 1
  case usage = 2
  /// An input could not be read, or nothing was found in any.
  case input = 3
  case defect = 4
  case output = 5
  case interrupted = 130

  private static let precedence: [ExitStatus] = [.defect, .usage, .output, .input, .interrupted, .findings]

  static func first(of statuses: Set<ExitStatus>) -> ExitStatus {
    precedence.first { statuses.contains($0) } ?? .success
  }

  func leave() -> Never { exit(rawValue) }
}

/// Why the program ends early: one sentence for standard error.
struct Problem: Error {
  var status: ExitStatus
  var text: String

  init(_ status: ExitStatus, _ text: String) {
    self.status = status
    self.text = text
  }
}

/// Standard error.
enum Complaint {
  /// "imstrace: no such file" and a line end.
  static func say(_ sentence: String) { raw("imstrace: \(sentence)\n") }

  static func raw(_ text: String) {
    Array(text.utf8).withUnsafeBytes { _ = write(2, $0.baseAddress, $0.count) }
  }
}

/// A trap of the program ends it with its own exit code and one sentence.
enum Defect {
  private static let sentence: StaticString =
    "imstrace: internal error; please report it with the capture that shows it\n"

  /// Leaves the runtime's backtraces alone where they were asked for.
  static func guardProcess() {
    if getenv("SWIFT_BACKTRACE") != nil { return }
    _ = sentence.utf8CodeUnitCount
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] {
      signal(number) { _ in
        _ = write(2, Defect.sentence.utf8Start, Defect.sentence.utf8CodeUnitCount)
        _exit(ExitStatus.defect.rawValue)
      }
    }
  }
}
