/// XML 1.0 as text.
enum XMLText {
  /// Text between tags or in an attribute, of one or more lines. What XML cannot hold at all becomes U+FFFD.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { DiagramText.xml(String($0)) }.joined(separator: "&#10;")
  }

  /// `<name first="…">body</name>`; a nil attribute is left out. The body is XML already.
  static func element(_ name: String, _ attributes: [(String, String?)], _ body: String = "") -> String {
    let written = attributes.compactMap { key, value in value.map { " \(key)=\"\(escaped($0))\"" } }.joined()
    return body.isEmpty ? "<\(name)\(written)/>" : "<\(name)\(written)>\(body)</\(name)>"
  }
}
