internal import IMSBytes

/// The pieces of a text between separators outside quoted strings (and, if asked, outside `<>`), trimmed, empty ones
/// left out.
struct Pieces: Sequence, IteratorProtocol {
  private let bytes: ArraySlice<UInt8>
  private let separator: UInt8
  private let brackets: Bool
  private var index: Int

  init(_ text: Text, separator: UInt8, brackets: Bool) {
    bytes = text.bytes
    self.separator = separator
    self.brackets = brackets
    index = bytes.startIndex
  }

  mutating func next() -> Text? {
    while index < bytes.endIndex {
      let start = index
      index = start + length(from: start)
      let piece = Text(bytes[start..<index]).trimmedLWS
      index = Swift.min(index + 1, bytes.endIndex)
      if !piece.isEmpty { return piece }
    }
    return nil
  }

  /// How many bytes from `start` stand before the next separator.
  private func length(from start: Int) -> Int {
    bytes[start...].withUnsafeBufferPointer { buffer in
      var quoted = false
      var bracketed = false
      var at = 0
      while at < buffer.count {
        switch buffer[at] {
        case 0x22 where !bracketed: quoted.toggle()
        case 0x5c where quoted: at += 1
        case 0x3c where brackets && !quoted: bracketed = true
        case 0x3e where brackets && !quoted: bracketed = false
        case separator where !quoted && !bracketed: return at
        default: break
        }
        at += 1
      }
      return buffer.count
    }
  }
}

/// Reads tokens and marks from the front of a text.
struct Scanner {
  private(set) var rest: ArraySlice<UInt8>

  init(_ text: Text) { rest = text.bytes }

  var isAtEnd: Bool { rest.isEmpty }
  var remainder: Text { Text(rest) }

  mutating func skipLWS() {
    guard let byte = rest.first, ASCII.isLWS(byte) else { return }
    rest = rest[(rest.firstIndex(without: ASCII.isLWS) ?? rest.endIndex)...]
  }

  /// Takes `byte` and the white space around it; false and nothing taken but the white space before it otherwise.
  mutating func skip(_ byte: UInt8) -> Bool {
    skipLWS()
    guard rest.first == byte else { return false }
    rest.removeFirst()
    skipLWS()
    return true
  }

  mutating func token() -> Text? { take { ASCII.isToken($0) } }

  /// The longest non-empty run of bytes that pass.
  mutating func take(while passes: (UInt8) -> Bool) -> Text? {
    let end = rest.firstIndex(without: passes) ?? rest.endIndex
    guard end > rest.startIndex else { return nil }
    let run = rest[..<end]
    rest = rest[end...]
    return Text(run)
  }

  /// A quoted string with its quotes; nil and nothing taken when it is not closed.
  mutating func quotedString() -> Text? {
    guard rest.first == 0x22 else { return nil }
    var index = rest.startIndex + 1
    while index < rest.endIndex, rest[index] != 0x22 { index += rest[index] == 0x5c ? 2 : 1 }
    guard index < rest.endIndex else { return nil }
    let string = rest[...index]
    rest = rest[(index + 1)...]
    return Text(string)
  }
}
