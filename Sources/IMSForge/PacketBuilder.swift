// Values that become packets: each has the fields of its header and `bytes`. What a builder is not told it fills with
// what an ordinary stack would send; checksums and lengths are right unless a test writes over the bytes.

/// An Ethernet II frame, with VLAN tags when asked.
package struct EthernetBuilder: Sendable {
  package var destination: [UInt8]
  package var source: [UInt8]
  /// VLAN identifiers, outermost first: one is an 802.1Q tag, two are QinQ.
  package var vlans: [UInt16] = []
  package var type: UInt16
  package var payload: [UInt8]

  package init(
    from source: [UInt8] = [2, 0, 0, 0, 0, 1], to destination: [UInt8] = [2, 0, 0, 0, 0, 2], vlans: [UInt16] = [],
    type: UInt16, payload: [UInt8]
  ) {
    self.source = source
    self.destination = destination
    self.vlans = vlans
    self.type = type
    self.payload = payload
  }

  /// Around an IP packet, whose version gives the type and whose addresses give the link addresses.
  package init(ip packet: [UInt8], vlans: [UInt16] = []) {
    let isIPv4 = packet.first.map { $0 >> 4 == 4 } ?? true
    let first = isIPv4 ? 12 : 8
    let length = isIPv4 ? 4 : 16
    self.init(
      from: HostAddress(Array(packet[first..<first + length])).linkAddress,
      to: HostAddress(Array(packet[first + length..<first + 2 * length])).linkAddress,
      vlans: vlans, type: isIPv4 ? 0x0800 : 0x86dd, payload: packet)
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.raw(destination)
    writer.raw(source)
    for (index, vlan) in vlans.enumerated() {
      writer.u16(index + 1 < vlans.count ? 0x88a8 : 0x8100)
      writer.u16(vlan)
    }
    writer.u16(type)
    writer.raw(payload)
    return writer.bytes
  }
}

/// An IPv4 packet without options.
package struct IPv4Builder: Sendable {
  package var source: HostAddress
  package var destination: HostAddress
  package var protocolNumber: UInt8
  package var identification: UInt16
  package var timeToLive: UInt8
  package var dontFragment: Bool
  package var payload: [UInt8]

  package init(
    from source: HostAddress, to destination: HostAddress, protocolNumber: UInt8, identification: UInt16 = 0,
    timeToLive: UInt8 = 64, dontFragment: Bool = false, payload: [UInt8]
  ) {
    self.source = source
    self.destination = destination
    self.protocolNumber = protocolNumber
    self.identification = identification
    self.timeToLive = timeToLive
    self.dontFragment = dontFragment
    self.payload = payload
  }

  package var bytes: [UInt8] { packet(payload[...], offset: 0, more: false) }

  /// The packet in pieces of at most `mtu` bytes, in order; one piece when it fits.
  package func fragments(mtu: Int) -> [[UInt8]] {
    let size = (mtu - 20) / 8 * 8
    precondition(size > 0, "an MTU below 28 carries nothing")
    guard payload.count + 20 > mtu else { return [bytes] }
    return stride(from: 0, to: payload.count, by: size).map { start in
      let end = min(start + size, payload.count)
      return packet(payload[start..<end], offset: start, more: end < payload.count)
    }
  }

  private func packet(_ piece: ArraySlice<UInt8>, offset: Int, more: Bool) -> [UInt8] {
    var header = ByteWriter()
    header.u16(0x4500)
    header.u16(UInt16(piece.count + 20))
    header.u16(identification)
    header.u16((dontFragment ? 0x4000 : 0) | (more ? 0x2000 : 0) | UInt16(offset / 8))
    header.u8(timeToLive)
    header.u8(protocolNumber)
    header.u16(0)
    header.raw(source.bytes)
    header.raw(destination.bytes)
    var bytes = header.bytes
    let checksum = Checksum.of(bytes)
    bytes[10] = UInt8(checksum >> 8)
    bytes[11] = UInt8(checksum & 0xff)
    return bytes + piece
  }
}

/// An IPv6 packet without extension headers, or in fragments with the Fragment header.
package struct IPv6Builder: Sendable {
  package var source: HostAddress
  package var destination: HostAddress
  package var nextHeader: UInt8
  package var hopLimit: UInt8
  package var payload: [UInt8]

  package init(
    from source: HostAddress, to destination: HostAddress, nextHeader: UInt8, hopLimit: UInt8 = 64, payload: [UInt8]
  ) {
    self.source = source
    self.destination = destination
    self.nextHeader = nextHeader
    self.hopLimit = hopLimit
    self.payload = payload
  }

  package var bytes: [UInt8] { header(nextHeader, length: payload.count) + payload }

  package func fragments(mtu: Int, identification: UInt32) -> [[UInt8]] {
    let size = (mtu - 48) / 8 * 8
    precondition(size > 0, "an MTU below 56 carries nothing")
    guard payload.count + 40 > mtu else { return [bytes] }
    return stride(from: 0, to: payload.count, by: size).map { start in
      let end = min(start + size, payload.count)
      var piece = ByteWriter()
      piece.u8(nextHeader)
      piece.u8(0)
      piece.u16(UInt16(start) | (end < payload.count ? 1 : 0))
      piece.u32(identification)
      piece.raw(payload[start..<end])
      return header(44, length: piece.bytes.count) + piece.bytes
    }
  }

  private func header(_ next: UInt8, length: Int) -> [UInt8] {
    var header = ByteWriter()
    header.u32(0x6000_0000)
    header.u16(UInt16(length))
    header.u8(next)
    header.u8(hopLimit)
    header.raw(source.bytes)
    header.raw(destination.bytes)
    return header.bytes
  }
}
