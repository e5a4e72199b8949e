import IMSBytes
import IMSDiameter
import IMSForge

func avp(_ code: UInt32, vendor: UInt32 = 0, flags: UInt8 = 0x40, _ data: [UInt8]) -> [UInt8] {
  var writer = ByteWriter()
  writer.u32(code)
  writer.u8(flags | (vendor == 0 ? 0 : 0x80))
  writer.u24(UInt32(data.count + (vendor == 0 ? 8 : 12)))
  if vendor != 0 { writer.u32(vendor) }
  writer.raw(data)
  writer.raw([UInt8](repeating: 0, count: (4 - data.count % 4) % 4))
  return writer.bytes
}

func avp(_ code: UInt32, vendor: UInt32 = 0, _ text: String) -> [UInt8] { avp(code, vendor: vendor, Array(text.utf8)) }
func avp(_ code: UInt32, vendor: UInt32 = 0, _ number: UInt32) -> [UInt8] {
  var writer = ByteWriter()
  writer.u32(number)
  return avp(code, vendor: vendor, writer.bytes)
}

func message(
  command: UInt32 = 300, application: UInt32 = 16_777_216, flags: UInt8 = 0xc0, hopByHop: UInt32 = 1,
  _ avps: [UInt8] = []
) -> [UInt8] {
  var writer = ByteWriter()
  writer.u8(1)
  writer.u24(UInt32(20 + avps.count))
  writer.u8(flags)
  writer.u24(command)
  writer.u32(application)
  writer.u32(hopByHop)
  writer.u32(0xdead_beef)
  writer.raw(avps)
  return writer.bytes
}

func parse(_ bytes: [UInt8]) throws -> DiameterMessage { try DiameterMessage(parsing: bytes.span.bytes) }

/// The framer on arrays: a span cannot stand in an expectation.
enum Framing {
  static func recognise(_ bytes: [UInt8]) -> Bool { DiameterFramer.recognise(bytes.span.bytes) }
  static func looksLikeStart(_ bytes: [UInt8]) -> DiameterFramer.StartVerdict {
    DiameterFramer.looksLikeStart(bytes.span.bytes)
  }
  static func frame(_ bytes: [UInt8]) -> DiameterFramer.FrameVerdict { DiameterFramer.frame(stream: bytes.span.bytes) }
  static func nextStart(_ bytes: [UInt8], from: Int) -> Int? {
    DiameterFramer.nextStart(in: bytes.span.bytes, from: from)
  }
}

struct FixedRandom: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

let uar = message(
  avp(263, "icscf.hims.net;1;2") + avp(264, "icscf.hims.net") + avp(296, "hims.net") + avp(283, "hims.net")
    + avp(260, avp(266, 10415) + avp(258, 16_777_216)) + avp(277, 1) + avp(1, "alice@hims.net")
    + avp(601, vendor: 10415, "sip:alice@hims.net") + avp(600, vendor: 10415, "hims.net") + avp(623, vendor: 10415, 0))

let uaa = message(
  flags: 0x40,
  avp(263, "icscf.hims.net;1;2") + avp(264, "hss.hims.net") + avp(297, avp(266, 10415) + avp(298, 2001))
    + avp(603, vendor: 10415, avp(604, vendor: 10415, 7)))

let watchdog = message(command: 280, application: 0, flags: 0, avp(268, 2001) + avp(264, "hss.hims.net"))
