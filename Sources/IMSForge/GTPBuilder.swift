/// A message of GTP-C of either version, put together from information elements in the order of the calls.
package struct GTPBuilder: Sendable {
  package static let port: UInt16 = 2123

  /// 1 or 2.
  package var version: UInt8
  package var type: UInt8
  package var teid: UInt32
  package var sequence: UInt32
  private var elements = ByteWriter()

  package init(version: UInt8, type: UInt8, teid: UInt32, sequence: UInt32) {
    self.version = version
    self.type = type
    self.teid = teid
    self.sequence = sequence
  }

  /// Version 1: a type under 128 has a fixed length and no length field.
  package mutating func element(_ type: UInt8, _ value: some Collection<UInt8>, instance: UInt8 = 0) {
    elements.u8(type)
    if version == 2 {
      elements.u16(UInt16(value.count))
      elements.u8(instance)
    } else if type >= 128 {
      elements.u16(UInt16(value.count))
    }
    elements.raw(value)
  }

  package mutating func cause(_ number: UInt8) { version == 1 ? element(1, [number]) : element(2, [number, 0]) }
  package mutating func imsi(_ digits: String) { element(version == 1 ? 2 : 1, Self.telephonyBCD(digits, count: 8)) }
  package mutating func apn(_ name: String) { element(version == 1 ? 131 : 71, DNSBuilder.labels(name).dropLast()) }

  package mutating func msisdn(_ digits: String) {
    let number = Self.telephonyBCD(digits, count: (digits.utf8.count + 1) / 2)
    version == 1 ? element(134, [0x91] + number) : element(76, number)
  }

  /// End User Address or PDN Address Allocation; no address asks for a dynamic IPv4 one.
  package mutating func address(_ address: HostAddress?) {
    let bytes = address?.bytes ?? []
    if version == 1 {
      element(128, [0xf1, bytes.count == 16 ? 0x57 : 0x21] + bytes)
    } else {
      element(79, bytes.count == 16 ? [2, 64] + bytes : [1] + (bytes.isEmpty ? [0, 0, 0, 0] : bytes))
    }
  }

  /// Version 1: TEIDs of control and user plane, later the GSN addresses.
  package mutating func tunnel(control: UInt32, user: UInt32) {
    for (type, teid) in [(16, user), (17, control)] as [(UInt8, UInt32)] { element(type, Self.word(teid)) }
  }

  package mutating func gsn(_ address: HostAddress) {
    element(133, address.bytes)
    element(133, address.bytes)
  }

  /// Version 2: an F-TEID with an IPv4 or IPv6 address.
  package mutating func tunnel(interface: UInt8, teid: UInt32, _ address: HostAddress, instance: UInt8 = 0) {
    element(
      87, [(address.isIPv4 ? 0x80 : 0x40) | interface] + Self.word(teid) + address.bytes, instance: instance)
  }

  /// Protocol Configuration Options: identifiers with their contents.
  package mutating func pco(_ items: [(identifier: UInt16, contents: [UInt8])]) {
    element(version == 1 ? 132 : 78, Self.options(items))
  }

  package static func options(_ items: [(identifier: UInt16, contents: [UInt8])]) -> [UInt8] {
    var writer = ByteWriter()
    writer.u8(0x80)
    for item in items {
      writer.u16(item.identifier)
      writer.u8(UInt8(item.contents.count))
      writer.raw(item.contents)
    }
    return writer.bytes
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    let body = elements.bytes
    writer.u8(version == 1 ? 0x32 : 0x48)
    writer.u8(type)
    writer.u16(UInt16(body.count + (version == 1 ? 4 : 8)))
    writer.u32(teid)
    if version == 1 {
      writer.u16(UInt16(truncatingIfNeeded: sequence))
      writer.u16(0)
    } else {
      writer.u24(sequence)
      writer.u8(0)
    }
    writer.raw(body)
    return writer.bytes
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    var writer = ByteWriter()
    writer.u32(value)
    return writer.bytes
  }

  /// Two digits an octet, the first one low, filled with f.
  static func telephonyBCD(_ digits: String, count: Int) -> [UInt8] {
    var halves = digits.utf8.map { $0 & 15 }
    halves += Array(repeating: 15, count: max(0, 2 * count - halves.count))
    return (0..<count).map { halves[2 * $0] | halves[2 * $0 + 1] << 4 }
  }
}
