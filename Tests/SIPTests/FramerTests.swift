import IMSBytes
import IMSSIP
import Testing

@Suite struct FramerTests {
  static let second = wire("SIP/2.0 200 OK", "v: SIP/2.0/TCP h", "CSeq: 1 REGISTER", "l : 0", "", "")
  static let third = Array("NOTIFY sip:a@b SIP/2.0\nContent-Length:\n 2\nCall-ID: x\n\nab".utf8)
  static let messages = [Array(plainRegister.utf8), second, third, Array(plainRegister.utf8)]
  static let stream =
    messages[0] + Array("\r\n\r\n".utf8) + messages[1] + messages[2] + Array("\r\n".utf8) + messages[3]

  /// Feeds the stream in the given portions, as a TCP reader would.
  static func frames(_ portions: [ArraySlice<UInt8>]) -> [[UInt8]] {
    var buffer: [UInt8] = []
    var result: [[UInt8]] = []
    for portion in portions {
      buffer += portion
      feeding: while !buffer.isEmpty {
        switch Framing.frame(buffer) {
        case .message(let range):
          result.append(Array(buffer[range]))
          buffer.removeSubrange(..<range.upperBound)
        case .skip(let count): buffer.removeFirst(count)
        case .need(let total):
          #expect(total > buffer.count)
          break feeding
        case .notSIP:
          let start = Framing.nextStart(buffer, from: 1) ?? buffer.count
          buffer.removeFirst(start)
        }
      }
    }
    return result
  }

  static func cuts(_ bytes: [UInt8], at positions: [Int]) -> [ArraySlice<UInt8>] {
    let edges = [0] + Set(positions).sorted() + [bytes.count]
    return zip(edges, edges.dropFirst()).map { bytes[$0..<$1] }
  }

  @Test func allCutsGiveTheSameMessages() throws {
    let expected = Self.messages
    #expect(Self.frames([Self.stream[...]]) == expected)
    #expect(Self.frames(Self.messages.map { $0[...] }) == expected)
    #expect(Self.frames(Self.cuts(Self.stream, at: Array(1..<Self.stream.count))) == expected)
    for cut in 1..<Self.stream.count { #expect(Self.frames(Self.cuts(Self.stream, at: [cut])) == expected) }
    var random = FixedRandom(state: 0x1234_5678_9abc_def1)
    for _ in 0..<200 {
      let positions = (0..<Int.random(in: 1...30, using: &random)).map { _ in
        Int.random(in: 1..<Self.stream.count, using: &random)
      }
      #expect(Self.frames(Self.cuts(Self.stream, at: positions)) == expected)
    }
  }

  @Test func resynchronisesAtTheNextStartLine() {
    let lost = Array("ort=udp\r\nl: 0\r\n\r\nREGISTRATION is off\r\n".utf8) + Self.second
    #expect(Self.frames([lost[...]]) == [Self.second])
    #expect(Self.frames(Self.cuts(lost, at: Array(1..<lost.count))) == [Self.second])
    #expect(Framing.nextStart(Self.second, from: 0) == 0)
    #expect(Framing.nextStart(Self.second, from: 1) == nil)
    #expect(Framing.nextStart(Self.second, from: 10_000) == nil)
    #expect(Framing.nextStart(Array("x\r\nSIP/2.".utf8), from: 0) == 3)
  }

  @Test(arguments: [
    ("", SIPFramer.StartVerdict.needMore), ("\r\n", .needMore), ("SIP/2.0 2", .needMore), ("SIP/2.0 200", .needMore),
    ("SIP/2.0 200 ", .yes), ("SIP/2.0 2x", .no), ("SIP/2.0 2000", .no), ("SIP/3", .no), ("INVITE", .needMore),
    ("INVITE ", .needMore),
    ("INVITE si", .needMore), ("INVITE sip:a SIP/2.0", .needMore), ("INVITE sip:a SIP/2.0\r\n", .yes),
    ("INVITE Sip:a SIP/2.0\n", .yes),
    ("INVITE sip:a SIP/3.0\r\n", .no), ("GET http", .needMore), ("GET http://h HTTP/1.1\r\n", .no), ("GET /", .no),
    ("INVITE\tsip:a", .no), ("{", .no), ("\0", .no),
    (String(repeating: "A", count: 64), .needMore), (String(repeating: "A", count: 65), .no),
    ("INVITE tel:1 SIP/2.0\r\n", .yes),
    ("INVITE urn:service:sos SIP/2.0\r\n", .yes), ("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\r\n", .yes),
    ("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\r\n", .yes), ("OPTIONS 9p:a SIP/2.0\r\n", .no),
    ("INVITE <sip:a> SIP/2.0\r\n", .yes), ("INVITE <", .needMore), ("INVITE : SIP/2.0\r\n", .no),
    ("SIP sip:a SIP/2.0\r\n", .yes), ("INVITE SIP/2.0\r\n", .no),
  ]) func starts(text: String, verdict: SIPFramer.StartVerdict) {
    #expect(Framing.looksLikeStart(Array(text.utf8)) == verdict)
  }

  @Test func recognisesDatagrams() {
    #expect(Framing.recognise(Array(plainRegister.utf8)))
    #expect(Framing.recognise((Array("\r\n\r\n".utf8) + Self.second)))
    for other in [
      "", "\r\n\r\n", "\0", "REGISTER sip:h SIP/2.0\r\n\r\n", "REGISTER sip:h SIP/2.0\r\nVia: x\r\nVia: y\r\n\r\n",
      "M-SEARCH * HTTP/1.1\r\nVia: x\r\nTo: y\r\n\r\n", "REGISTER sip:h SIP/2.0\r\nVia: x\r\n\r\nTo: y\r\n",
    ] {
      #expect(!Framing.recognise(Array(other.utf8)))
    }
  }

  @Test func longHeadersHideNoDatagram() {
    let far = "OPTIONS sip:h SIP/2.0\r\nX: \(String(repeating: "x", count: 5000))\r\nVia: x\r\nTo: y\r\n\r\n"
    #expect(Framing.recognise(Array(far.utf8)))
    let vias = String(repeating: "Via: SIP/2.0/UDP \(String(repeating: "h", count: 900));branch=z9hG4bK1\r\n", count: 9)
    #expect(Framing.recognise(Array("SIP/2.0 200 OK\r\n\(vias)CSeq: 1 OPTIONS\r\n\r\n".utf8)))
  }

  @Test func aLongMethodHidesNoRequest() {
    func request(_ method: String) -> [UInt8] { wire("\(method) sip:h SIP/2.0", "Via: x", "To: y", "", "") }
    let unusual = "!interesting-Method0123456789_*+`.%indeed'~"
    #expect(Framing.looksLikeStart(request(unusual)) == .yes)
    #expect(Framing.recognise(request(unusual)))
    #expect(Framing.recognise(request(String(repeating: "a", count: 8000))))
    #expect(!Framing.recognise(request(String(repeating: "a", count: 9000))))
  }

  @Test(arguments: [
    "SIP/2.0 4294967301 better not\r\n", "OPTIONS sip:a SIP/7.0\r\n", "INVITE sip:a SIP/2.0/UDP\n", "INVITE sip:a\r\n",
    " sip:a SIP/2.0\r\n", "\r\nOPTIONS * SIP/2.0", "INVITE SIPS:a",
  ]) func aStartLineThatCannotBeReadIsSaid(text: String) {
    #expect(!Framing.recognise(Array(text.utf8)))
    #expect(Framing.refusal(Array(text.utf8)) == "neither a request line nor a status line of SIP/2.0")
  }

  @Test func aDatagramWithoutTheHeadersOfAMessageIsSaid() {
    let bytes = Array("REGISTER sip:1.1.1.1:5060 SIP/2.0\r\nExpires: 3600\r\n\r\n".utf8)
    #expect(!Framing.recognise(bytes))
    #expect(Framing.refusal(bytes) == "a start line, but fewer than two of Via, From, To, Call-ID and CSeq")
  }

  @Test(arguments: [
    "", "\r\n\r\n", "\0\0\0\0", "GET / HTTP/1.1\r\n", "see SIP/", "a sip", "SIPS", "\u{80}sip:a SIP/2.0\r\n",
    "NOTIFY * HTTP/1.1",
  ]) func otherBytesAreNotCalledSIP(text: String) { #expect(Framing.refusal(Array(text.utf8)) == nil) }

  @Test func limits() {
    let start = "OPTIONS sip:h SIP/2.0\r\n"
    func verdict(_ text: String) -> SIPFramer.FrameVerdict { Framing.frame(Array(text.utf8)) }
    #expect(verdict(start + String(repeating: "X: y\r\n", count: 12_000)) == .notSIP)
    #expect(verdict(start + "l: 1048577\r\n\r\n") == .notSIP)
    #expect(verdict(start + "l: 18446744073709551615\r\n\r\n") == .notSIP)
    #expect(verdict(start + "l: 1048576\r\n\r\n") == .need(1_048_576 + start.utf8.count + 14))
    #expect(verdict(start + "l: x\r\n\r\nrest") == .message(0..<(start.utf8.count + 8)))
    #expect(verdict("OPTIONS sip:" + String(repeating: "h", count: 9000)) == .notSIP)
    #expect(verdict("\r\n\r\n\r") == .skip(5) && verdict("") == .need(1))
  }
}
