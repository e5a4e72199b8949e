import CLibpcap  // it has struct timeval, too

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A program run to its end, its output thrown away or kept in a file.
struct Process {
  /// What one run cost.
  struct Cost {
    /// Wall time.
    var seconds: Double
    var user: Double
    var system: Double
    /// The largest resident set in bytes.
    var peak: Int
    var status: Int32
  }

  var arguments: [String]
  /// Where standard output goes.
  var output = "/dev/null"
  /// In place of the environment of this process.
  var environment: [String]?

  /// This program.
  static var own: String { CommandLine.arguments[0] }

  func run() throws(BenchError) -> Cost {
    var actions = actions
    defer { posix_spawn_file_actions_destroy(&actions) }
    var words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var settings = (environment ?? []).map { strdup($0) } + [nil]
    defer { for setting in settings { free(setting) } }
    var process: pid_t = 0
    let begin = Self.now
    if environment != nil {
      errno = posix_spawnp(&process, arguments[0], &actions, nil, &words, &settings)
    } else {
      errno = posix_spawnp(&process, arguments[0], &actions, nil, &words, environ)
    }
    guard errno == 0 else { throw .system(arguments[0]) }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw .system(arguments[0]) }
    }
    #if canImport(Glibc)
      let unit = 1024
    #else
      let unit = 1
    #endif
    return Cost(
      seconds: Self.now - begin, user: Self.seconds(usage.ru_utime), system: Self.seconds(usage.ru_stime),
      peak: usage.ru_maxrss * unit, status: status)
  }

  /// Runs it and gives what it printed; empty when it cannot be run.
  static func output(_ arguments: [String], in workplace: Workplace) -> String {
    let path = workplace.path("output")
    guard (try? Process(arguments: arguments, output: path).run()) != nil else { return "" }
    return (try? TextFile.text(path)) ?? ""
  }

  private var actions: Actions {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    return actions
  }

  #if canImport(Glibc)
    private typealias Actions = posix_spawn_file_actions_t
  #else
    private typealias Actions = posix_spawn_file_actions_t?
  #endif

  /// Seconds of a clock that is never set.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  /// Whether a program of this name stands in PATH.
  static func isInstalled(_ name: String) -> Bool {
    guard let path = getenv("PATH") else { return false }
    return String(cString: path).split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }
}
