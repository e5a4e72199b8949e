/// Text as a terminal draws it: most characters take a cell, those of East Asian scripts two.
enum Cells {
  static func width(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + width($1) } }

  /// As much as fits into so many cells, and at least one character.
  static func prefix(_ text: Substring, _ cells: Int) -> Substring {
    if cells <= 0 { return text.prefix(0) }
    var (used, end) = (0, text.startIndex)
    while end < text.endIndex {
      used += width(text[end])
      if used > cells, end > text.startIndex { break }
      end = text.index(after: end)
    }
    return text[..<end]
  }

  /// A string for each cell; the second cell of a wide character is empty. What has no width of its own, or would turn the
  /// direction of what follows, is shown as what it is not.
  static func split(_ text: String) -> [String] {
    text.flatMap { character -> [String] in
      if isInvisible(character) { return ["\u{FFFD}"] }
      return width(character) == 1 ? [String(character)] : [String(character), ""]
    }
  }

  private static func isInvisible(_ character: Character) -> Bool {
    character.unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x200b...0x200f, 0x202a...0x202e, 0x2060...0x2069, 0xfeff: true
      default: false
      }
    }
  }

  private static func width(_ character: Character) -> Int {
    if isInvisible(character) { return 1 }
    let first = character.unicodeScalars.first ?? " "
    switch first.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
      0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
      return 2
    default: return 1
    }
  }
}
