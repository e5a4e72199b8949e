package import IMSBytes
import IMSDiameter
import IMSSIP

/// The User-Data of an SAA (TS 29.228 Annex E), as far as rules ask it: read in one walk over its tags, which also tells
/// whether the document is well formed.
package struct ServiceProfile: Sendable {
  package struct Identity: Sendable {
    package var uri: Text
    package var isBarred = false
    package var addressOfRecord = Fingerprint.empty
  }

  /// Deeper is no service profile.
  private static let depthLimit = 64

  package private(set) var root: Text?
  package private(set) var privateID: Text? { didSet { told += 1 } }
  package private(set) var identities: [Identity] = [] { didSet { told += 1 } }
  package private(set) var profiles = 0 { didSet { told += 1 } }
  /// The first mistake: what, and at which byte.
  package private(set) var fault: (reason: String, offset: Int)?

  private let xml: Text
  /// Names of the elements that are open, as ranges of the text.
  private var open: [Range<Int>] = []
  /// Where the text of the innermost element begins.
  private var content = 0
  private var current = Identity(uri: "") { didSet { told += 1 } }
  private var isFaulty = false
  /// How often what rules ask for changed.
  private var told = 0

  package init(_ xml: Text) {
    var known = ProfileParts()
    self.init(xml, &known)
  }

  /// - Parameter known: what other profiles held; what this one holds is added.
  init(_ xml: Text, _ known: inout ProfileParts) {
    self.xml = xml
    open.reserveCapacity(8)
    // A copy of the slice: a closure over `xml` would borrow what is written to.
    let bytes = xml.bytes
    bytes.withUnsafeBytes { walk(RawSpan(_unsafeBytes: $0), &known) }
  }

  private mutating func walk(_ span: RawSpan, _ known: inout ProfileParts) {
    var at = 0
    // The element that may become a part, while it is open.
    var begun: (start: Int, depth: Int, told: Int)?
    while !isFaulty, let start = span.firstIndex(of: 0x3c, from: at) {
      if !open.isEmpty, ProfileParts.mayBegin(span, at: start) {
        if let part = known.find(span, at: start, depth: open.count) {
          content = start + part.content
          at = start + part.octets.count
          continue
        }
        if begun == nil { begun = (start, open.count, told) }
      }
      guard let end = markup(span, at: start) else { break }
      at = end
      guard let part = begun, open.count == part.depth else { continue }
      begun = nil
      // One that holds nothing that rules ask for need not be walked again.
      if !isFaulty, told == part.told {
        known.add(span.extracting(part.start..<end), content: content - part.start, depth: part.depth)
      }
    }
    if !isFaulty, let last = open.last { fail("<\(text(last))> is not closed", span.byteCount) }
    if !isFaulty, root == nil { fail("no element", 0) }
  }

  private func text(_ range: Range<Int>) -> Text {
    let first = xml.bytes.startIndex
    return Text(xml.bytes[(first + range.lowerBound)..<(first + range.upperBound)])
  }

  private mutating func fail(_ reason: String, _ offset: Int) {
    if isFaulty { return }
    isFaulty = true
    fault = (reason, offset)
  }

  /// Reads what begins with "<" and returns where the text behind it begins.
  private mutating func markup(_ span: RawSpan, at start: Int) -> Int? {
    let second = start + 1 < span.byteCount ? span.u8(start + 1) : 0
    if let end = plainMarkup(span, at: start, isClosing: second == 0x2f) { return end }
    if second == 0x21 || second == 0x3f, let end = skip(span, at: start) { return end }
    if isFaulty { return nil }
    guard let end = closing(span, of: start) else {
      fail("a tag is not closed", start)
      return nil
    }
    if second == 0x2f {
      close(span, Self.name(span, start + 2, end), start)
    } else if second != 0x21 {
      let name = Self.name(span, start + 1, end)
      begin(span, name, at: start, content: end + 1)
      if end > start + 1, span.u8(end - 1) == 0x2f { close(span, name, end + 1) }
    }
    return end + 1
  }

  /// A tag with nothing in it but a name without prefix, as nearly all are; nil for any other.
  private mutating func plainMarkup(_ span: RawSpan, at start: Int, isClosing: Bool) -> Int? {
    if isClosing {
      // What was opened last: its name need not be looked for.
      guard let last = open.last, let at = end(span, of: last, again: start + 2) else { return nil }
      closeLast(span, last, start)
      return at + 1
    }
    let first = start + 1
    let at = span.endOfWord(from: first)
    guard at > first, at < span.byteCount, span.u8(at) == 0x3e else { return nil }
    begin(span, first..<at, at: start, content: at + 1)
    return at + 1
  }

  /// The ">" behind the same name.
  private func end(_ span: RawSpan, of name: Range<Int>, again first: Int) -> Int? {
    let at = first + name.count
    guard at < span.byteCount, span.u8(at) == 0x3e, Self.isSame(span, name, first..<at) else { return nil }
    return at
  }

  /// Behind a comment, a section or an instruction; nil for a declaration, which is read as a tag.
  private mutating func skip(_ span: RawSpan, at start: Int) -> Int? {
    for (opening, closing) in Self.unread where span.spells(opening, at: start) {
      var at = start + opening.utf8CodeUnitCount
      while let last = span.firstIndex(of: 0x3e, from: at) {
        let begin = last + 1 - closing.utf8CodeUnitCount
        if begin >= start + opening.utf8CodeUnitCount, span.spells(closing, at: begin) { return last + 1 }
        at = last + 1
      }
      fail("\(opening) is not closed", start)
    }
    return nil
  }

  private static let unread: [(opening: StaticString, closing: StaticString)] = [
    ("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"),
  ]

  /// The ">" of a tag; one in quotes is none.
  private func closing(_ span: RawSpan, of start: Int) -> Int? {
    var quote: UInt8?
    for index in (start + 1)..<max(start + 1, span.byteCount) {
      let byte = span.u8(index)
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == 0x3e {
        return index
      }
    }
    return nil
  }

  /// Without prefix and attributes.
  private static func name(_ span: RawSpan, _ start: Int, _ end: Int) -> Range<Int> {
    var (first, at) = (start, start)
    while at < end, !ASCII.isLWS(span.u8(at)), span.u8(at) != 0x2f {
      if span.u8(at) == 0x3a { first = at + 1 }
      at += 1
    }
    return min(first, at)..<at
  }

  private static func isSame(_ span: RawSpan, _ left: Range<Int>, _ right: Range<Int>) -> Bool {
    span.extracting(left).isEqual(to: span.extracting(right))
  }

  private static func spells(_ word: StaticString, _ span: RawSpan, _ name: Range<Int>) -> Bool {
    name.count == word.utf8CodeUnitCount && span.spells(word, at: name.lowerBound)
  }

  private mutating func begin(_ span: RawSpan, _ name: Range<Int>, at start: Int, content: Int) {
    guard !name.isEmpty, open.count < Self.depthLimit else { return fail("no element", start) }
    if open.isEmpty {
      guard root == nil else { return fail("<\(text(name))> behind the end of the document", start) }
      root = text(name)
    }
    if name.count == 14 {
      if Self.spells("PublicIdentity", span, name) { current = Identity(uri: "") }
      if Self.spells("ServiceProfile", span, name) { profiles += 1 }
    }
    open.append(name)
    self.content = content
  }

  private mutating func close(_ span: RawSpan, _ name: Range<Int>, _ start: Int) {
    guard let last = open.last, Self.isSame(span, last, name) else {
      _ = open.popLast()
      return fail("</\(text(name))> closes nothing", start)
    }
    closeLast(span, last, start)
  }

  private mutating func closeLast(_ span: RawSpan, _ name: Range<Int>, _ start: Int) {
    open.removeLast()
    switch name.count {
    case 8:
      if isOfIdentity(span), Self.spells("Identity", span, name) { current.uri = text(until: start) }
    case 9:
      if Self.spells("PrivateID", span, name) { privateID = text(until: start) }
    case 14:
      if Self.spells("PublicIdentity", span, name), !current.uri.isEmpty {
        current.addressOfRecord = current.uri.addressOfRecordFingerprint
        identities.append(current)
      }
    case 17:
      if isOfIdentity(span), Self.spells("BarringIndication", span, name) {
        let value = text(until: start)
        current.isBarred = value.isExactly("1") || value.isToken("true")
      }
    default: break
    }
  }

  /// Does the element that is open belong to a public identity?
  private func isOfIdentity(_ span: RawSpan) -> Bool {
    open.last.map { Self.spells("PublicIdentity", span, $0) } ?? false
  }

  private func text(until end: Int) -> Text { content <= end ? text(content..<end).trimmedLWS : "" }

  /// Is this the address of record of one of the identities?
  package func holds(_ address: Fingerprint) -> Bool { identity(address) != nil }

  package func identity(_ address: Fingerprint) -> Identity? { identities.first { $0.addressOfRecord == address } }

  /// Any identity may be meant.
  package var isWildcarded: Bool { identities.contains { $0.uri.bytes.contains(UInt8(ascii: "!")) } }
}

extension ServiceProfile {
  /// Of each successful SAA of a registration, in order, with the index of the SAA.
  static func all(of flow: Flow, _ known: inout ProfileParts) -> [(answer: Int, profile: ServiceProfile)] {
    var profiles: [(answer: Int, profile: ServiceProfile)] = []
    for number in flow.exchanges.indices {
      guard flow.exchanges[number].request != nil, let index = flow.exchanges[number].answer,
        flow.messages[index].command == .serverAssignment, let answer = flow.messages[index].diameter,
        answer.isSuccess, let data = answer.userData
      else { continue }
      profiles.append((index, ServiceProfile(data, &known)))
    }
    return profiles
  }
}
