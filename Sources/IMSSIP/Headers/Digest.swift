package import IMSBytes

/// A challenge or credentials: scheme and comma-separated parameters (RFC 3261 §20.7, §20.44, RFC 3310, TS 24.229 §7.2A.1).
package struct Digest: Hashable, Sendable {
  package let raw: Text
  private let name: Part
  private let rest: Part
  /// Credentials are asked for many of their parameters: they are found once.
  package let items: [Item]

  /// A parameter whose text stands in `raw`.
  package struct Item: Hashable, Sendable, BitwiseCopyable {
    let parameter: SpanText.Parameter
    /// Nil for a name that no one asks for.
    package let name: Name?
    package let isQuoted: Bool
    /// Nothing stands behind the `=`, or it has none.
    package let isEmpty: Bool
  }

  package init?(_ value: Text) {
    var items: [Item] = []
    let read: (Range<Int>, Range<Int>)? = value.read { span in
      guard let (token, rest) = SpanText.tokenAndRest(span, separator: nil) else { return nil }
      Self.read(span, rest, &items)
      return (token, rest)
    }
    guard let read else { return nil }
    (raw, self.items) = (value, items)
    (name, rest) = (Part(read.0), Part(read.1))
  }

  /// Authentication-Info (RFC 7615): parameters alone.
  package init(withoutScheme value: Text) {
    var items: [Item] = []
    value.read { Self.read($0, 0..<$0.byteCount, &items) }
    (raw, self.items) = (value, items)
    (name, rest) = (Part(0..<0), Part(0..<value.count))
  }

  private static func read(_ span: RawSpan, _ rest: Range<Int>, _ items: inout [Item]) {
    if items.isEmpty { items.reserveCapacity(12) }
    var at = rest.lowerBound
    while let item = Item(next: span, from: &at, to: rest.upperBound) { items.append(item) }
  }

  /// `Digest`; empty in Authentication-Info, which has none.
  package var scheme: Text { raw.part(name) }
  package var parameters: Parameters { Parameters(raw.part(rest).trimmedLWS, separator: 0x2c) }

  /// The name of a parameter as it was written.
  package func text(of item: Item) -> Text { raw.part(item.parameter.name) }

  /// The value without quotes of the first parameter of this name; nil when missing.
  package subscript(_ name: Name) -> Text? {
    for index in items.indices where items[index].name == name {
      guard let value = items[index].parameter.value else { return nil }
      return items[index].isQuoted ? raw.unquoted(value) : raw.part(value)
    }
    return nil
  }
  @_disfavoredOverload
  package subscript(_ name: Text) -> Text? { parameters[name] }

  /// The first parameter that a copy of it has not, or has with another value; `free` may differ.
  package func firstChange(in copy: Digest, besides free: Name) -> Text? {
    if isKept(in: copy, before: free) { return nil }
    return raw.read { span in
      copy.raw.read { other in
        for index in items.indices {
          let item = items[index].parameter
          if index < copy.items.count, item.isSame(span, as: copy.items[index].parameter, other) { continue }
          let name = raw.part(item.name)
          if items[index].name != free, copy[name] != item.value.map({ raw.part($0).unquoted }) { return name }
        }
        return nil
      }
    }
  }

  /// Does a copy begin with the very text of it, with one parameter behind, as a P-CSCF writes it?
  private func isKept(in copy: Digest, before added: Name) -> Bool {
    guard copy.items.count == items.count + 1, let last = items.last, copy.items[items.count].name == added,
      copy.items[items.count - 1].parameter == last.parameter, raw.count < copy.raw.count
    else { return false }
    return raw.read { span in copy.raw.read { $0.extracting(0..<span.byteCount).isEqual(to: span) } }
  }

  package var username: Text? { self[.username] }
  /// That of credentials which are asked for nothing else, with quotes: what stands behind it is not looked at.
  static func username(_ span: RawSpan, _ value: Range<Int>) -> Range<Int>? {
    guard let (_, rest) = SpanText.tokenAndRest(span.extracting(value), separator: nil) else { return nil }
    var at = value.lowerBound + rest.lowerBound
    let end = value.lowerBound + rest.upperBound
    while let item = Item(next: span, from: &at, to: end) {
      if item.name == .username { return item.parameter.value?.range }
    }
    return nil
  }
  package var realm: Text? { self[.realm] }
  package var nonce: Text? { self[.nonce] }
  package var response: Text? { self[.response] }
  package var uri: Text? { self[.uri] }
  package var algorithm: Text? { self[.algorithm] }
  /// The algorithm is one of AKA: AKAv1-MD5 and the like.
  package var isAKA: Bool {
    for index in items.indices where items[index].name == .algorithm {
      guard let value = items[index].parameter.value else { return false }
      let start = Int(value.start) + (items[index].isQuoted ? 1 : 0)
      return raw.read { $0.spells("AKAv", at: start, ignoringCase: true) }
    }
    return false
  }
  package var qop: Text? { self[.qop] }
  package var nc: Text? { self[.nc] }
  package var cnonce: Text? { self[.cnonce] }
  package var opaque: Text? { self[.opaque] }
  package var stale: Text? { self[.stale] }
  /// AKA resynchronisation (RFC 3310 §3.4).
  package var auts: Text? { self[.auts] }
  package var ik: Text? { self[.ik] }
  package var ck: Text? { self[.ck] }
  package var integrityProtected: Text? { self[.integrityProtected] }
  package var nextNonce: Text? { self[.nextNonce] }
  package var rspauth: Text? { self[.rspauth] }
}

extension Digest {
  /// The names that are asked for.
  package enum Name: UInt8, Sendable, BitwiseCopyable {
    case username, realm, nonce, response, uri, algorithm, qop, nc, cnonce, opaque, stale, auts, ik, ck, domain, rspauth
    case nextNonce, integrityProtected

    /// Octets of "integrity-protected".
    static var longest: Int { 19 }

    /// Letters of either case. Its length and first letter leave one name to compare.
    init?(_ span: RawSpan, _ name: Range<Int>) {
      guard let first = name.first.map({ span.u8($0) | 0x20 }) else { return nil }
      let found: (StaticString, Name)?
      switch (name.count, first) {
      case (2, UInt8(ascii: "n")): found = ("nc", .nc)
      case (2, UInt8(ascii: "i")): found = ("ik", .ik)
      case (2, UInt8(ascii: "c")): found = ("ck", .ck)
      case (3, UInt8(ascii: "u")): found = ("uri", .uri)
      case (3, UInt8(ascii: "q")): found = ("qop", .qop)
      case (4, UInt8(ascii: "a")): found = ("auts", .auts)
      case (5, UInt8(ascii: "r")): found = ("realm", .realm)
      case (5, UInt8(ascii: "n")): found = ("nonce", .nonce)
      case (5, UInt8(ascii: "s")): found = ("stale", .stale)
      case (6, UInt8(ascii: "c")): found = ("cnonce", .cnonce)
      case (6, UInt8(ascii: "o")): found = ("opaque", .opaque)
      case (6, UInt8(ascii: "d")): found = ("domain", .domain)
      case (7, UInt8(ascii: "r")): found = ("rspauth", .rspauth)
      case (8, UInt8(ascii: "u")): found = ("username", .username)
      case (8, UInt8(ascii: "r")): found = ("response", .response)
      case (9, UInt8(ascii: "a")): found = ("algorithm", .algorithm)
      case (9, UInt8(ascii: "n")): found = ("nextnonce", .nextNonce)
      case (19, UInt8(ascii: "i")): found = ("integrity-protected", .integrityProtected)
      default: found = nil
      }
      guard let found, span.spells(found.0, at: name.lowerBound, ignoringCase: true) else { return nil }
      self = found.1
    }
  }
}

extension Digest.Item {
  /// `name=value` or `name="value"` with no white space and no backslash, as nearly all are. Nil, and `at` as it was, for every
  /// other piece.
  init?(plain span: RawSpan, from at: inout Int, to end: Int) {
    var index = at
    while index < end, span.u8(index) == 0x2c || ASCII.isLWS(span.u8(index)) { index += 1 }
    let name = index
    while index < end, index &- name <= Digest.Name.longest, span.u8(index) != 0x3d { index &+= 1 }
    var known: Digest.Name?
    if index < end, span.u8(index) == 0x3d { known = Digest.Name(span, name..<index) }
    if known == nil {
      index = name
      while index < end, ASCII.isToken(span.u8(index)) { index += 1 }
      guard index > name, index < end, span.u8(index) == 0x3d else { return nil }
    }
    let equal = index
    index += 1
    isQuoted = index < end && span.u8(index) == 0x22
    if isQuoted {
      guard let quote = span.firstIndex(of: 0x22, from: index + 1, to: end),
        span.firstIndex(of: 0x5c, from: index + 1, to: quote) == nil
      else { return nil }
      index = quote + 1
    } else {
      while index < end, span.u8(index) != 0x2c, span.u8(index) != 0x22, !ASCII.isLWS(span.u8(index)) { index += 1 }
    }
    guard index == end || span.u8(index) == 0x2c else { return nil }
    at = index
    isEmpty = index == equal + 1
    parameter = SpanText.Parameter(name: Part(name..<equal), value: Part((equal + 1)..<index))
    self.name = known
  }

  /// The one that begins at `at` or behind it, which then stands behind it; nil at the end.
  init?(next span: RawSpan, from at: inout Int, to end: Int) {
    if let item = Self(plain: span, from: &at, to: end) {
      self = item
    } else if let piece = SpanText.piece(span, from: &at, to: end, separator: 0x2c, brackets: false) {
      self.init(span, piece)
    } else {
      return nil
    }
  }

  init(_ span: RawSpan, _ piece: Range<Int>) {
    parameter = SpanText.parameter(span, piece)
    name = Digest.Name(span, parameter.name.range)
    let value = parameter.value?.range ?? 0..<0
    isEmpty = value.isEmpty
    isQuoted = value.count >= 2 && span.u8(value.lowerBound) == 0x22 && span.u8(value.upperBound - 1) == 0x22
  }
}
