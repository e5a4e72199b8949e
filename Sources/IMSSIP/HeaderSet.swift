internal import IMSBytes

/// A set of known header names: one bit each.
package struct HeaderSet: Equatable, Sendable, BitwiseCopyable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  package init(_ names: HeaderName...) { for name in names { insert(name.id) } }

  package var isEmpty: Bool { low | high == 0 }

  package func contains(_ name: HeaderName) -> Bool { name.id != 0 && has(name.id) }

  package func intersection(_ other: HeaderSet) -> HeaderSet {
    var result = self
    result.low &= other.low
    result.high &= other.high
    return result
  }

  /// All known headers.
  fileprivate static var all: HeaderSet {
    var all = HeaderSet()
    (all.low, all.high) = (.max, .max)
    return all
  }

  fileprivate func symmetricDifference(_ other: HeaderSet) -> HeaderSet {
    var result = self
    result.low ^= other.low
    result.high ^= other.high
    return result
  }

  package func subtracting(_ other: HeaderSet) -> HeaderSet {
    var result = self
    result.low &= ~other.low
    result.high &= ~other.high
    return result
  }

  /// In alphabetical order.
  package var names: [HeaderName] {
    HeaderName.table.indices.map { HeaderName(id: UInt8($0 + 1)) }.filter { contains($0) }
  }

  // Known names are numbered from 1, and are fewer than 128.

  func has(_ id: UInt8) -> Bool { (id < 64 ? low >> UInt64(id) : high >> UInt64(id & 63)) & 1 == 1 }

  fileprivate mutating func remove(_ id: UInt8) {
    if id < 64 { low &= ~(1 << UInt64(id)) } else { high &= ~(1 << UInt64(id & 63)) }
  }

  mutating func insert(_ id: UInt8) {
    if id < 64 { low |= 1 << UInt64(id) } else { high |= 1 << UInt64(id & 63) }
  }
}

extension SIPMessage {
  /// The known headers that are written alike in both messages, line by line, and those that both lack. Reads none of them.
  package func alike(in other: SIPMessage) -> HeaderSet {
    let (mine, others) = (headers, other.headers)
    var alike = HeaderSet.all.subtracting(mine.present.symmetricDifference(others.present))
    let (left, right) = (bytes, other.bytes)
    for field in fields where field.id != 0 && others.present.has(field.id) {
      if mine.repeated.has(field.id) || others.repeated.has(field.id) {
        if !spells(HeaderName(id: field.id), as: other) { alike.remove(field.id) }
      } else if let copy = other.fields.first(where: { $0.id == field.id }),
        !left.span.bytes.extracting(value(of: field, in: left)).isEqual(
          to: right.span.bytes.extracting(value(of: copy, in: right)))
      {
        alike.remove(field.id)
      }
    }
    return alike
  }

  private func value(of field: Field, in bytes: [UInt8]) -> Range<Int> {
    SpanText.trim(bytes.span.bytes, Int(field.valueStart)..<Int(field.valueEnd))
  }
}

extension HeaderSet {
  /// The known headers, and those of them that stand there more than once.
  static func standing(in fields: [SIPMessage.Field]) -> (present: HeaderSet, repeated: HeaderSet) {
    var present = HeaderSet()
    var repeated = HeaderSet()
    for field in fields where field.id != 0 {
      if present.has(field.id) { repeated.insert(field.id) } else { present.insert(field.id) }
    }
    return (present, repeated)
  }
}
