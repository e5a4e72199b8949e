package import IMSBytes

/// One parameter: `name`, `name=value` or `name="value"` (RFC 3261 §25.1).
package struct Parameter: Hashable, Sendable {
  package let name: Text
  /// As on the wire, with quotes; nil when there is no `=`.
  package let value: Text?

  init(_ text: Text, _ parts: SpanText.Parameter) {
    name = text.part(parts.name)
    value = parts.value.map { text.part($0) }
  }

  package var unquoted: Text? { value?.unquoted }
  package var isQuoted: Bool { value?.isQuoted ?? false }
}

/// Parameters in wire order, read from the text while they are walked.
package struct Parameters: Sequence, Hashable, Sendable {
  /// From the first parameter to the end, without the separator before it.
  package let text: Text
  let separator: UInt8

  package init(_ text: Text, separator: UInt8 = 0x3b) {
    self.text = text
    self.separator = separator
  }

  package struct Iterator: IteratorProtocol {
    private let text: Text
    private let separator: UInt8
    private var at = 0

    fileprivate init(_ text: Text, _ separator: UInt8) {
      self.text = text
      self.separator = separator
    }

    package mutating func next() -> Parameter? {
      let parts: SpanText.Parameter? = text.read { span in
        SpanText.piece(span, from: &at, to: span.byteCount, separator: separator, brackets: false)
          .map { SpanText.parameter(span, $0) }
      }
      return parts.map { Parameter(text, $0) }
    }
  }

  package func makeIterator() -> Iterator { Iterator(text, separator) }

  package var isEmpty: Bool { first { _ in true } == nil }

  package func first(_ name: StaticString) -> Parameter? { first { $0.name.isToken(name) } }
  package func has(_ name: StaticString) -> Bool { value(name) != nil }

  /// The value without quotes; nil when the parameter is missing or has no value (`has` tells the two apart).
  package subscript(_ name: StaticString) -> Text? { (value(name) ?? nil).map { text.part($0).unquoted } }

  @_disfavoredOverload
  package subscript(_ name: Text) -> Text? { first { $0.name.equalsIgnoringCase(name) }?.unquoted }

  private func value(_ name: StaticString) -> Part?? {
    text.read { span in
      SpanText.parameter(name, span, 0..<span.byteCount, separator: separator).map { $0.map { Part($0) } }
    }
  }
}
