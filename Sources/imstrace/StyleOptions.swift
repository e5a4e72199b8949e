import ArgumentParser
import IMSViews

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How text is drawn.
struct StyleOptions: ParsableArguments {
  enum Colour: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  @Flag(help: "Draw with ASCII characters only.")
  var ascii = false

  @Option(help: "auto: on a terminal, unless NO_COLOR is set.")
  var color: Colour = .auto

  @Flag(help: "Show keys (CK, IK, XRES, HA1) in what is printed of messages that hold them.")
  var revealKeys = false

  func style(for output: Output) -> Style {
    Style(
      unicode: !ascii && (!output.isTerminal || Locale.isUnicode), colour: isColoured(output),
      width: output.isTerminal ? terminalWidth ?? 100 : 100, revealKeys: revealKeys)
  }

  private func isColoured(_ output: Output) -> Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto: output.isTerminal && (Environment.text("NO_COLOR") ?? "").isEmpty && Environment.text("TERM") != "dumb"
    }
  }

  private var terminalWidth: Int? {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return nil }
    return Int(size.ws_col)
  }
}

private enum Environment {
  static func text(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

private enum Locale {
  /// The first of the three that is set decides, as for the C library.
  static var isUnicode: Bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { Environment.text($0) }.first { !$0.isEmpty }
    let folded = (set ?? "").lowercased()
    return folded.contains("utf-8") || folded.contains("utf8")
  }
}
