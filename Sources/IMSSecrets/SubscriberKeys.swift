// Files of keys: a line for each subscriber, its name and 32 hexadecimal digits.
//
//   # what stands here is secret
//   001010000000001  465b5ce8b199b49faa5f0a2ee238a6bc
//   *                cdc202d5123e20f62b6d676ac72cb318

package import IMSBytes

/// K and OP or OPc of subscribers, by IMSI or private identity; `*` is every subscriber that no other line names.
package struct SubscriberKeys: Sendable {
  /// What the lines of a file hold.
  package enum Kind: String, Sendable, CaseIterable {
    case ki = "K"
    case op = "OP"
    case opc = "OPc"
  }

  /// Why a line cannot be read; it counts from 1. What stands in it is not quoted: it may be a key.
  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    package var reason: String
    package var description: String { "line \(line): \(reason)" }
  }

  private static let everybody = "*"
  /// Other lines of one file that a subscriber's may be mixed up with; more are not tried.
  private static let mostTried = 64

  private struct Value {
    var octets: [UInt8]
    var line: Int
  }

  private var values: [Kind: [String: Value]] = [:]
  /// Names of the first lines of each file, in their order.
  private var names: [Kind: [String]] = [:]

  package init() {}

  package var isEmpty: Bool { values[.ki] == nil }

  /// - Throws: for the first line that cannot be read, or names a subscriber twice.
  package mutating func read(_ text: String, as kind: Kind) throws(Failure) {
    var known = values[kind] ?? [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
      guard let name = words.first.map(String.init) else { continue }
      func failure(_ reason: String) -> Failure { Failure(line: index + 1, reason: reason) }
      guard words.count == 2 else { throw failure("expected an IMSI or private identity, and \(kind.rawValue)") }
      guard let octets = Hex.decode(String(words[1])), octets.count == 16 else {
        throw failure("\(kind.rawValue) has 32 hexadecimal digits")
      }
      if let first = known[name] { throw failure("\(name) has its \(kind.rawValue) in line \(first.line)") }
      known[name] = Value(octets: octets, line: index + 1)
      if names[kind, default: []].count < SubscriberKeys.mostTried { names[kind, default: []].append(name) }
    }
    values[kind] = known
  }

  /// The first line of the keys that nothing can be computed from, and why.
  package var flaw: Failure? {
    for (name, key) in (values[.ki] ?? [:]).sorted(by: { $0.value.line < $1.value.line }) {
      // Its own lines, else those of all.
      let place = [name, SubscriberKeys.everybody].first { values[.op]?[$0] != nil || values[.opc]?[$0] != nil }
      if let place, values[.op]?[place] != nil, values[.opc]?[place] != nil {
        return Failure(line: key.line, reason: "\(name) has both OP and OPc")
      }
      if operatorValue(of: name) == nil { return Failure(line: key.line, reason: "\(name) has neither OP nor OPc") }
    }
    return nil
  }

  /// The line of a subscriber before that of all, OPc before OP.
  private func operatorValue(of name: String) -> (kind: Kind, octets: [UInt8])? {
    for place in [name, SubscriberKeys.everybody] {
      for kind in [Kind.opc, .op] {
        if let value = values[kind]?[place] { return (kind, value.octets) }
      }
    }
    return nil
  }

  /// What the lines of a subscriber may be mixed up with: the first of each file.
  fileprivate var listed: [SubscriberKey.Line] {
    [Kind.opc, .op, .ki].flatMap { kind in
      (names[kind] ?? []).compactMap { name in
        guard let octets = values[kind]?[name]?.octets else { return nil }
        let partner = kind == .ki ? operatorValue(of: name) : nil
        return SubscriberKey.Line(
          kind: kind, name: name, octets: octets, value: partner?.octets, valueKind: partner?.kind)
      }
    }
  }

  /// The first of these names that has a key; else the key of all.
  package func key(of names: [String]) -> SubscriberKey? {
    guard let keys = values[.ki] else { return nil }
    for name in names {
      if let value = keys[name] { return key(name, value.octets, operatorValue(of: name)) }
    }
    guard let first = names.first, let value = keys[SubscriberKeys.everybody] else { return nil }
    let named = names.first { values[.opc]?[$0] != nil || values[.op]?[$0] != nil }
    return key(first, value.octets, operatorValue(of: named ?? first))
  }

  /// By the private identity or its user part, which is the IMSI as a rule, else by the public one, whose scheme does not
  /// matter.
  package func key(privateIdentity: Text?, publicIdentity: Text?) -> SubscriberKey? {
    if isEmpty { return nil }
    let address = publicIdentity.map { uri -> Text in
      Text(uri.bytes.drop { $0 != UInt8(ascii: ":") }.dropFirst())
    }
    return key(
      of: [privateIdentity, address].compactMap(\.self).filter { !$0.isEmpty }.flatMap { identity in
        [Text(identity.bytes.prefix { $0 != UInt8(ascii: "@") }).string, identity.string]
      })
  }

  private func key(_ name: String, _ key: [UInt8], _ value: (kind: Kind, octets: [UInt8])?) -> SubscriberKey? {
    guard let value, let milenage = Milenage(key: key, value.octets, as: value.kind) else { return nil }
    return SubscriberKey(
      name: name, operatorValue: value.kind, milenage: milenage, key: key, value: value.octets, file: self)
  }
}

/// K and OPc of one subscriber, and what may have been meant instead.
package struct SubscriberKey: Sendable {
  /// A mistake that is tried where nothing follows from the key.
  package struct Alternative: Sendable, Hashable {
    package enum Mistake: Sendable, Hashable {
      /// OP was given as OPc, or the reverse.
      case otherKind
      case operatorValue(of: String)
      case key(of: String)
    }

    package let mistake: Mistake
    package let milenage: Milenage
  }

  /// Of a file.
  fileprivate struct Line {
    var kind: SubscriberKeys.Kind
    var name: String
    var octets: [UInt8]
    /// Of a K, the OP or OPc that it goes with.
    var value: [UInt8]?
    var valueKind: SubscriberKeys.Kind?
  }

  package let name: String
  /// Which of both was given.
  package let operatorValue: SubscriberKeys.Kind
  package let milenage: Milenage
  fileprivate let key: [UInt8]
  fileprivate let value: [UInt8]
  fileprivate let file: SubscriberKeys

  /// Mixed up: OP and OPc, this K with the OP of other lines, their K with their OP.
  package var alternatives: [Alternative] {
    let others = file.listed
    var result: [Alternative] = []
    func add(_ mistake: Alternative.Mistake, _ key: [UInt8], _ value: [UInt8], _ kind: SubscriberKeys.Kind) {
      if let made = Milenage(key: key, value, as: kind) { result.append(Alternative(mistake: mistake, milenage: made)) }
    }
    add(.otherKind, key, value, operatorValue == .op ? .opc : .op)
    for line in others where line.kind != .ki && line.octets != value {
      add(.operatorValue(of: line.name), key, line.octets, line.kind)
    }
    for line in others where line.kind == .ki && line.octets != key {
      add(.key(of: line.name), line.octets, line.value ?? value, line.valueKind ?? operatorValue)
    }
    return result
  }
}

extension Milenage {
  fileprivate init?(key: [UInt8], _ value: [UInt8], as kind: SubscriberKeys.Kind) {
    switch kind {
    case .op: self.init(key: key, op: value)
    case .opc: self.init(key: key, opc: value)
    case .ki: return nil
    }
  }
}
