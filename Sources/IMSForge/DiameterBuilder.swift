/// One AVP (RFC 6733 §4.1): flags V and M as its dictionary entry asks, unless given.
package struct AVPBuilder: Hashable, Sendable {
  package static let vendor3GPP: UInt32 = 10415

  package var code: UInt32
  package var vendor: UInt32
  /// 0x80 V, 0x40 M, 0x20 P.
  package var flags: UInt8
  package var data: [UInt8]

  package init(_ code: UInt32, vendor: UInt32 = 0, flags: UInt8? = nil, data: [UInt8]) {
    self.code = code
    self.vendor = vendor
    self.flags = flags ?? (vendor == 0 ? 0x40 : 0xc0)
    self.data = data
  }

  package init(_ code: UInt32, vendor: UInt32 = 0, flags: UInt8? = nil, text: String) {
    self.init(code, vendor: vendor, flags: flags, data: Array(text.utf8))
  }

  package init(_ code: UInt32, vendor: UInt32 = 0, flags: UInt8? = nil, number: UInt32) {
    var writer = ByteWriter()
    writer.u32(number)
    self.init(code, vendor: vendor, flags: flags, data: writer.bytes)
  }

  package init(_ code: UInt32, vendor: UInt32 = 0, flags: UInt8? = nil, group: [AVPBuilder]) {
    self.init(code, vendor: vendor, flags: flags, data: group.flatMap(\.bytes))
  }

  /// The header's length field leaves the padding out.
  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u32(code)
    writer.u8(flags)
    writer.u24(UInt32(data.count + (flags & 0x80 != 0 ? 12 : 8)))
    if flags & 0x80 != 0 { writer.u32(vendor) }
    writer.raw(data)
    writer.raw(repeatElement(0, count: (4 - data.count % 4) % 4))
    return writer.bytes
  }
}

/// One Diameter message (RFC 6733 §3).
package struct DiameterBuilder: Hashable, Sendable {
  package static let request: UInt8 = 0x80
  package static let proxiable: UInt8 = 0x40
  package static let error: UInt8 = 0x20
  package static let retransmitted: UInt8 = 0x10

  package var flags: UInt8
  package var command: UInt32
  package var application: UInt32
  package var hopByHop: UInt32
  package var endToEnd: UInt32
  package var avps: [AVPBuilder]

  package init(
    command: UInt32, flags: UInt8, application: UInt32 = 16_777_216, hopByHop: UInt32, endToEnd: UInt32,
    avps: [AVPBuilder] = []
  ) {
    self.command = command
    self.flags = flags
    self.application = application
    self.hopByHop = hopByHop
    self.endToEnd = endToEnd
    self.avps = avps
  }

  package var isRequest: Bool { flags & Self.request != 0 }

  package var bytes: [UInt8] {
    var body = ByteWriter()
    for avp in avps { body.raw(avp.bytes) }
    var writer = ByteWriter()
    writer.u8(1)
    writer.u24(UInt32(body.bytes.count + 20))
    writer.u8(flags)
    writer.u24(command)
    writer.u32(application)
    writer.u32(hopByHop)
    writer.u32(endToEnd)
    writer.raw(body.bytes)
    return writer.bytes
  }

  package func first(_ code: UInt32, vendor: UInt32 = 0) -> AVPBuilder? {
    avps.first { $0.code == code && $0.vendor == vendor }
  }

  package mutating func remove(_ code: UInt32, vendor: UInt32) {
    avps.removeAll { $0.code == code && $0.vendor == vendor }
  }
}
