/// Takes CK, IK and other keys out of text that leaves the program.
package enum KeyMaterial {
  private static let names = ["ck", "ik"]

  /// `ck="5f5c…"` becomes `ck=‹16 bytes›`, whatever the case, the quotes and the space around `=`.
  package static func redacted(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "=")) else { return text }
    var result: [Character] = []
    var rest = text[...]
    while let character = rest.first {
      if startsWord(result), let (name, value, after) = parameter(rest) {
        result += Array(name) + Array(placeholder(value))
        rest = after
      } else {
        result.append(character)
        rest = rest.dropFirst()
      }
    }
    return String(result)
  }

  private static func startsWord(_ before: [Character]) -> Bool {
    guard let last = before.last else { return true }
    return !(last.isLetter || last.isNumber || last == "-" || last == "_")
  }

  /// "ck = ", the value without quotes, and what follows it.
  private static func parameter(_ text: Substring) -> (name: Substring, value: Substring, after: Substring)? {
    guard let name = names.first(where: { text.prefix($0.count).lowercased() == $0 }) else { return nil }
    let tail = text.dropFirst(name.count)
    let sign = tail.drop { $0 == " " || $0 == "\t" }
    guard sign.first == "=" else { return nil }
    let value = sign.dropFirst().drop { $0 == " " || $0 == "\t" }
    let head = text[..<value.startIndex]
    if value.first == "\"" {
      let inner = value.dropFirst().prefix { $0 != "\"" }
      return (head, inner, text[inner.endIndex...].drop { $0 == "\"" })
    }
    let bare = value.prefix { $0.isLetter || $0.isNumber || $0 == "+" || $0 == "/" }
    return bare.isEmpty ? nil : (head, bare, text[bare.endIndex...])
  }

  private static func placeholder(_ value: Substring) -> String {
    if value.first == "‹" { return String(value) }
    return value.allSatisfy(\.isHexDigit) && value.count % 2 == 0 ? "‹\(value.count / 2) bytes›" : "‹key›"
  }
}
