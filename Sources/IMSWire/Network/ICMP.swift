// RFC 792 and RFC 4443, sections 2.1 and 3: errors quote the packet they speak of, from its IP header on.
//
//   type 1, code 1, checksum 2, four octets that depend on the type, the quoted packet
//
// Other types (echo, neighbour discovery, …) are counted.

import IMSBytes

enum ICMP {
  /// Of the quoted packet, when it is one of a transport that is read; else the packet is not decoded.
  static func decode(_ bytes: RawSpan, isV6: Bool, _ walk: inout Walk) -> Next {
    let number: UInt8 = isV6 ? 58 : 1
    guard bytes.byteCount >= 8, isError(bytes.u8(0), isV6: isV6) else { return .undecoded(.ipProtocol(number)) }
    let kind: TransportEvent.Kind =
      isV6 ? .icmpv6(type: bytes.u8(0), code: bytes.u8(1)) : .icmp(type: bytes.u8(0), code: bytes.u8(1))
    let quoted = bytes.suffix(from: 8)
    guard let event = isV6 ? quotedIPv6(quoted, kind) : quotedIPv4(quoted, kind) else {
      return .undecoded(.ipProtocol(number))
    }
    walk.layers.append(isV6 ? .icmpv6 : .icmp)
    walk.event = event
    return .event
  }

  private static func isError(_ type: UInt8, isV6: Bool) -> Bool {
    isV6 ? (1...4).contains(type) : type == 3 || type == 11 || type == 12
  }

  private static func quotedIPv4(_ bytes: RawSpan, _ kind: TransportEvent.Kind) -> TransportEvent? {
    guard bytes.byteCount >= 20, bytes.u8(0) >> 4 == 4, bytes.u16(6) & 0x1fff == 0 else { return nil }
    let header = Int(bytes.u8(0) & 15) * 4
    guard header >= 20 else { return nil }
    return event(
      kind, bytes, ports: header, protocol: bytes.u8(9), IPAddress(v4: bytes.u32(12)), IPAddress(v4: bytes.u32(16)))
  }

  private static func quotedIPv6(_ bytes: RawSpan, _ kind: TransportEvent.Kind) -> TransportEvent? {
    guard bytes.byteCount >= 40, bytes.u8(0) >> 4 == 6 else { return nil }
    var number = bytes.u8(6)
    var offset = 40
    for _ in 0..<8 where IPv6.isExtension(number) {
      guard offset + 8 <= bytes.byteCount else { return nil }
      // Behind the first fragment there are no ports.
      if number == 44, bytes.u16(offset + 2) & 0xfff8 != 0 { return nil }
      let length =
        number == 44 ? 8 : number == 51 ? (Int(bytes.u8(offset + 1)) + 2) * 4 : (Int(bytes.u8(offset + 1)) + 1) * 8
      number = bytes.u8(offset)
      offset += length
    }
    return event(
      kind, bytes, ports: offset, protocol: number, IPAddress(high: bytes.u64(8), low: bytes.u64(16)),
      IPAddress(high: bytes.u64(24), low: bytes.u64(32)))
  }

  private static func event(
    _ kind: TransportEvent.Kind, _ bytes: RawSpan, ports: Int, protocol number: UInt8, _ source: IPAddress,
    _ destination: IPAddress
  ) -> TransportEvent? {
    let transports: [UInt8: Transport] = [6: .tcp, 17: .udp, 132: .sctp]
    guard let transport = transports[number], ports + 4 <= bytes.byteCount else { return nil }
    return TransportEvent(
      kind, from: Endpoint(source, bytes.u16(ports)), to: Endpoint(destination, bytes.u16(ports + 2)), transport)
  }

  /// As IANA's registry of ICMP parameters names them.
  static func name(_ type: UInt8, _ code: UInt8) -> String {
    switch (type, code) {
    case (3, 0): "network unreachable"
    case (3, 1): "host unreachable"
    case (3, 2): "protocol unreachable"
    case (3, 3): "port unreachable"
    case (3, 4): "fragmentation needed"
    case (3, 9), (3, 10), (3, 13): "administratively prohibited"
    case (3, _): "destination unreachable (code \(code))"
    case (11, 0): "time to live exceeded"
    case (11, _): "fragment reassembly time exceeded"
    default: "parameter problem"
    }
  }

  static func nameV6(_ type: UInt8, _ code: UInt8) -> String {
    switch (type, code) {
    case (1, 0): "no route to destination"
    case (1, 1): "administratively prohibited"
    case (1, 3): "address unreachable"
    case (1, 4): "port unreachable"
    case (1, _): "destination unreachable (code \(code))"
    case (2, _): "packet too big"
    case (3, 0): "hop limit exceeded"
    case (3, _): "fragment reassembly time exceeded"
    default: "parameter problem"
    }
  }
}
