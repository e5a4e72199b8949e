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

/// Parameters in wire order, read from the text while they are walked; with `atOnce`, when they are made: for those that
/// many will ask.
package struct Parameters: Sequence, Hashable, Sendable {
  /// From the first parameter to the end, without the separator before it.
  package let text: Text
  let separator: UInt8
  private let items: [Parameter]?

  init(_ text: Text, separator: UInt8 = 0x3b, atOnce: Bool = false) {
    self.text = text
    self.separator = separator
    guard atOnce else {
      items = nil
      return
    }
    var items: [Parameter] = []
    var pieces = Pieces(text, separator: separator, brackets: false)
    while let piece = pieces.next() { items.append(Parameter(piece)) }
    self.items = items
  }

  package static func == (left: Parameters, right: Parameters) -> Bool {
    left.separator == right.separator && left.text == right.text
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }

  package struct Iterator: IteratorProtocol {
    private var pieces: Pieces
    fileprivate init(_ text: Text, _ separator: UInt8) {
      pieces = Pieces(text, separator: separator, brackets: false)
    }
    package mutating func next() -> Parameter? { pieces.next().map(Parameter.init) }
  }

  package func makeIterator() -> Iterator { Iterator(text, separator) }

  package var isEmpty: Bool { first { _ in true } == nil }

  package func first(_ name: StaticString) -> Parameter? {
    items.map { $0.first { $0.name.isToken(name) } } ?? first { $0.name.isToken(name) }
  }
  package func has(_ name: StaticString) -> Bool { first(name) != nil }

  /// The value without quotes; nil when the parameter is missing or has no value (`has` tells the two apart).
  package subscript(_ name: StaticString) -> Text? { first(name)?.unquoted }

  @_disfavoredOverload
  package subscript(_ name: Text) -> Text? { first { $0.name.equalsIgnoringCase(name) }?.unquoted }
}
