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
    }
    values[kind] = known
  }

  /// The first line of the keys that nothing can be computed from, and why.
  package var flaw: Failure? {
    for (name, key) in (values[.ki] ?? [:]).sorted(by: { $0.value.line < $1.value.line }) {
      if values[.op]?[name] != nil, values[.opc]?[name] != nil {
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
    guard let value, let asOP = Milenage(key: key, op: value.octets), let asOPc = Milenage(key: key, opc: value.octets)
    else { return nil }
    let isOP = value.kind == .op
    return SubscriberKey(
      name: name, operatorValue: value.kind, milenage: isOP ? asOP : asOPc,
      alternatives: [.init(.otherKind, isOP ? asOPc : asOP)] + others(name, key, value))
  }

  /// Mixed up with other lines: their K with this OP, and this K with their OP.
  private func others(_ name: String, _ key: [UInt8], _ own: (kind: Kind, octets: [UInt8])) -> [SubscriberKey
    .Alternative]
  {
    var result: [SubscriberKey.Alternative] = []
    for kind in [Kind.opc, .op] {
      for (other, value) in ordered(kind) where value != own.octets {
        let made = kind == .op ? Milenage(key: key, op: value) : Milenage(key: key, opc: value)
        if let made { result.append(.init(.operatorValue(of: other), made)) }
      }
    }
    for (other, value) in ordered(.ki) where value != key {
      let theirs = operatorValue(of: other) ?? own
      let made = theirs.kind == .op ? Milenage(key: value, op: theirs.octets) : Milenage(key: value, opc: theirs.octets)
      if let made { result.append(.init(.key(of: other), made)) }
    }
    return result
  }

  /// The first lines of a file.
  private func ordered(_ kind: Kind) -> [(name: String, octets: [UInt8])] {
    (values[kind] ?? [:]).sorted { $0.value.line < $1.value.line }.prefix(SubscriberKeys.mostTried).map {
      ($0.key, $0.value.octets)
    }
  }
}

/// K and OPc of one subscriber, and what may have been meant instead.
package struct SubscriberKey: Sendable, Hashable {
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

    init(_ mistake: Mistake, _ milenage: Milenage) {
      self.mistake = mistake
      self.milenage = milenage
    }
  }

  package let name: String
  /// Which of both was given.
  package let operatorValue: SubscriberKeys.Kind
  package let milenage: Milenage
  package let alternatives: [Alternative]
}
