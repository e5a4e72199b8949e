package import IMSBytes

/// A SIP message (RFC 3261 §7): its own bytes and an index of its header fields.
///
/// Everything else is read from the bytes when it is asked for, or once by a `HeaderReader`. A message that is odd but can be
/// understood carries `issues`; only bytes that do not begin with a start line are refused.
package struct SIPMessage: Sendable, Equatable {
  /// Shared and never changed: a message is passed on often, and each array would be counted on its own.
  private var storage: Storage

  private final class Storage: Sendable {
    let bytes: [UInt8]
    let fields: [Field]
    let issues: [DecodeIssue]
    let startLine: StartLine
    let bodyRange: Range<Int>
    let headers: (present: HeaderSet, repeated: HeaderSet)
    let keys: SIPKeys
    let readings: SIPReadings?

    init(_ bytes: RawSpan, _ index: HeaderIndex) {
      self.bytes = bytes.array
      fields = index.fields
      issues = index.issues.issues
      startLine = index.startLine
      bodyRange = index.body
      headers = HeaderSet.standing(in: index.fields)
      keys = SIPKeys(bytes, index)
      readings = nil
    }

    init(_ other: Storage, keys: SIPKeys, readings: SIPReadings?) {
      bytes = other.bytes
      fields = other.fields
      issues = other.issues
      startLine = other.startLine
      bodyRange = other.bodyRange
      headers = other.headers
      self.keys = keys
      self.readings = readings
    }
  }

  /// The whole message as it was framed, one copy. Offsets of issues and fields count from its first byte.
  package var bytes: [UInt8] { storage.bytes }
  /// In wire order; repeated headers stay separate.
  package var fields: [Field] { storage.fields }
  /// What was odd, at most 16.
  package var issues: [DecodeIssue] { storage.issues }
  /// The known headers that stand in it, and those of them that stand in it more than once.
  package var headers: (present: HeaderSet, repeated: HeaderSet) { storage.headers }
  /// What joins it to other messages.
  package var keys: SIPKeys { storage.keys }
  /// The typed values, once `read(by:)` has made them.
  var readings: SIPReadings? { storage.readings }
  private var startLine: StartLine { storage.startLine }
  private var bodyRange: Range<Int> { storage.bodyRange }

  /// One header field: 16 bytes.
  package struct Field: Hashable, Sendable, BitwiseCopyable {
    package let nameStart: UInt32
    package let valueStart: UInt32
    package internal(set) var valueEnd: UInt32
    let nameCount: UInt16
    let id: UInt8

    package var nameEnd: UInt32 { nameStart + UInt32(nameCount) }
  }

  /// Reads one whole message. Bytes past Content-Length stay in `bytes` but not in `body`.
  ///
  /// - Parameters:
  ///   - truncated: the capture cut the message: missing bytes are then no issue.
  ///   - onStream: the message came from a stream, where Content-Length is mandatory (RFC 3261 §18.3).
  package init(parsing bytes: RawSpan, truncated: Bool, onStream: Bool = false) throws(DecodeIssue) {
    storage = Storage(bytes, try HeaderIndex(bytes, truncated: truncated, onStream: onStream))
  }

  /// Makes the typed values of the headers that a registration is judged by, for a message that will be asked often.
  package mutating func read(by reader: inout HeaderReader) {
    if readings == nil { storage = Storage(storage, keys: keys, readings: SIPReadings(self, &reader)) }
  }

  /// Takes the keys of what it belongs to, where the capture cut its own off.
  package mutating func complete(_ keys: SIPKeys) { storage = Storage(storage, keys: keys, readings: readings) }

  /// What was read follows from the bytes.
  package static func == (left: SIPMessage, right: SIPMessage) -> Bool {
    left.storage === right.storage
      || left.bytes == right.bytes && left.fields == right.fields && left.issues == right.issues
        && left.bodyRange == right.bodyRange
  }

  package var isRequest: Bool { startLine.isRequest }

  /// Of the request line, or of CSeq for a response.
  package var method: Method { storage.keys.method }
  package var methodName: String { methodText.string }
  private var methodText: Text { isRequest ? text(startLine.method) : cseq?.method ?? text(0..<0) }

  package var requestURI: Text? { isRequest ? text(startLine.uri) : nil }
  package var status: Int? { isRequest ? nil : startLine.status }
  package var reason: Text? { isRequest ? nil : text(startLine.reason) }
  package var body: Text { text(bodyRange) }
  /// Octets of the body, and of everything behind the headers.
  package var bodyCounts: (body: Int, available: Int) { (bodyRange.count, storage.bytes.count - bodyRange.lowerBound) }

  /// The request line or status line as on the wire, without its line end.
  package var firstLine: Text {
    let start = bytes.firstIndex { $0 != 0x0d && $0 != 0x0a } ?? 0
    let end = isRequest ? startLine.next : startLine.reason.upperBound
    return text(start..<max(start, end)).trimmedLWS
  }

  func text(_ range: Range<Int>) -> Text { Text(bytes[range]) }
}

// MARK: - Header fields

extension SIPMessage {
  /// Of a message that the capture cut: is this header there, and to its end? Of repeated ones the first.
  package func showsWhole(_ name: HeaderName) -> Bool {
    fields.first { $0.id == name.id }.map { Int($0.valueEnd) < bytes.count } ?? false
  }

  /// Of a message that the capture cut: it shows nothing behind the Vias, so that there may be more of them.
  package var endsInVia: Bool { fields.last?.id == HeaderName.via.id }
  /// Its last header reaches the cut.
  package var endsInHeader: Bool { fields.last.map { Int($0.valueEnd) == bytes.count } ?? false }

  package func name(of field: Field) -> HeaderName {
    field.id != 0 ? HeaderName(id: field.id) : HeaderName(wireName(of: field))
  }

  /// Headers whose value anybody may fill with anything: those that no table knows, Warning and Reason.
  package var freeTextFields: [Field] {
    fields.filter { $0.id == 0 || $0.id == HeaderName.warning.id || $0.id == HeaderName.reason.id }
  }

  /// Are the headers of this name written alike in both messages, line by line? Reads none of them.
  package func spells(_ name: HeaderName, as other: SIPMessage) -> Bool {
    let (mine, others) = (storage, other.storage)
    if name.id != 0 {
      let isThere = mine.headers.present.contains(name)
      if isThere != others.headers.present.contains(name) { return false }
      if !isThere { return true }
    }
    return mine.bytes.withUnsafeBytes { left in
      others.bytes.withUnsafeBytes { right in
        let (left, right) = (RawSpan(_unsafeBytes: left), RawSpan(_unsafeBytes: right))
        var at = 0
        for field in mine.fields where matches(field, name) {
          while at < others.fields.count, !other.matches(others.fields[at], name) { at += 1 }
          guard at < others.fields.count else { return false }
          let value = SpanText.trim(left, Int(field.valueStart)..<Int(field.valueEnd))
          let copy = SpanText.trim(right, Int(others.fields[at].valueStart)..<Int(others.fields[at].valueEnd))
          guard left.extracting(value).isEqual(to: right.extracting(copy)) else { return false }
          at += 1
        }
        return !others.fields[at...].contains { other.matches($0, name) }
      }
    }
  }

  /// Does one header hold, letter for letter, what another holds in another message? Both stand there once.
  package func mirrors(_ original: HeaderName, of other: SIPMessage, in name: HeaderName) -> Bool {
    guard has(name), other.has(original), count(name) == 1, other.count(original) == 1 else { return false }
    return first(name) == other.first(original)
  }

  /// The name as on the wire: a compact form stays compact.
  package func wireName(of field: Field) -> Text { text(Int(field.nameStart)..<Int(field.nameEnd)) }

  /// As on the wire, white space at both ends removed, folds inside left in.
  package func value(of field: Field) -> Text { text(Int(field.valueStart)..<Int(field.valueEnd)).trimmedLWS }

  package func first(_ name: HeaderName) -> Text? {
    if name.id != 0, !storage.headers.present.contains(name) { return nil }
    return fields.first { matches($0, name) }.map { value(of: $0) }
  }

  package func all(_ name: HeaderName) -> [Text] {
    fields.filter { matches($0, name) }.map { value(of: $0) }
  }

  /// Repeated headers and comma lists flattened; commas in `<>` and quotes do not split. Headers with credentials have
  /// no comma lists (RFC 3261 §7.3.1).
  package func list(_ name: HeaderName) -> [Text] {
    name.isCredentials ? all(name) : Array(elements(name))
  }

  package func has(_ name: HeaderName) -> Bool {
    name.id != 0 ? storage.headers.present.contains(name) : fields.contains { matches($0, name) }
  }

  package func count(_ name: HeaderName) -> Int { fields.count { matches($0, name) } }

  func matches(_ field: Field, _ name: HeaderName) -> Bool {
    name.id != 0 ? field.id == name.id : field.id == 0 && name.spelled(wireName(of: field))
  }

  /// `list` without the array.
  func elements(_ name: HeaderName) -> HeaderElements { HeaderElements(message: self, name: name) }
}

/// The elements of a header that may be repeated and may be a comma list, in wire order.
struct HeaderElements: Sequence, IteratorProtocol {
  private let message: SIPMessage
  private let fields: [SIPMessage.Field]
  private let name: HeaderName
  private var nextField = 0
  private var current: Pieces?

  init(message: SIPMessage, name: HeaderName) {
    self.message = message
    fields = message.fields
    self.name = name
  }

  mutating func next() -> Text? {
    while true {
      if let piece = current?.next() { return piece }
      while nextField < fields.count, !message.matches(fields[nextField], name) { nextField += 1 }
      guard nextField < fields.count else { return nil }
      current = Pieces(message.value(of: fields[nextField]), separator: 0x2c, brackets: true)
      nextField += 1
    }
  }
}
