/// A message of DHCPv4 (RFC 2131) or DHCPv6 (RFC 8415) with the options it is given, in the order of the calls.
package struct DHCPBuilder: Sendable {
  /// 4 or 6.
  package var version: UInt8
  package var type: UInt8
  package var transaction: UInt32
  /// DHCPv4 only: `yiaddr`.
  package var address: HostAddress?
  private var options = ByteWriter()

  package init(version: UInt8, type: UInt8, transaction: UInt32, address: HostAddress? = nil) {
    self.version = version
    self.type = type
    self.transaction = transaction
    self.address = address
    if version == 4 { option(53, [type]) }
  }

  package mutating func option(_ code: UInt16, _ value: [UInt8]) {
    if version == 4 {
      options.u8(UInt8(code))
      options.u8(UInt8(value.count))
    } else {
      options.u16(code)
      options.u16(UInt16(value.count))
    }
    options.raw(value)
  }

  /// Asks for SIP servers: in the parameter request list, or the option request option.
  package mutating func askForSIPServers() {
    version == 4 ? option(55, [1, 3, 6, 120]) : option(6, [0, 21, 0, 22, 0, 23])
  }

  /// Option 120 with encoding 1, or option 22.
  package mutating func sipServers(_ addresses: [HostAddress]) {
    let list = addresses.flatMap(\.bytes)
    version == 4 ? option(120, [1] + list) : option(22, list)
  }

  /// Option 120 with encoding 0, or option 21.
  package mutating func sipServers(named names: [String]) {
    let list = names.flatMap(DNSBuilder.labels)
    version == 4 ? option(120, [0] + list) : option(21, list)
  }

  /// An identity association with one address (DHCPv6).
  package mutating func association(_ address: HostAddress) {
    var inner = ByteWriter()
    inner.u16(5)
    inner.u16(24)
    inner.raw(address.bytes)
    inner.u64(0x0000_0e10_0000_1c20)
    option(3, [0, 0, 0, 1] + [UInt8](repeating: 0, count: 8) + inner.bytes)
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    if version == 4 {
      let isRequest = [1, 3, 4, 7, 8].contains(type)
      writer.raw([isRequest ? 1 : 2, 1, 6, 0])
      writer.u32(transaction)
      writer.u32(0)
      writer.u32(0)
      writer.raw(address?.bytes ?? [0, 0, 0, 0])
      writer.raw([UInt8](repeating: 0, count: 236 - 20))
      writer.u32(0x6382_5363)
      writer.raw(options.bytes)
      writer.u8(255)
    } else {
      writer.u8(type)
      writer.u24(transaction)
      writer.raw(options.bytes)
    }
    return writer.bytes
  }
}
