/// A `FingerprintTable` in parts, for one of which copies are kept while it changes: what changes then copies its part, not
/// the whole.
@usableFromInline package struct FingerprintShards<Value> {
  @inlinable static var parts: Int { 256 }

  /// All or none.
  @usableFromInline var tables: [FingerprintTable<Value>] = []
  @usableFromInline package internal(set) var count = 0

  @inlinable package init() {}

  @inlinable package subscript(key: Fingerprint) -> Value? { tables.isEmpty ? nil : tables[Self.part(of: key)][key] }

  @inlinable package mutating func insert(_ key: Fingerprint, _ value: Value) {
    if tables.isEmpty { tables = Array(repeating: FingerprintTable(), count: Self.parts) }
    let part = Self.part(of: key)
    count -= tables[part].count
    tables[part].insert(key, value)
    count += tables[part].count
  }

  /// Changes the value of a key in its place. False where there is none.
  @inlinable package mutating func update(_ key: Fingerprint, _ body: (inout Value) -> Void) -> Bool {
    guard !tables.isEmpty, let slot = tables[Self.part(of: key)].slot(of: key) else { return false }
    body(&tables[Self.part(of: key)][slot: slot])
    return true
  }

  /// Within a part the low half chooses the slot.
  @inlinable static func part(of key: Fingerprint) -> Int { Int(truncatingIfNeeded: key.high) & (parts - 1) }
}

extension FingerprintShards: Sendable where Value: Sendable {}
