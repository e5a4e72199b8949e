import IMSAccess
import IMSBytes
import IMSForge
import Testing

@Suite struct DNSTests {
  static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  static func message(
    flags: UInt16 = 0x8180, questions: UInt16 = 1, answers: UInt16 = 0, authority: UInt16 = 0, additional: UInt16 = 0,
    _ rest: [UInt8]
  ) -> [UInt8] {
    var writer = ByteWriter()
    for number in [0x1234, flags, questions, answers, authority, additional] { writer.u16(number) }
    writer.raw(rest)
    return writer.bytes
  }

  static func question(_ text: String, _ type: UInt16) -> [UInt8] {
    name(text) + [UInt8(type >> 8), UInt8(type & 255), 0, 1]
  }

  static func record(_ name: [UInt8], _ type: UInt8, _ data: [UInt8]) -> [UInt8] {
    name + [0, type, 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8), UInt8(data.count & 255)] + data
  }

  /// The name of the question, at offset 12.
  static let same: [UInt8] = [0xc0, 12]

  func parse(_ bytes: [UInt8]) throws -> DNSMessage { try DNSMessage(parsing: bytes.span.bytes) }
  func recognise(_ bytes: [UInt8]) -> Bool { DNSMessage.recognise(bytes.span.bytes) }

  @Test func readsAQueryAndItsAnswer() throws {
    let query = try parse(Self.message(flags: 0x0100, Self.question("HIMS.net", 35)))
    let question = try #require(query.question)
    #expect(!query.isResponse && query.id == 0x1234 && question.type == .naptr && question.name == "hims.net")
    #expect(query.summary == "DNS query NAPTR hims.net" && query.issues.isEmpty)

    let naptr =
      [0, 10, 0, 50, 1] + Array("s".utf8) + [7] + Array("SIP+D2U".utf8) + [0] + Self.name("_sip._udp").dropLast()
      + Self.same
    let answer = try parse(
      Self.message(answers: 1, Self.question("hims.net", 35) + Self.record(Self.same, 35, naptr)))
    #expect(answer.isResponse && answer.responseCode == .noError && answer.questionKey == query.questionKey)
    #expect(
      answer.answers.map(\.data) == [
        .naptr(order: 10, preference: 50, flags: "s", service: "SIP+D2U", regexp: "", replacement: "_sip._udp.hims.net")
      ])
    #expect(answer.summary == "DNS answer NAPTR 10 50 \"s\" \"SIP+D2U\" \"\" _sip._udp.hims.net")
  }

  @Test func readsTheOtherRecords() throws {
    let srv = [0, 1, 0, 2, 0x13, 0xc4] + Self.name("pcscf").dropLast() + Self.same
    let six = [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [9]
    let message = try parse(
      Self.message(
        answers: 5, authority: 1, additional: 2,
        Self.question("hims.net", 1) + Self.record(Self.same, 5, Self.name("a.hims.net"))
          + Self.record(Self.same, 1, [10, 20, 0, 20])
          + Self.record(Self.same, 1, [10, 20, 0, 21]) + Self.record(Self.same, 33, srv)
          + Self.record(Self.same, 28, six)
          + Self.record(Self.same, 2, Self.same) + Self.record([0], 41, []) + Self.record(Self.same, 1, [1])))
    #expect(message.issues.isEmpty && message.answers.count == 5 && message.additional.count == 2)
    #expect(message.answers[0].data == .cname("a.hims.net") && message.answers[1].data == .a(0x0a14_0014))
    #expect(message.answers[3].data == .srv(priority: 1, weight: 2, port: 5060, target: "pcscf.hims.net"))
    #expect(message.answers[4].data.description == "2001:db8::9" && message.answers[1].timeToLive == 60)
    #expect(message.additional[0].name == "." && message.additional[1].data == .other(Text([1])))
    #expect(message.summary == "DNS answer A 10.20.0.20 and 1 more, CNAME a.hims.net")
  }

  @Test(
    arguments: [(0, "NOERROR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (5, "REFUSED"), (9, "RCODE9")] as [(UInt16, String)])
  func codes(code: UInt16, name: String) throws {
    let message = try parse(Self.message(flags: 0x8180 | code, Self.question("h", 1)))
    #expect(message.responseCode.name == name)
    #expect(message.summary == (code == 0 ? "DNS answer A h: no records" : "DNS answer \(name) h"))
  }

  @Test(
    arguments: [
      ([0xc0, 12], "compression pointer does not go backwards"),
      ([1, 0x61, 0xc0, 12], "compression pointer does not go backwards"),
      ([0xc0, 0xff], "compression pointer does not go backwards"), ([0xc0], "compression pointer cut short"),
      ([5, 0x61], "label cut short"),
      ([1, 0x61], "name cut short"), ([0x40], "label of an unknown type"), ([0, 0, 1], "question cut short"),
      ([], "name cut short"),
    ] as [([UInt8], String)]) func damage(rest: [UInt8], reason: String) throws
  {
    let message = try parse(Self.message(rest))
    #expect(message.issues.map(\.reason) == [reason] && message.question == nil && message.questionKey == nil)
    #expect(!recognise(Self.message(rest)))
  }

  @Test func namesAreBounded() throws {
    let label: [UInt8] = [63] + [UInt8](repeating: 0x61, count: 63)
    let long: [UInt8] = label + label + label + label + [0, 0, 1, 0, 1]
    #expect(try parse(Self.message(long)).issues.map(\.reason) == ["name longer than 255 octets"])
  }

  @Test func aliasesAreFollowedAndALoopEnds() throws {
    let link = Self.record(Self.same, 5, Self.name("a.net")) + Self.record(Self.name("a.net"), 5, Self.name("b.net"))
    let last = Self.record(Self.name("b.net"), 1, [10, 20, 0, 20])
    let whole = try parse(Self.message(answers: 3, Self.question("h.net", 1) + link + last))
    #expect(whole.canonicalName == "b.net" && whole.targets == ["a.net", "b.net"])
    #expect(whole.summary == "DNS answer A 10.20.0.20, CNAME b.net")
    let alone = try parse(Self.message(answers: 2, Self.question("h.net", 1) + link))
    #expect(alone.summary == "DNS answer CNAME a.net and 1 more")
    let loop = Self.record(Self.same, 5, Self.name("a.net")) + Self.record(Self.name("a.net"), 5, Self.same)
    #expect(try parse(Self.message(answers: 2, Self.question("h.net", 1) + loop)).canonicalName == "h.net")
    #expect(try parse(Self.message(Self.question("h.net", 1))).canonicalName == "h.net")
  }

  @Test func aTruncatedAnswerSaysSo() throws {
    let answer = Self.message(
      flags: 0x8380, answers: 1, Self.question("h.net", 1) + Self.record(Self.same, 1, [10, 20, 0, 20]))
    #expect(try parse(answer).isTruncated && parse(answer).summary == "DNS answer A h.net: truncated")
  }

  /// Pointers that go back one by one without a label between them: in the data of a first record, the name of a second.
  @Test(arguments: [(100, []), (200, ["more than 128 compression pointers"])] as [(Int, [String])])
  func pointersOfANameAreBounded(count: Int, reasons: [String]) throws {
    let question = Self.question("h", 1)
    let start = 12 + question.count + 1 + 10
    func pointer(_ target: Int) -> [UInt8] { [0xc0 | UInt8(target >> 8), UInt8(target & 255)] }
    let chain = (0..<count).flatMap { pointer($0 == 0 ? 12 : start + 2 * ($0 - 1)) }
    let record = Self.record([0], 10, chain) + Self.record(pointer(start + 2 * (count - 1)), 1, [10, 0, 0, 1])
    let message = try parse(Self.message(answers: 2, question + record))
    #expect(message.issues.map(\.reason) == reasons)
    #expect(message.answers.last?.name == (reasons.isEmpty ? "h" : "."))
  }

  func frame(_ bytes: [UInt8]) -> DNSFramer.Frame { DNSFramer.frame(stream: bytes.span.bytes) }

  @Test func framesOfAStream() {
    let message = Self.message(Self.question("h", 1))
    let framed = [0, UInt8(message.count)] + message
    #expect(frame(framed + [0, 1]) == .message(2..<framed.count))
    for count in 0..<framed.count { #expect(frame(Array(framed[..<count])) == .need(count < 14 ? 14 : framed.count)) }
    #expect(frame([0, 11] + message) == .notDNS)
    #expect(frame(Array("REGISTER sip:hims.net SIP/2.0".utf8)) == .notDNS)
    #expect(frame([0, 13] + Array(message[..<12]) + [5, 1]) == .notDNS)
  }

  @Test func recognisesQueriesAndAnswers() {
    #expect(
      recognise(Self.message(Self.question("h", 1))) && recognise(Self.message(flags: 0x0100, Self.question("h", 1))))
    #expect(
      !recognise([]) && !recognise(Self.message(questions: 0, []))
        && !recognise(Self.message(flags: 0x2800, Self.question("h", 1))))
    #expect(!recognise(Self.message(flags: 0, answers: 1, Self.question("h", 1))))
    #expect(!recognise(Array("REGISTER sip:hims.net SIP/2.0\r\n\r\n".utf8)))
  }

  @Test func everyCutAndEveryFlippedByteIsReadOrRefused() {
    let naptr = [0, 10, 0, 50, 1, 0x73, 1, 0x53, 0] + Self.same
    let bytes = Self.message(
      answers: 2,
      Self.question("a.b", 35) + Self.record(Self.same, 35, naptr)
        + Self.record(Self.same, 33, [0, 1, 0, 1, 0, 1] + Self.same))
    for count in 0...bytes.count {
      _ = try? parse(Array(bytes[..<count])).summary
      _ = recognise(Array(bytes[..<count]))
    }
    for index in bytes.indices {
      for value in 0...255 {
        var changed = bytes
        changed[index] = UInt8(value)
        _ = try? parse(changed).summary
      }
    }
  }
}
