#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Machine {
  /// The one that this runs on.
  static var own: Machine {
    var name = utsname()
    uname(&name)
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    return Machine(
      system: "\(text(&name.sysname)) \(text(&name.release).prefix { $0.isNumber || $0 == "." })",
      architecture: text(&name.machine), processor: processor, cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
      memory: pages * sysconf(Int32(_SC_PAGESIZE)))
  }

  /// The version that `swift --version` tells, or the one of SWIFT where that is set; it built what is measured.
  static func compiler(in workplace: Workplace) -> String? {
    let program = getenv("SWIFT").map { String(cString: $0) } ?? "swift"
    let said = Process.output([program, "--version"], in: workplace)
    guard let label = said.firstRange(of: "Swift version ") else { return nil }
    return String(said[label.upperBound...].prefix { $0 != " " })
  }

  private static var processor: String {
    let lines = (try? TextFile.text("/proc/cpuinfo"))?.split(separator: "\n") ?? []
    let line = lines.first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { String($0.drop { $0 == " " }) } ?? "unknown"
  }

  private static func text<Characters>(_ characters: inout Characters) -> String {
    withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
