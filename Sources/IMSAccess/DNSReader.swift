internal import IMSBytes

/// Walks the sections of a DNS message.
struct DNSReader {
  private var offset = 12

  mutating func question(_ bytes: RawSpan) throws(DecodeIssue) -> DNSMessage.Question {
    let name = try DNSReader.name(bytes, at: &offset, end: bytes.byteCount)
    guard offset + 4 <= bytes.byteCount else { throw DecodeIssue("DNS", "question cut short", at: offset) }
    defer { offset += 4 }
    return DNSMessage.Question(
      name: name, type: DNSType(rawValue: bytes.u16(offset)), class: bytes.u16(offset + 2))
  }

  mutating func record(_ bytes: RawSpan) throws(DecodeIssue) -> DNSMessage.Record {
    let name = try DNSReader.name(bytes, at: &offset, end: bytes.byteCount)
    guard offset + 10 <= bytes.byteCount else { throw DecodeIssue("DNS", "record cut short", at: offset) }
    let type = DNSType(rawValue: bytes.u16(offset))
    let timeToLive = bytes.u32(offset + 4)
    let start = offset + 10
    let end = start + Int(bytes.u16(offset + 8))
    guard end <= bytes.byteCount else { throw DecodeIssue("DNS", "record data cut short", at: start) }
    offset = end
    let data = try DNSReader.data(bytes, type, start, end)
    return DNSMessage.Record(name: name, type: type, timeToLive: timeToLive, data: data)
  }

  private static func data(
    _ bytes: RawSpan, _ type: DNSType, _ start: Int, _ end: Int
  ) throws(DecodeIssue) -> DNSMessage.RecordData {
    var at = start
    switch type {
    case .a where end - start == 4: return .a(bytes.u32(start))
    case .aaaa where end - start == 16: return .aaaa(high: bytes.u64(start), low: bytes.u64(start + 8))
    case .cname: return .cname(try name(bytes, at: &at, end: end))
    case .srv where end - start > 6:
      at += 6
      let target = try name(bytes, at: &at, end: end)
      return .srv(
        priority: bytes.u16(start), weight: bytes.u16(start + 2), port: bytes.u16(start + 4), target: target)
    case .naptr where end - start > 4:
      at += 4
      let flags = try string(bytes, at: &at, end: end)
      let service = try string(bytes, at: &at, end: end)
      let regexp = try string(bytes, at: &at, end: end)
      return .naptr(
        order: bytes.u16(start), preference: bytes.u16(start + 2), flags: flags, service: service, regexp: regexp,
        replacement: try name(bytes, at: &at, end: end))
    default: return .other(Text(bytes.extracting(start..<end).array))
    }
  }

  /// A character string (RFC 1035 §3.3): one octet of length, then the text.
  private static func string(_ bytes: RawSpan, at offset: inout Int, end: Int) throws(DecodeIssue) -> Text {
    guard offset < end, offset + 1 + Int(bytes.u8(offset)) <= end else {
      throw DecodeIssue("DNS", "character string cut short", at: offset)
    }
    let start = offset + 1
    offset = start + Int(bytes.u8(offset))
    return Text(bytes.extracting(start..<offset).array)
  }

  /// More pointers than a name has labels lead nowhere.
  private static let mostPointers = Bounds.dnsPointers

  /// A name with compression (RFC 1035 §4.1.4), in lower case, dots between the labels, `.` for the root. A pointer must
  /// go backwards, so that a chain of pointers ends; the name has at most 255 octets.
  static func name(_ bytes: RawSpan, at offset: inout Int, end: Int) throws(DecodeIssue) -> Text {
    var result: [UInt8] = []
    var at = offset
    var limit = end
    var lowest = offset
    var jumped = false
    var pointers = 0
    while true {
      guard at < limit else { throw DecodeIssue("DNS", "name cut short", at: at) }
      let length = Int(bytes.u8(at))
      switch length {
      case 0:
        if !jumped { offset = at + 1 }
        return Text(result.isEmpty ? [0x2e] : result)
      case 1...63:
        guard at + 1 + length <= limit else { throw DecodeIssue("DNS", "label cut short", at: at) }
        guard result.count + length < 253 else { throw DecodeIssue("DNS", "name longer than 255 octets", at: at) }
        if !result.isEmpty { result.append(0x2e) }
        for index in (at + 1)...(at + length) { result.append(ASCII.lowercased(bytes.u8(index))) }
        at += 1 + length
      case 0xc0...:
        guard at + 2 <= limit else { throw DecodeIssue("DNS", "compression pointer cut short", at: at) }
        let target = Int(bytes.u16(at) & 0x3fff)
        guard target < lowest else { throw DecodeIssue("DNS", "compression pointer does not go backwards", at: at) }
        pointers += 1
        guard pointers <= mostPointers else { throw DecodeIssue("DNS", "more than 128 compression pointers", at: at) }
        if !jumped { offset = at + 2 }
        (jumped, lowest, at, limit) = (true, target, target, bytes.byteCount)
      default:
        throw DecodeIssue("DNS", "label of an unknown type", at: at)
      }
    }
  }
}
