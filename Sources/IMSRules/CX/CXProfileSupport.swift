import IMSBytes
import IMSSIP

/// The User-Data of an SAA (TS 29.228 Annex E), as far as rules ask it: read in one walk over its tags, which also tells
/// whether the document is well formed.
struct ServiceProfile {
  struct Identity {
    var uri: Text
    var isBarred = false
  }

  /// Deeper is no service profile.
  private static let depthLimit = 64

  private(set) var root: Text?
  private(set) var privateID: Text?
  private(set) var identities: [Identity] = []
  private(set) var profiles = 0
  /// The first mistake: what, and at which byte.
  private(set) var fault: (reason: String, offset: Int)?

  private let xml: Text
  private var open: [Text] = []
  /// Where the text of the innermost element begins.
  private var content = 0
  private var current = Identity(uri: "")

  init(_ xml: Text) {
    self.xml = xml
    let bytes = xml.bytes
    var at = bytes.startIndex
    while fault == nil, let start = bytes[at...].firstIndex(of: 0x3c) {
      guard let end = markup(at: start) else { break }
      at = end
    }
    if fault == nil, !open.isEmpty { fail("<\(open[open.count - 1])> is not closed", bytes.endIndex) }
    if fault == nil, root == nil { fail("no element", bytes.startIndex) }
  }

  private mutating func fail(_ reason: String, _ index: Int) {
    if fault == nil { fault = (reason, index - xml.bytes.startIndex) }
  }

  /// Reads what begins with "<" and returns where the text behind it begins.
  private mutating func markup(at start: Int) -> Int? {
    let bytes = xml.bytes
    let second = start + 1 < bytes.endIndex ? bytes[start + 1] : 0
    if second == 0x21 || second == 0x3f, let end = skip(at: start) { return end }
    if fault != nil { return nil }
    guard let end = closing(of: start) else {
      fail("a tag is not closed", start)
      return nil
    }
    let inside = bytes[(start + 1)..<end]
    if inside.first == 0x2f {
      close(Self.name(inside.dropFirst()), start)
    } else if inside.first != 0x21 {
      let name = Self.name(inside)
      begin(name, at: start, content: end + 1)
      if inside.last == 0x2f { close(name, end + 1) }
    }
    return end + 1
  }

  /// Behind a comment, a section or an instruction; nil for a declaration, which is read as a tag.
  private mutating func skip(at start: Int) -> Int? {
    let rest = Text(xml.bytes[start...])
    for (opening, closing) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] where rest.hasPrefix(Text(opening))
    {
      if let end = rest.bytes.firstRange(of: Array(closing.utf8)) { return end.upperBound }
      fail("\(opening) is not closed", start)
    }
    return nil
  }

  /// The ">" of a tag; one in quotes is none.
  private func closing(of start: Int) -> Int? {
    var quote: UInt8?
    for index in (start + 1)..<max(start + 1, xml.bytes.endIndex) {
      let byte = xml.bytes[index]
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
  private static func name(_ tag: ArraySlice<UInt8>) -> Text {
    let name = tag.prefix { !ASCII.isLWS($0) && $0 != 0x2f }
    return Text(name.lastIndex(of: 0x3a).map { name[($0 + 1)...] } ?? name)
  }

  private mutating func begin(_ name: Text, at start: Int, content: Int) {
    guard !name.isEmpty, open.count < Self.depthLimit else { return fail("no element", start) }
    if root == nil {
      root = name
    } else if open.isEmpty {
      return fail("<\(name)> behind the end of the document", start)
    }
    if name.isExactly("PublicIdentity") { current = Identity(uri: "") }
    if name.isExactly("ServiceProfile") { profiles += 1 }
    open.append(name)
    self.content = content
  }

  private mutating func close(_ name: Text, _ start: Int) {
    guard let last = open.popLast(), last == name else { return fail("</\(name)> closes nothing", start) }
    let isOfIdentity = open.last?.isExactly("PublicIdentity") ?? false
    if name.isExactly("Identity"), isOfIdentity { current.uri = text(until: start) }
    if name.isExactly("BarringIndication"), isOfIdentity {
      let value = text(until: start)
      current.isBarred = value.isExactly("1") || value.isToken("true")
    }
    if name.isExactly("PublicIdentity"), !current.uri.isEmpty { identities.append(current) }
    if name.isExactly("PrivateID") { privateID = text(until: start) }
  }

  private func text(until end: Int) -> Text {
    content <= end ? Text(xml.bytes[content..<end]).trimmedLWS : ""
  }

  /// Is this the address of record of one of the identities?
  func holds(_ address: Fingerprint) -> Bool { identity(address) != nil }

  func identity(_ address: Fingerprint) -> Identity? {
    identities.first { $0.uri.addressOfRecordFingerprint == address }
  }
}
