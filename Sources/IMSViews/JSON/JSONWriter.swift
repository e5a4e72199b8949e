import IMSBytes
import IMSWire

/// Writes JSON as it is told, keys in the order of the calls, without white space: equal calls give equal bytes.
struct JSONWriter {
  /// In UTF-8: a string is made of it once, not letter by letter.
  private var bytes: [UInt8] = []
  /// Something stands before in the innermost object or array.
  private var needsComma = false

  /// A registration takes some 16 kB.
  init() { bytes.reserveCapacity(20_000) }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Behind the outermost object.
  mutating func endLine() { bytes.append(0x0a) }

  mutating func object(_ fields: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "{"))
    fields(&self)
    close(UInt8(ascii: "}"))
  }

  mutating func array<Element>(_ items: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void) {
    open(UInt8(ascii: "["))
    for item in items { write(&self, item) }
    close(UInt8(ascii: "]"))
  }

  mutating func string(_ value: String) {
    separate()
    quote(value)
  }

  /// `Text.string`.
  mutating func string(_ value: Text) {
    guard value.read({ $0.isPlain }) else { return string(value.string) }
    quoted { $0.append(value) }
  }

  /// A string that needs no escapes.
  mutating func quoted(_ write: (inout [UInt8]) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    write(&bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func number(_ value: some BinaryInteger) {
    separate()
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(decimal: UInt64(value.magnitude))
  }

  /// A literal that is JSON already.
  mutating func raw(_ literal: String) {
    separate()
    bytes.append(literal)
  }

  /// - Parameter name: with nothing to escape.
  mutating func key(_ name: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(name)
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func quote(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    let start = bytes.count
    bytes.append(value)
    // Nothing to escape, as a rule.
    if bytes.span.bytes.suffix(from: start).isPlain { return bytes.append(UInt8(ascii: "\"")) }
    for index in start..<bytes.count where JSONWriter.isEscaped(bytes[index]) {
      bytes.removeSubrange(index...)
      for byte in value.utf8.dropFirst(index - start) { escape(byte) }
      break
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isEscaped(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5c || byte == 0x7f }

  private mutating func escape(_ byte: UInt8) {
    guard JSONWriter.isEscaped(byte) else { return bytes.append(byte) }
    bytes.append(0x5c)
    switch byte {
    case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
    case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
    case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    default: bytes.append((byte < 0x10 ? "u000" : "u00") + String(byte, radix: 16))
    }
  }
}

// MARK: - Fields; nil leaves the key out

extension JSONWriter {
  mutating func field(_ name: String, _ value: String?) {
    guard let value else { return }
    key(name)
    string(value)
  }

  mutating func field(_ name: String, _ value: Text?) {
    guard let value else { return }
    key(name)
    string(value)
  }

  mutating func field(_ name: String, _ time: Timestamp?) {
    guard let time else { return }
    key(name)
    quoted { TimeText.write(iso: time, &$0) }
  }

  mutating func field(_ name: String, _ address: IPAddress) {
    key(name)
    quoted { address.write(to: &$0) }
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
