import IMSBytes
import IMSForge
import Testing

@Suite struct MessageBuilderTests {
  @Test func avpsCarryPaddingOutsideTheirLength() {
    #expect(Hex.encode(AVPBuilder(1, text: "abc").bytes) == "000000014000000b" + "61626300")
    #expect(Hex.encode(AVPBuilder(602, vendor: 10415, text: "s").bytes) == "0000025ac000000d000028af" + "73000000")
    let group = AVPBuilder(297, group: [AVPBuilder(266, number: 10415), AVPBuilder(298, number: 2001)])
    #expect(Hex.encode(group.bytes) == "0000012940000020" + "0000010a4000000c000028af" + "0000012a4000000c000007d1")
  }

  @Test func messageHeader() {
    let message = DiameterBuilder(
      command: 300, flags: DiameterBuilder.request | DiameterBuilder.proxiable, hopByHop: 1, endToEnd: 2,
      avps: [AVPBuilder(263, text: "a;1;2")])
    #expect(
      Hex.encode(message.bytes) == "01000024c000012c010000000000000100000002" + "000001074000000d613b313b32000000")
  }

  @Test func answersRepeatTheIdentifiersOfTheirRequests() {
    let exchange = CxBuilder.Exchange(
      session: "i;1;2", hopByHop: 7, endToEnd: 8, client: "icscf.hims.net", server: "hss.hims.net", realm: "hims.net")
    let request = CxBuilder.uar(exchange, impi: "n@hims.net", impu: "sip:n@hims.net", visited: "vims.net")
    let answer = CxBuilder.uaa(exchange, .experimental(2002), serverName: "sip:scscf.hims.net")
    #expect(request.avps.map(\.code) == [263, 260, 277, 264, 296, 283, 1, 601, 600])
    #expect(answer.avps.map(\.code) == [263, 260, 297, 277, 264, 296, 602])
    #expect(request.avps.allSatisfy { $0.flags & 0x40 != 0 })
    #expect([answer.hopByHop, answer.endToEnd] == [7, 8])
    #expect(answer.flags == DiameterBuilder.proxiable)
    #expect(CxBuilder.uaa(exchange, .result(3002)).flags == DiameterBuilder.proxiable | DiameterBuilder.error)
    #expect(CxBuilder.rtr(exchange, impi: "n@hims.net").first(293)?.data == Array("hss.hims.net".utf8))
  }

  @Test func challengeOfTheFirstStandardVector() {
    #expect(AKAVector.standard[0].nonce == "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=")
    #expect(AKAVector.standard.map(\.xres.count) == [8, 8, 8])
    #expect(Set((1...500).map { AKAVector.distinct($0) }).count == 500)
  }

  @Test func nameLookup() {
    let query = DNSBuilder.query("hims.net", type: DNSBuilder.typeA, identifier: 0x2007)
    #expect(Hex.encode(query.bytes) == "200701000001000000000000" + "0468696d73036e657400" + "00010001")
    let answer = query.answer([.a(name: "hims.net", "203.0.113.20", ttl: 60)])
    #expect(
      Hex.encode(answer.bytes) == "200781800001000100000000" + "0468696d73036e657400" + "00010001"
        + "c00c000100010000003c0004cb007114")
    let service = query.answer([.srv(name: "x", priority: 1, weight: 2, port: 5060, target: "a.b")])
    #expect(Hex.encode(service.bytes.suffix(11)) == "0001000213c4" + "0161016200".suffix(10))
  }

  @Test func textMessage() {
    var message = SIPBuilder("REGISTER sip:hims.net SIP/2.0\nVia: a\nVia: b\nTo: <sip:n@hims.net>\n\nbody")
    message.set("to", "<sip:m@hims.net>")
    message.push("Via", "c")
    #expect(message.values("via") == ["c", "a", "b"])
    #expect(
      String(decoding: message.bytes, as: UTF8.self)
        == "REGISTER sip:hims.net SIP/2.0\r\nVia: c\r\nVia: a\r\nVia: b\r\nto: <sip:m@hims.net>\r\n"
        + "Content-Length: 4\r\n\r\nbody")
    message.set("Content-Length", "9")
    #expect(String(decoding: message.bytes, as: UTF8.self).hasSuffix("Content-Length: 9\r\n\r\nbody"))
  }
}
