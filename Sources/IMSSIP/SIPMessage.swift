package import IMSBytes

/// A SIP message (RFC 3261 §7): its own bytes, an index of its header fields and what joins it to others, in one allocation.
///
/// Everything else is read from the bytes when it is asked for, some headers once by a `HeaderReader`. A message that is odd
/// but can be understood carries `issues`; only bytes that do not begin with a start line are refused.
package struct SIPMessage: Sendable, Equatable {
  private var octets: IndexedBytes<Field, Record>
  /// Typed values of some headers, once `read(by:)` has made them.
  private(set) var readings: SIPReadings?

  /// What is known of a message beside its fields.
  package struct Record: BitwiseCopyable, Sendable {
    var isRequest: Bool
    /// Of a response.
    var status: UInt16
    var method: Part
    /// The Request-URI, or the reason phrase.
    var phrase: Part
    /// First byte after the start line.
    var next: UInt32
    var body: Part
    var present: HeaderSet
    var repeated: HeaderSet
    var keys: SIPKeys
    /// As it was asked to be read.
    var isTruncated: Bool
    var isOnStream: Bool
    /// There are issues, which are found again when they are asked for: hardly any message has one.
    var isOdd: Bool
  }

  /// One header field: 16 bytes.
  package struct Field: Hashable, Sendable, BitwiseCopyable {
    package let nameStart: UInt32
    /// Of the value without the white space around it.
    package let valueStart: UInt32
    package let valueEnd: UInt32
    let nameCount: UInt16
    let id: UInt8
    /// No line end stands behind it.
    let isCut: Bool

    package var nameEnd: UInt32 { nameStart + UInt32(nameCount) }

    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
  }

  /// Reads one whole message. Bytes past Content-Length stay in `bytes` but not in `body`.
  ///
  /// - Parameters:
  ///   - truncated: the capture cut the message: missing bytes are then no issue.
  ///   - onStream: the message came from a stream, where Content-Length is mandatory (RFC 3261 §18.3).
  package init(parsing bytes: RawSpan, truncated: Bool, onStream: Bool = false) throws(DecodeIssue) {
    octets = try IndexedBytes(bytes) { (fields) throws(DecodeIssue) in
      Record(try HeaderIndex(bytes, truncated: truncated, onStream: onStream, &fields), truncated, onStream)
    }
  }

  /// With what was read before, by the message itself.
  package func with(_ readings: SIPReadings?) -> SIPMessage {
    var message = self
    message.readings = readings
    return message
  }

  /// Makes the typed values of its security agreement, for a message that will be asked often.
  package mutating func read(by reader: inout HeaderReader) { readings = readings(by: &reader) }
  package func readings(by reader: inout HeaderReader) -> SIPReadings? { readings ?? reader.readings(of: self) }

  /// With the keys of what it belongs to, where the capture cut its own off.
  package func completed(_ keys: SIPKeys) -> SIPMessage {
    var record = octets.record
    record.keys = keys
    var completed = self
    completed.octets = IndexedBytes(octets, record: record)
    return completed
  }

  /// The whole message as it was framed, one copy. Offsets of issues and fields count from its first byte.
  package var bytes: ArraySlice<UInt8> { octets.slice }
  var span: RawSpan { @_lifetime(borrow self) get { octets.span } }
  /// `IndexedBytes.fetch`.
  package func fetch() -> UInt8 { octets.fetch() }
  /// Octets of the whole message.
  package var count: Int { octets.count }
  /// In wire order; repeated headers stay separate.
  package var fields: IndexedBytes<Field, Record>.Entries { octets.entries }
  /// The known headers that stand in it, and those of them that stand in it more than once.
  package var headers: (present: HeaderSet, repeated: HeaderSet) {
    let record = octets.record
    return (record.present, record.repeated)
  }
  /// What joins it to other messages.
  package var keys: SIPKeys { octets.record.keys }
  private var bodyRange: Range<Int> { octets.record.body.range }
  package var hasIssues: Bool { octets.record.isOdd }
  /// What was odd, at most 16.
  package var issues: [DecodeIssue] {
    let record = octets.record
    guard record.isOdd else { return [] }
    var issues: [DecodeIssue] = []
    let bytes = span
    _ = try? IndexedBytes<Field, Record>(bytes) { (fields) throws(DecodeIssue) in
      let index = try HeaderIndex(bytes, truncated: record.isTruncated, onStream: record.isOnStream, &fields)
      issues = index.issues.issues
      return record
    }
    return issues
  }

  /// What was read follows from the bytes, and from where they came from.
  package static func == (left: SIPMessage, right: SIPMessage) -> Bool {
    if left.octets.isIdentical(to: right.octets) { return true }
    return left.bytes == right.bytes && left.bodyRange == right.bodyRange && left.issues == right.issues
  }

  package var isRequest: Bool { octets.record.isRequest }
  /// `SIPKeys.viaCount`.
  package var viaCount: Int { Int(octets.record.keys.viaCount) }

  /// Of the request line, or of CSeq for a response.
  package var method: Method { octets.record.keys.method }
  package var methodName: String { methodText.string }
  package var methodText: Text { isRequest ? text(octets.record.method.range) : cseq?.method ?? text(0..<0) }

  package var requestURI: Text? { requestURIRange.map { text($0) } }
  var requestURIRange: Range<Int>? { isRequest ? octets.record.phrase.range : nil }
  package var status: Int? { isRequest ? nil : Int(octets.record.status) }
  package var reason: Text? { isRequest ? nil : text(octets.record.phrase.range) }
  package var body: Text { text(bodyRange) }
  /// Octets of the body, and of everything behind the headers.
  package var bodyCounts: (body: Int, available: Int) {
    let range = bodyRange
    return (range.count, count - range.lowerBound)
  }

  /// The request line or status line as on the wire, without its line end.
  package var firstLine: Text {
    let start = bytes.firstIndex(where: { $0 != 0x0d && $0 != 0x0a }) ?? 0
    let record = octets.record
    let end = Int(record.isRequest ? record.next : record.phrase.end)
    return text(start..<max(start, end)).trimmedLWS
  }

  func text(_ range: Range<Int>) -> Text { octets.text(range) }
}

extension SIPMessage.Record {
  init(_ index: HeaderIndex, _ truncated: Bool, _ onStream: Bool) {
    let line = index.startLine
    (isRequest, status, next) = (
      line.isRequest, UInt16(truncatingIfNeeded: line.status), UInt32(truncatingIfNeeded: line.next)
    )
    (method, phrase) = (Part(line.method), Part(line.isRequest ? line.uri : line.reason))
    body = Part(index.body)
    (present, repeated, keys) = (index.present, index.repeated, index.keys)
    (isTruncated, isOnStream, isOdd) = (truncated, onStream, !index.issues.issues.isEmpty)
  }
}

extension SIPMessage {
  /// How many fields there are, and each of them, without a reference.
  var fieldCount: Int { octets.entryCount }
  func field(_ number: Int) -> Field { octets[number] }
  var fieldSpan: Span<Field> { @_lifetime(borrow self) get { octets.entrySpan } }

  /// The number of the first field of this name from `start` on.
  func firstField(_ name: HeaderName, from start: Int = 0) -> Int? {
    let end = octets.entryCount
    var number = start
    if name.id == 0 {
      while number < end {
        if matches(octets[number], name) { return number }
        number += 1
      }
    } else if octets.record.present.has(name.id) {
      while number < end {
        if octets[number].id == name.id { return number }
        number += 1
      }
    }
    return nil
  }
}

// MARK: - Header fields

extension SIPMessage {
  /// Of a message that the capture cut: is this header there, and to its end? Of repeated ones the first.
  package func showsWhole(_ name: HeaderName) -> Bool { firstField(name).map { !field($0).isCut } ?? false }

  /// Of a message that the capture cut: it shows nothing behind the Vias, so that there may be more of them.
  package var endsInVia: Bool { fields.last?.id == HeaderName.via.id }
  /// Its last header reaches the cut.
  package var endsInHeader: Bool { fields.last?.isCut ?? false }

  package func name(of field: Field) -> HeaderName {
    field.id != 0 ? HeaderName(id: field.id) : HeaderName(wireName(of: field))
  }

  /// Headers whose value anybody may fill with anything: those that no table knows, Warning and Reason.
  package var freeTextFields: [Field] {
    fields.filter { $0.id == 0 || $0.id == HeaderName.warning.id || $0.id == HeaderName.reason.id }
  }

  /// Are the headers of this name written alike in both messages, line by line? Reads none of them.
  package func spells(_ name: HeaderName, as other: SIPMessage) -> Bool {
    let (left, right) = (span, other.span)
    var (mine, its) = (firstField(name), other.firstField(name))
    while let here = mine, let there = its {
      let (value, copy) = (field(here).value, other.field(there).value)
      guard left.extracting(value).isEqual(to: right.extracting(copy)) else { return false }
      (mine, its) = (firstField(name, from: here + 1), other.firstField(name, from: there + 1))
    }
    return mine == nil && its == nil
  }

  /// Does one header hold, letter for letter, what another holds in another message? Both stand there once.
  package func mirrors(_ original: HeaderName, of other: SIPMessage, in name: HeaderName) -> Bool {
    guard has(name), other.has(original), count(name) == 1, other.count(original) == 1 else { return false }
    return first(name) == other.first(original)
  }

  /// The name as on the wire: a compact form stays compact.
  package func wireName(of field: Field) -> Text { text(Int(field.nameStart)..<Int(field.nameEnd)) }

  /// As on the wire, white space at both ends removed, folds inside left in.
  package func value(of field: Field) -> Text { text(field.value) }

  package func first(_ name: HeaderName) -> Text? { firstField(name).map { value(of: field($0)) } }

  package func all(_ name: HeaderName) -> [Text] {
    var values: [Text] = []
    var next = firstField(name)
    while let number = next {
      values.append(value(of: field(number)))
      next = firstField(name, from: number + 1)
    }
    return values
  }

  /// Repeated headers and comma lists flattened; commas in `<>` and quotes do not split. Headers with credentials have
  /// no comma lists (RFC 3261 §7.3.1).
  package func list(_ name: HeaderName) -> [Text] {
    name.isCredentials ? all(name) : Array(elements(name))
  }

  package func has(_ name: HeaderName) -> Bool { firstField(name) != nil }

  package func count(_ name: HeaderName) -> Int {
    guard let first = firstField(name) else { return 0 }
    if name.id != 0, !octets.record.repeated.has(name.id) { return 1 }
    return (first..<fieldCount).count { matches(field($0), name) }
  }

  func matches(_ field: Field, _ name: HeaderName) -> Bool {
    name.id != 0 ? field.id == name.id : field.id == 0 && name.spelled(wireName(of: field))
  }

  /// `list` without the array.
  func elements(_ name: HeaderName) -> HeaderElements { HeaderElements(message: self, name: name) }
}

/// The elements of a header that may be repeated and may be a comma list, in wire order.
struct HeaderElements: Sequence, IteratorProtocol {
  private let message: SIPMessage
  private let name: HeaderName
  private var field: Int?
  private var current: Pieces?

  init(message: SIPMessage, name: HeaderName) {
    self.message = message
    self.name = name
    field = message.firstField(name)
  }

  mutating func next() -> Text? {
    while true {
      if let piece = current?.next() { return piece }
      guard let number = field else { return nil }
      current = Pieces(message.value(of: message.field(number)), separator: 0x2c, brackets: true)
      field = message.firstField(name, from: number + 1)
    }
  }
}
