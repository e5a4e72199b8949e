import IMSBytes
import IMSRules
import IMSSIP

/// How text is drawn; nothing of what is said depends on it, but keys are shown only with `revealKeys`.
package struct Style: Sendable {
  /// Box drawing, arrows and dashes; else every byte of the output is ASCII.
  package var unicode: Bool
  /// ANSI colours for severities and outcomes.
  package var colour: Bool
  /// Characters in a line of the ladder.
  package var width: Int
  package var revealKeys: Bool

  package init(unicode: Bool = true, colour: Bool = false, width: Int = 100, revealKeys: Bool = false) {
    self.unicode = unicode
    self.colour = colour
    self.width = width
    self.revealKeys = revealKeys
  }

  /// Text as it may stand in the output: keys taken out, and spelled in ASCII where that is asked for. Every piece of
  /// text that comes from a capture passes here before it is measured, cut or coloured.
  func text(_ text: String) -> String {
    // Without an equals sign there is no parameter that could be a key.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x3d }) { return text }
    let safe = revealKeys ? text : Redaction.redacted(headerValue: Text(text), of: .wwwAuthenticate)
    return unicode ? safe : ASCIISpelling.of(safe)
  }

  func paint(_ text: String, _ colour: Paint) -> String {
    self.colour && !text.isEmpty ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// The few ANSI colours in use, by their number.
enum Paint: Int {
  case red = 31
  case green = 32
  case yellow = 33
  case blue = 34

  init(_ severity: Severity) {
    switch severity {
    case .error: self = .red
    case .warning: self = .yellow
    case .info: self = .blue
    }
  }
}

/// What stands for the characters that ASCII lacks.
enum ASCIISpelling {
  static func of(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar.isASCII { result.unicodeScalars.append(scalar) } else { result += spellings[scalar] ?? "?" }
    }
    return result
  }

  private static let spellings: [Unicode.Scalar: String] = [
    "→": "->", "←": "<-", "–": "-", "—": "-", "…": "...", "×": "x", "·": "-", "§": "section ", "‹": "<", "›": ">",
    "“": "\"", "”": "\"", "’": "'", "≤": "<=", "≥": ">=",
  ]
}

/// Columns and cuts.
enum Layout {
  static func left(_ text: String, _ width: Int) -> String {
    text + blanks(width - text.count)
  }

  static func right(_ text: String, _ width: Int) -> String {
    blanks(width - text.count) + text
  }

  /// So many spaces; none for a number below zero.
  private static func blanks(_ count: Int) -> String {
    count < 0 ? "" : count < fewBlanks.count ? fewBlanks[count] : String(repeating: " ", count: count)
  }

  private static let fewBlanks = (0..<16).map { String(repeating: " ", count: $0) }

  /// Words in lines of at most `width` cells; a longer word is broken.
  static func wrapped(_ text: String, _ width: Int) -> [String] {
    let width = max(1, width)
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, Cells.width(last) + 1 + Cells.width(word) <= width {
        lines[lines.count - 1] = last + " " + word
        continue
      }
      var rest = word[...]
      while Cells.width(rest) > width {
        let head = Cells.prefix(rest, width)
        lines.append(String(head))
        rest = rest[head.endIndex...]
      }
      lines.append(String(rest))
    }
    return lines
  }

  /// At most `width` cells; a cut is shown as `…` and never falls into a redaction (`‹16 bytes›`).
  static func cut(_ text: String, to width: Int, _ style: Style) -> String {
    guard Cells.width(text) > width else { return text }
    let mark = style.unicode ? "…" : "..."
    var kept = Cells.prefix(text[...], max(0, width - mark.count))
    if let open = kept.lastIndex(where: { $0 == "‹" || $0 == "<" }),
      kept[open...].allSatisfy({ $0 != "›" && $0 != ">" }),
      isRedaction(text[open...])
    {
      kept = kept[..<open]
    }
    return kept + mark
  }

  /// "16 bytes" or "key" between angle quotes.
  private static func isRedaction(_ text: Substring) -> Bool {
    let inner = text.dropFirst().prefix { $0 != "›" && $0 != ">" }
    return inner == "key" || inner.hasSuffix(" bytes") && inner.dropLast(6).allSatisfy(\.isNumber)
  }
}
