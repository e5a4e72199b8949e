#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// SIGINT as a flag that the readers poll: what was read until then is judged and printed. A second one ends the program.
enum Interrupt {
  /// Written by the signal handler: one aligned word and nothing else.
  private nonisolated(unsafe) static let flag: UnsafeMutablePointer<Int32> = {
    let word = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    word.initialize(to: 0)
    return word
  }()

  static var isRaised: Bool { flag.pointee != 0 }

  /// Without SA_RESTART, so that a waiting read returns.
  static func listen() {
    flag.pointee = 0
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { _ in Interrupt.flag.pointee = 1 }
    #else
      action.__sigaction_handler.sa_handler = { _ in Interrupt.flag.pointee = 1 }
    #endif
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    sigaction(SIGINT, &action, nil)
    // Whoever started the program may have blocked the signal.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigprocmask(SIG_UNBLOCK, &signals, nil)
  }
}
