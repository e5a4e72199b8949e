// RFC 1661, section 2, and RFC 1662, section 3.1 (address and control, compressed or not); RFC 2516, section 4 (PPPoE).
// LINKTYPE_PPP, LINKTYPE_PPP_HDLC, LINKTYPE_PPP_ETHER as tcpdump.org describes them.

import IMSBytes

enum PPP {
  /// Address and control where they were not left out, and the protocol, of two octets or compressed to one.
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    let count = bytes.byteCount
    // Cisco's HDLC: unicast or broadcast, 0, an EtherType.
    if count >= 4, bytes.u8(0) == 0x0f || bytes.u8(0) == 0x8f, bytes.u8(1) == 0 {
      walk.layers.append(.ppp)
      walk.start += 4
      return .network(bytes.u16(2))
    }
    let start = count >= 2 && bytes.u16(0) == 0xff03 ? 2 : 0
    guard count > start else { return walk.stop("PPP", "header cut", at: count) }
    // The low bit of its last octet is set.
    let isCompressed = bytes.u8(start) & 1 == 1
    guard isCompressed || count >= start + 2 else { return walk.stop("PPP", "header cut", at: count) }
    let number = isCompressed ? UInt16(bytes.u8(start)) : bytes.u16(start)
    walk.layers.append(.ppp)
    walk.start += start + (isCompressed ? 1 : 2)
    switch number {
    case 0x0021: return .network(0x0800)
    case 0x0057: return .network(0x86dd)
    case 0x0281, 0x0283: return .network(0x8847)
    default: return .undecoded(.ppp(number))
    }
  }

  /// As IANA registered them.
  static func name(_ number: UInt16) -> String? {
    switch number {
    case 0x003d: "Multilink"
    case 0x8021: "IPCP"
    case 0x8057: "IPv6CP"
    case 0x80fd: "CCP"
    case 0xc021: "LCP"
    case 0xc023: "PAP"
    case 0xc223: "CHAP"
    default: nil
    }
  }
}

/// The session stage; the discovery has an EtherType of its own.
///
///     octet 1       version 4 bits = 1, type 4 bits = 1
///     octet 2       code, 0
///     octets 3–4    session
///     octets 5–6    length of what follows
enum PPPoE {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 6 else { return walk.stop("PPPoE", "header cut", at: bytes.byteCount) }
    guard bytes.u16(0) == 0x1100 else {
      return walk.stop("PPPoE", "neither version 1 nor the code of a session", at: 0)
    }
    walk.layers.append(.pppoe)
    walk.start += 6
    walk.limit(to: Int(bytes.u16(4)))
    return PPP.decode(bytes.extracting(6..<6 + walk.count), &walk)
  }
}
