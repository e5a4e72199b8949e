internal import IMSBytes

/// The pieces of a text between separators outside quoted strings (and, if asked, outside `<>`), trimmed, empty ones
/// left out.
struct Pieces: Sequence, IteratorProtocol {
  private let text: Text
  private let separator: UInt8
  private let brackets: Bool
  private var at = 0

  init(_ text: Text, separator: UInt8, brackets: Bool) {
    self.text = text
    self.separator = separator
    self.brackets = brackets
  }

  mutating func next() -> Text? {
    let piece = text.read { span in
      SpanText.piece(span, from: &at, to: span.byteCount, separator: separator, brackets: brackets)
    }
    return piece.map { text.part(Part($0)) }
  }
}
