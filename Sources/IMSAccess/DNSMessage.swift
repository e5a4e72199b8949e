package import IMSBytes

/// A DNS message (RFC 1035 §4), as far as it tells how a SIP node found the next one (RFC 3263).
package struct DNSMessage: Sendable, Equatable {
  package let id: UInt16
  package let isResponse: Bool
  package let isTruncated: Bool
  package let responseCode: DNSResponseCode
  /// The first question, which is the only one in practice.
  package let question: Question?
  package let answers: [Record]
  package let additional: [Record]
  /// What ended the reading; everything before it was understood.
  package let issues: [DecodeIssue]

  package struct Question: Hashable, Sendable {
    /// In lower case, without the final dot; `.` for the root.
    package let name: Text
    package let type: DNSType
    package let `class`: UInt16
  }

  package struct Record: Hashable, Sendable {
    package let name: Text
    package let type: DNSType
    package let timeToLive: UInt32
    package let data: RecordData
  }

  package enum RecordData: Hashable, Sendable {
    case a(UInt32)
    case aaaa(high: UInt64, low: UInt64)
    case srv(priority: UInt16, weight: UInt16, port: UInt16, target: Text)
    case naptr(order: UInt16, preference: UInt16, flags: Text, service: Text, regexp: Text, replacement: Text)
    case cname(Text)
    case other(Text)
  }

  /// Throws when the header is cut short. A message that is damaged later keeps what was read.
  package init(parsing bytes: RawSpan) throws(DecodeIssue) {
    guard bytes.byteCount >= 12 else { throw DecodeIssue("DNS", "header cut short", at: bytes.byteCount) }
    id = bytes.u16(0)
    let flags = bytes.u16(2)
    isResponse = flags & 0x8000 != 0
    isTruncated = flags & 0x0200 != 0
    responseCode = DNSResponseCode(rawValue: UInt8(flags & 0x0f))
    var reader = DNSReader()
    var question: Question?
    var answers: [Record] = []
    var additional: [Record] = []
    var issues: [DecodeIssue] = []
    do throws(DecodeIssue) {
      for index in 0..<bytes.u16(4) {
        let next = try reader.question(bytes)
        if index == 0 { question = next }
      }
      for _ in 0..<bytes.u16(6) { answers.append(try reader.record(bytes)) }
      for _ in 0..<bytes.u16(8) { _ = try reader.record(bytes) }
      for _ in 0..<bytes.u16(10) { additional.append(try reader.record(bytes)) }
    } catch {
      issues.append(error)
    }
    self.question = question
    self.answers = answers
    self.additional = additional
    self.issues = issues
  }

  /// Can this be DNS? To be asked for port 53 only.
  package static func recognise(_ bytes: RawSpan) -> Bool {
    guard recogniseHeader(bytes) else { return false }
    var reader = DNSReader()
    do throws(DecodeIssue) {
      _ = try reader.question(bytes)
      return true
    } catch {
      return false
    }
  }

  /// A query or its answer (opcode 0) with one question and no reserved bit; a query has no answers.
  static func recogniseHeader(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount >= 12 else { return false }
    let flags = bytes.u16(2)
    guard flags & 0x7840 == 0, bytes.u16(4) == 1 else { return false }
    return flags & 0x8000 != 0 || bytes.u16(6) == 0
  }

  /// Where aliases lead from the name that was asked for (RFC 1034 §3.6.2); that name itself when it is none.
  package var canonicalName: Text? {
    guard var name = question?.name else { return nil }
    // Each record can be one link: a loop ends.
    for _ in answers {
      let alias = answers.lazy.compactMap { record in
        if case .cname(let target) = record.data, record.name == name { target } else { nil }
      }.first
      guard let alias else { break }
      name = alias
    }
    return name
  }

  /// Names that the answer leads on to, by alias, service or rewriting.
  package var targets: [Text] {
    answers.compactMap { record in
      switch record.data {
      case .cname(let name), .srv(_, _, _, let name), .naptr(_, _, _, _, _, let name): name == "." ? nil : name
      case .a, .aaaa, .other: nil
      }
    }
  }

  /// An A or AAAA record among the answers, or beside them.
  package var hasAddress: Bool {
    (answers + additional).contains { record in
      switch record.data {
      case .a, .aaaa: true
      default: false
      }
    }
  }

  /// Ties an answer to its query, within one pair of endpoints: id, name, type and class. Nil without a question.
  package var questionKey: Fingerprint? {
    question.map { question in
      var key = Fingerprint(of: question.name)
      key.combine(UInt64(id) << 32 | UInt64(question.type.rawValue) << 16 | UInt64(question.class))
      return key
    }
  }
}

// MARK: - Text

extension DNSMessage {
  /// The label of an arrow: `DNS query NAPTR hims.net`, `DNS answer A 10.20.0.20`, `DNS answer NXDOMAIN hims.net`,
  /// `DNS answer A 10.20.0.20, CNAME node7.hims.net`, `DNS answer A hims.net: truncated`.
  package var summary: String {
    let asked = question.map { "\($0.type.name) \($0.name)" } ?? "without question"
    guard isResponse else { return "DNS query \(asked)" }
    guard responseCode == .noError else {
      return "DNS answer \(responseCode.name)" + (question.map { " \($0.name)" } ?? "")
    }
    // What a truncated answer holds is not to be used (RFC 2181 §9); the client asks again over TCP.
    if isTruncated { return "DNS answer \(asked): truncated" }
    let alias = canonicalName.flatMap { $0 == question?.name ? nil : ", CNAME \($0)" } ?? ""
    guard let shown = answers.first(where: { $0.type == question?.type }) ?? answers.first else {
      return "DNS answer \(asked): no records"
    }
    let more = answers.count { $0.type == shown.type } - 1
    return "DNS answer \(shown.type.name) \(shown.data)" + (more > 0 ? " and \(more) more" : "")
      + (shown.type == .cname ? "" : alias)
  }
}

extension DNSMessage.RecordData: CustomStringConvertible {
  package var description: String {
    switch self {
    case .a(let address): AddressText.ipv4(address)
    case .aaaa(let high, let low): AddressText.ipv6(high: high, low: low)
    case .srv(let priority, let weight, let port, let target): "\(priority) \(weight) \(port) \(target)"
    case .naptr(let order, let preference, let flags, let service, let regexp, let replacement):
      "\(order) \(preference) \"\(flags)\" \"\(service)\" \"\(regexp)\" \(replacement)"
    case .cname(let name): name.string
    case .other(let data): "\(data.count) bytes"
    }
  }
}
