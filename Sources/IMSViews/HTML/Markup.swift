/// A piece of HTML or SVG. What is written out in the program is markup; whatever is put into it passes the escaper, so
/// that no capture writes any.
struct Markup: Sendable, ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// One after the other, a line each.
  init(_ parts: [Markup], separator: Markup = "\n") {
    text = parts.lazy.filter { !$0.text.isEmpty }.map(\.text).joined(separator: separator.text)
  }

  /// A style sheet of this program.
  init(style: String) { text = style }

  var isEmpty: Bool { text.isEmpty }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: String) { text += DiagramText.xml(value) }
    mutating func appendInterpolation(_ value: Int) { text += "\(value)" }
    /// With at most one decimal, the same on every machine.
    mutating func appendInterpolation(_ value: Double) { text += SVG.number(value) }
    mutating func appendInterpolation(_ value: Markup) { text += value.text }
    mutating func appendInterpolation(_ values: [Markup]) { text += Markup(values).text }
  }
}
