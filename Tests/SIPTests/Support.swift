import IMSBytes
import IMSSIP

/// A message from lines that are joined by CRLF; the empty line between headers and body is one of the lines.
func wire(_ lines: String...) -> [UInt8] { Array(lines.joined(separator: "\r\n").utf8) }

func parse(_ bytes: [UInt8], truncated: Bool = false, onStream: Bool = false) throws -> SIPMessage {
  try SIPMessage(parsing: bytes.span.bytes, truncated: truncated, onStream: onStream)
}

/// A REGISTER with the given header lines and no body.
func register(_ headers: String...) throws -> SIPMessage {
  try parse(Array((["REGISTER sip:hims.net SIP/2.0"] + headers + ["", ""]).joined(separator: "\r\n").utf8))
}

let plainRegister = """
  REGISTER sip:hims.net SIP/2.0\r
  Via: SIP/2.0/UDP 10.20.0.10:4060;branch=z9hG4bK1;rport\r
  Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bKue\r
  Max-Forwards: 69\r
  From: <sip:alice@hims.net>;tag=a1\r
  To: <sip:alice@hims.net>\r
  Call-ID: abc@10.0.0.7\r
  CSeq: 1 REGISTER\r
  Contact: <sip:alice@10.0.0.7:5060>;expires=600000\r
  Path: <sip:term@pcscf.hims.net:4060;lr>\r
  Content-Length: 4\r
  \r
  body
  """

/// xorshift64: random cuts that are the same on every run.
struct FixedRandom: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

extension Array where Element == Text {
  var strings: [String] { map(\.string) }
}

/// The framer on arrays: a span cannot stand in an expectation.
enum Framing {
  static func recognise(_ bytes: [UInt8]) -> Bool { SIPFramer.recognise(bytes.span.bytes) }
  static func refusal(_ bytes: [UInt8]) -> String? { SIPFramer.refusal(of: bytes.span.bytes) }
  static func looksLikeStart(_ bytes: [UInt8]) -> SIPFramer.StartVerdict { SIPFramer.looksLikeStart(bytes.span.bytes) }
  static func frame(_ bytes: [UInt8]) -> SIPFramer.FrameVerdict { SIPFramer.frame(stream: bytes.span.bytes) }
  static func nextStart(_ bytes: [UInt8], from: Int) -> Int? { SIPFramer.nextStart(in: bytes.span.bytes, from: from) }
}
