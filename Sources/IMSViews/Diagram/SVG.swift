/// The elements that our pictures are made of.
enum SVG {
  /// Of the monospaced face, in pixels: what a character takes, and a line.
  static let advance = 7.3
  static let leading = 16.0

  static func text(_ text: String, _ x: Double, _ y: Double, _ style: String, anchor: String? = nil) -> Markup {
    if text.isEmpty { return "" }
    let place: Markup = anchor.map { " text-anchor=\"\($0)\"" } ?? ""
    return "<text class=\"\(style)\" x=\"\(x)\" y=\"\(y)\"\(place)>\(text)</text>"
  }

  static func rectangle(_ style: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Markup {
    "<rect class=\"\(style)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\"/>"
  }

  static func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> Markup {
    "<line class=\"\(style)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>"
  }

  /// A picture without links, told in words for who does not see it.
  static func picture(_ width: Double, _ height: Double, _ label: String, _ body: [Markup]) -> Markup {
    """
    <svg width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" role="img" aria-label="\(label)">
    \(body)
    </svg>
    """
  }

  /// Wide characters take two places; what is more than that is cut by no one.
  static func measure(_ texts: String...) -> Double {
    texts.map { text in text.unicodeScalars.reduce(0.0) { $0 + ($1.value >= 0x1100 ? 2 : 1) } * advance }.max() ?? 0
  }

  /// With at most one decimal.
  static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
    return (tenths < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : ".\(rest)")
  }

  /// Lines of at most so many pixels.
  static func wrapped(_ text: String, _ width: Double) -> [String] {
    let places = max(20, Int(width / advance))
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= places {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
