import CLibpcap  // it has struct timeval, too

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A program run to its end, its output thrown away.
struct Process {
  /// What one run cost.
  struct Cost {
    /// Wall time.
    var seconds: Double
    /// User and system time.
    var busy: Double
    /// The largest resident set in bytes.
    var peak: Int
    var status: Int32
  }

  var arguments: [String]

  func run() throws(BenchError) -> Cost {
    var actions = Self.actions
    defer { posix_spawn_file_actions_destroy(&actions) }
    var words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let begin = Self.now
    errno = posix_spawnp(&process, arguments[0], &actions, nil, &words, environ)
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
      seconds: Self.now - begin, busy: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
      peak: usage.ru_maxrss * unit, status: status)
  }

  private static var actions: Actions {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    return actions
  }

  #if canImport(Glibc)
    private typealias Actions = posix_spawn_file_actions_t
  #else
    private typealias Actions = posix_spawn_file_actions_t?
  #endif

  private static var now: Double {
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
