/// One escaper for each diagram syntax: what a label says is drawn literally, whatever a capture holds. The traps were
/// tried with the real renderers (Mermaid 11, PlantUML 1.2020, mscgen 0.20).
enum DiagramText {
  /// Of Mermaid: entities for what ends a statement, begins one or is HTML. A renderer takes `wrap:` off the front and trips
  /// over a lone `end`.
  static func mermaid(_ text: String) -> String {
    let entities: [Unicode.Scalar: String] = [
      "#": "#35;", ";": "#59;", "<": "#lt;", ">": "#gt;", "\"": "#quot;", "&": "#amp;", "%": "#37;", "\\": "#92;",
      "{": "#123;", "}": "#125;", "`": "#96;", "$": "#36;", "*": "#42;", "_": "#95;",
    ]
    let escaped = mapped(text) { scalar, _, _ in entities[scalar] }
    let folded = text.lowercased()
    if folded == "end" || folded.hasPrefix("wrap:") || folded.hasPrefix("nowrap:") {
      let first = text.unicodeScalars.first?.value ?? 0
      return "#\(first);" + escaped.dropFirst()
    }
    return escaped
  }

  /// Of PlantUML's creole: a doubled mark (`**`, `--`, `//`, `__`) is a change of type, `~` and `\` escape, `<` and `[[` begin
  /// a tag or a link.
  static func plantUML(_ text: String) -> String {
    let always: Set<Unicode.Scalar> = ["<", "~", "\\", "&", "\"", "%", "$", "`"]
    let doubled: Set<Unicode.Scalar> = ["*", "-", "/", "_", "[", "]", "'", "=", ".", "!", "+", "?"]
    return mapped(text) { scalar, before, after in
      let isDoubled = doubled.contains(scalar) && (before == scalar || after == scalar)
      let isArrow = scalar == "=" && after == ">"
      return always.contains(scalar) || isDoubled || isArrow ? codePoint(scalar) : nil
    }
  }

  private static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "<U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ">"
  }

  /// Inside the quotes of mscgen.
  static func mscgen(_ text: String) -> String {
    mapped(text) { scalar, _, _ in scalar == "\"" ? "\\\"" : scalar == "\\" ? "\\\\" : nil }
  }

  /// Of WebSequenceDiagrams, which has no escapes: `\n` would break the line, a quote would end a name.
  static func webSequence(_ text: String) -> String {
    mapped(text) { scalar, _, _ in scalar == "\\" ? "/" : scalar == "\"" ? "'" : nil }
  }

  /// Inside the quotes of an FDL name or in a remark: what the C preprocessor and the block remark would take is taken apart.
  static func fdl(_ text: String) -> String {
    mapped(text) { scalar, before, _ in
      switch (before, scalar) {
      case (_, "\""): "'"
      case (_, "\\"): "/"
      case ("/", "*"), ("*", "/"), ("/", "/"), ("*", "|"), ("|", "*"): " " + String(scalar)
      default: nil
      }
    }
  }

  /// A name of letters, digits and `_` alone, as the old form of FDL has them.
  static func identifier(_ text: String) -> String {
    let parts = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let name = parts.joined(separator: "_")
    return name.first?.isLetter == true ? name : "m_\(name)"
  }

  /// Text and attribute values of XML.
  static func xml(_ text: String) -> String {
    mapped(text) { scalar, _, _ in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: nil
      }
    }
  }

  /// Each scalar by itself, with its neighbours; control characters and what no XML may hold become U+FFFD, so that every
  /// label stands on one line.
  private static func mapped(
    _ text: String, _ escape: (Unicode.Scalar, Unicode.Scalar?, Unicode.Scalar?) -> String?
  ) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    for (index, scalar) in scalars.enumerated() {
      let before = index > 0 ? scalars[index - 1] : nil
      let after = index + 1 < scalars.count ? scalars[index + 1] : nil
      if isUnfit(scalar) {
        result.unicodeScalars.append("\u{FFFD}")
      } else if let replacement = escape(scalar, before, after) {
        result += replacement
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isUnfit(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0xfffe, 0xffff: true
    // Marks that turn the direction of what follows.
    case 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
