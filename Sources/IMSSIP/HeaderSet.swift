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

  fileprivate func union(_ other: HeaderSet) -> HeaderSet {
    var result = self
    result.low |= other.low
    result.high |= other.high
    return result
  }

  func isDisjoint(with other: HeaderSet) -> Bool { low & other.low | high & other.high == 0 }

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

  /// Inserts it. Was it not there?
  @inline(__always)
  mutating func take(_ id: UInt8) -> Bool {
    let bit: UInt64 = 1 << UInt64(id & 63)
    if id < 64 {
      defer { low |= bit }
      return low & bit == 0
    }
    defer { high |= bit }
    return high & bit == 0
  }

  mutating func insert(_ id: UInt8) {
    if id < 64 { low |= 1 << UInt64(id) } else { high |= 1 << UInt64(id & 63) }
  }
}

extension SIPMessage {
  /// Those of some headers that are written alike in both messages, line by line, or that both lack. Reads none of them.
  package func alike(in other: SIPMessage, of names: HeaderSet) -> HeaderSet {
    let (mine, others) = (headers, other.headers)
    var alike = names.subtracting(mine.present.symmetricDifference(others.present))
    let (left, right) = (span, other.span)
    let (fields, copies) = (fieldSpan, other.fieldSpan)
    let shared = mine.present.intersection(others.present).intersection(names)
    let repeated = mine.repeated.union(others.repeated)
    var next = 0
    for number in fields.indices {
      let field = fields[number]
      if field.id == 0 || !shared.has(field.id) { continue }
      if repeated.has(field.id) {
        if alike.has(field.id), !spells(HeaderName(id: field.id), as: other) { alike.remove(field.id) }
        continue
      }
      // A copy has its headers in the order of the original, as a rule.
      while next < copies.count, copies[next].id != field.id { next += 1 }
      guard let place = next < copies.count ? next : other.firstField(HeaderName(id: field.id)) else { continue }
      next = place + 1
      let copy = copies[place]
      let length = field.valueEnd &- field.valueStart
      if length != copy.valueEnd &- copy.valueStart
        || !left.extracting(field.value).isEqual(to: right.extracting(copy.value))
      {
        alike.remove(field.id)
      }
    }
    return alike
  }
}
