package import IMSBytes

/// One parameter: `name`, `name=value` or `name="value"` (RFC 3261 §25.1).
package struct Parameter: Hashable, Sendable {
  package let name: Text
  /// As on the wire, with quotes; nil when there is no `=`.
  package let value: Text?

  init(_ piece: Text) {
    guard let equal = piece.bytes.firstIndex(of: 0x3d) else {
      name = piece
      value = nil
      return
    }
    name = Text(piece.bytes[..<equal]).trimmedLWS
    value = Text(piece.bytes[(equal + 1)...]).trimmedLWS
  }

  package var unquoted: Text? { value?.unquoted }
  package var isQuoted: Bool { value?.isQuoted ?? false }
}

/// Parameters in wire order, read from the text while they are walked.
package struct Parameters: Sequence, Hashable, Sendable {
  /// From the first parameter to the end, without the separator before it.
  package let text: Text
  let separator: UInt8

  init(_ text: Text, separator: UInt8 = 0x3b) {
    self.text = text
    self.separator = separator
  }

  package struct Iterator: IteratorProtocol {
    var pieces: Pieces
    package mutating func next() -> Parameter? { pieces.next().map(Parameter.init) }
  }

  package func makeIterator() -> Iterator {
    Iterator(pieces: Pieces(text, separator: separator, brackets: false))
  }

  package var isEmpty: Bool { first { _ in true } == nil }

  package func first(_ name: StaticString) -> Parameter? { first { $0.name.isToken(name) } }
  package func has(_ name: StaticString) -> Bool { first(name) != nil }

  /// The value without quotes; nil when the parameter is missing or has no value (`has` tells the two apart).
  package subscript(_ name: StaticString) -> Text? { first(name)?.unquoted }

  @_disfavoredOverload
  package subscript(_ name: Text) -> Text? { first { $0.name.equalsIgnoringCase(name) }?.unquoted }
}
