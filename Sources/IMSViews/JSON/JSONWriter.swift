/// Writes JSON as it is told, keys in the order of the calls, without white space: equal calls give equal bytes.
struct JSONWriter {
  private(set) var text = ""
  /// Something stands before in the innermost object or array.
  private var needsComma = false

  mutating func object(_ fields: (inout JSONWriter) -> Void) {
    open("{")
    fields(&self)
    close("}")
  }

  mutating func array<Element>(_ items: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void) {
    open("[")
    for item in items { write(&self, item) }
    close("]")
  }

  mutating func string(_ value: String) {
    separate()
    quote(value)
  }

  mutating func number(_ value: some BinaryInteger) { raw(String(value)) }

  /// A literal that is JSON already.
  mutating func raw(_ literal: String) {
    separate()
    text += literal
  }

  mutating func key(_ name: String) {
    string(name)
    text += ":"
    needsComma = false
  }

  private mutating func open(_ bracket: String) {
    separate()
    text += bracket
    needsComma = false
  }

  private mutating func close(_ bracket: String) {
    text += bracket
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { text += "," }
    needsComma = true
  }

  private mutating func quote(_ value: String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

// MARK: - Fields; nil leaves the key out

extension JSONWriter {
  mutating func field(_ name: String, _ value: String?) {
    guard let value else { return }
    key(name)
    string(value)
  }

  mutating func field(_ name: String, _ value: (some BinaryInteger)?) {
    guard let value else { return }
    key(name)
    number(value)
  }

  mutating func field(_ name: String, _ value: Bool) {
    key(name)
    raw(value ? "true" : "false")
  }

  mutating func field<Element>(
    _ name: String, _ items: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
  ) {
    key(name)
    array(items, write)
  }

  mutating func field(_ name: String, _ fields: (inout JSONWriter) -> Void) {
    key(name)
    object(fields)
  }
}
