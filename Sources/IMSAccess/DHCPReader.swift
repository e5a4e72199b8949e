internal import IMSBytes

/// Walks the options of a DHCP message.
struct DHCPReader {
  static let cookie: UInt32 = 0x6382_5363

  private(set) var type: UInt8 = 0
  private(set) var transaction: UInt32 = 0
  private(set) var address: NodeAddress?
  private(set) var asks = false
  private(set) var servers: [DHCPMessage.Server] = []
  private(set) var issues: [DecodeIssue] = []

  // MARK: version 4

  init(version4 bytes: RawSpan) throws(DecodeIssue) {
    guard bytes.byteCount >= 240 else { throw DecodeIssue("DHCP", "header cut short", at: bytes.byteCount) }
    guard bytes.u32(236) == DHCPReader.cookie else { throw DecodeIssue("DHCP", "no magic cookie", at: 236) }
    transaction = bytes.u32(4)
    // yiaddr, which the server gives; else ciaddr, which the client has.
    address = [16, 12].map { NodeAddress.ipv4(bytes.u32($0)) }.first { !$0.isUnspecified }
    var proxies: [UInt8] = []
    var overload: UInt8 = 0
    options(bytes, from: 240, to: bytes.byteCount, &proxies, &overload)
    // RFC 2132 §9.3: options may go on in the fields for file and server name.
    if overload & 1 != 0 { options(bytes, from: 108, to: 236, &proxies, &overload) }
    if overload & 2 != 0 { options(bytes, from: 44, to: 108, &proxies, &overload) }
    if !proxies.isEmpty { readProxies(proxies.span.bytes) }
  }

  /// An option that is there several times is one (RFC 3396).
  private mutating func options(
    _ bytes: RawSpan, from start: Int, to end: Int, _ proxies: inout [UInt8], _ overload: inout UInt8
  ) {
    var offset = start
    while offset < end {
      let code = bytes.u8(offset)
      if code == 255 { return }
      if code == 0 {
        offset += 1
        continue
      }
      guard offset + 2 <= end, offset + 2 + Int(bytes.u8(offset + 1)) <= end else {
        issues.append(DecodeIssue("DHCP", "option \(code) cut short", at: offset))
        return
      }
      let value = bytes.extracting(offset + 2..<offset + 2 + Int(bytes.u8(offset + 1)))
      switch code {
      case 52 where value.byteCount == 1: overload = value.u8(0)
      case 53 where value.byteCount == 1: type = value.u8(0)
      case 55: asks = asks || value.array.contains(120)
      case 120: proxies += value.array
      default: break
      }
      offset += 2 + value.byteCount
    }
  }

  /// RFC 3361 §3: encoding 0 is a list of names, 1 a list of IPv4 addresses.
  private mutating func readProxies(_ value: RawSpan) {
    let list = value.suffix(from: 1)
    switch value.u8(0) {
    case 0: readNames(list)
    case 1:
      servers = NodeAddress.list(list, size: 4).map { .address($0) }
      if list.byteCount % 4 != 0 { issues.append(DecodeIssue("DHCP", "SIP servers cut short", at: list.byteCount)) }
    default: issues.append(DecodeIssue("DHCP", "SIP servers in an unknown encoding", at: 0))
    }
  }

  /// Names in the form of DNS, one behind the other.
  private mutating func readNames(_ list: RawSpan) {
    var offset = 0
    while offset < list.byteCount {
      do throws(DecodeIssue) {
        servers.append(.name(try DNSReader.name(list, at: &offset, end: list.byteCount)))
      } catch {
        issues.append(DecodeIssue("DHCP", "SIP server: \(error.reason)", at: error.offset))
        return
      }
    }
  }

  // MARK: version 6

  init(version6 bytes: RawSpan) throws(DecodeIssue) {
    guard bytes.byteCount >= 4 else { throw DecodeIssue("DHCPv6", "header cut short", at: bytes.byteCount) }
    type = bytes.u8(0)
    transaction = bytes.u24(1)
    options6(bytes.suffix(from: 4), isNested: false)
  }

  private mutating func options6(_ bytes: RawSpan, isNested: Bool) {
    var offset = 0
    while offset < bytes.byteCount {
      guard offset + 4 <= bytes.byteCount, offset + 4 + Int(bytes.u16(offset + 2)) <= bytes.byteCount else {
        issues.append(DecodeIssue("DHCPv6", "option cut short", at: offset))
        return
      }
      let value = bytes.extracting(offset + 4..<offset + 4 + Int(bytes.u16(offset + 2)))
      switch (bytes.u16(offset), isNested) {
      // Identity association (§21.4): IAID, T1, T2, then options, the address among them (§21.6).
      case (3, false) where value.byteCount >= 12: options6(value.suffix(from: 12), isNested: true)
      case (5, true) where value.byteCount >= 16:
        if address == nil { address = NodeAddress.list(value.extracting(0..<16), size: 16)[0] }
      case (6, false):
        asks = asks || stride(from: 0, to: value.byteCount - 1, by: 2).contains { [21, 22].contains(value.u16($0)) }
      case (21, false): readNames(value)
      case (22, false): servers += NodeAddress.list(value, size: 16).map { .address($0) }
      default: break
      }
      offset += 4 + value.byteCount
    }
  }
}
