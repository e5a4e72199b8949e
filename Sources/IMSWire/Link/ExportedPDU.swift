// LINKTYPE_WIRESHARK_UPPER_PDU as epan/exported_pdu.h of Wireshark numbers its tags: what a dissector was given, with the
// addresses around it.
//
//   tag 2, length 2, value; tag 0 ends the list, the bytes of the protocol follow
//
//   12 the protocol's name, padded with zeros; 20, 21 IPv4 source and destination; 22, 23 IPv6; 24 kind of port (1 SCTP,
//   2 TCP, 3 UDP) 4; 25, 26 source and destination port 4

import IMSBytes
import IMSCapture

enum ExportedPDU {
  private enum Content { case message, packet(UInt16), segment(UInt8), frame, other }

  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    var content = Content.other
    var transport = Transport.udp
    var offset = 0
    while true {
      guard offset + 4 <= bytes.byteCount else {
        return walk.stop("exported PDU", "tags cut", at: bytes.byteCount)
      }
      let tag = bytes.u16(offset)
      let value = offset + 4..<offset + 4 + Int(bytes.u16(offset + 2))
      guard value.upperBound <= bytes.byteCount else {
        return walk.stop("exported PDU", "tags cut", at: bytes.byteCount)
      }
      offset = value.upperBound
      switch (tag, value.count) {
      case (0, _):
        walk.layers.append(.exportedPDU)
        walk.start += offset
        return next(content, transport)
      case (12, _): content = named(bytes.extracting(value))
      case (20, 4): walk.source = IPAddress(v4: bytes.u32(value.lowerBound))
      case (21, 4): walk.destination = IPAddress(v4: bytes.u32(value.lowerBound))
      case (22, 16): walk.source = IPAddress(v6: bytes, at: value.lowerBound)
      case (23, 16): walk.destination = IPAddress(v6: bytes, at: value.lowerBound)
      case (24, 4): transport = [1: .sctp, 2: .tcp][bytes.u32(value.lowerBound)] ?? .udp
      case (25, 4): walk.sourcePort = bytes.u16(value.lowerBound + 2)
      case (26, 4): walk.destinationPort = bytes.u16(value.lowerBound + 2)
      default: break
      }
    }
  }

  private static func next(_ content: Content, _ transport: Transport) -> Next {
    switch content {
    case .message: .message(transport)
    case .packet(let type): .network(type)
    case .segment(let number): .transport(number)
    case .frame: .link(.ethernet)
    case .other: .undecoded(.exportedPDU)
    }
  }

  /// What stands behind the name of a dissector.
  private static func named(_ padded: RawSpan) -> Content {
    func `is`(_ name: StaticString) -> Bool {
      let count = name.utf8CodeUnitCount
      return padded.spells(name, at: 0) && (count..<padded.byteCount).allSatisfy { padded.u8($0) == 0 }
    }
    if `is`("sip") || `is`("sip.tcp") || `is`("diameter") || `is`("dns") || `is`("gtp") || `is`("gtpv2") {
      return .message
    }
    if `is`("ip") { return .packet(0x0800) }
    if `is`("ipv6") { return .packet(0x86dd) }
    if `is`("udp") { return .segment(17) }
    if `is`("tcp") { return .segment(6) }
    if `is`("sctp") { return .segment(132) }
    return `is`("eth") || `is`("eth_withoutfcs") || `is`("eth_maybefcs") ? .frame : .other
  }
}
