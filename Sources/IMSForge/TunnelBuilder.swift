// What packets and frames are put into on their way: each value has the fields of its header and `bytes`.

/// RFC 2784 and RFC 2890.
package struct GREBuilder: Sendable {
  package static let number: UInt8 = 47
  package static let transparentEthernet: UInt16 = 0x6558

  package var type: UInt16
  package var key: UInt32?
  package var sequence: UInt32?
  package var hasChecksum: Bool
  package var payload: [UInt8]

  package init(
    type: UInt16, key: UInt32? = nil, sequence: UInt32? = nil, hasChecksum: Bool = false, payload: [UInt8]
  ) {
    self.type = type
    self.key = key
    self.sequence = sequence
    self.hasChecksum = hasChecksum
    self.payload = payload
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u16((hasChecksum ? 0x8000 : 0) | (key == nil ? 0 : 0x2000) | (sequence == nil ? 0 : 0x1000))
    writer.u16(type)
    if hasChecksum { writer.u32(0) }
    if let key { writer.u32(key) }
    if let sequence { writer.u32(sequence) }
    writer.raw(payload)
    var bytes = writer.bytes
    if hasChecksum {
      let sum = Checksum.of(bytes)
      bytes[4] = UInt8(sum >> 8)
      bytes[5] = UInt8(sum & 0xff)
    }
    return bytes
  }
}

/// A mirrored Ethernet frame (draft-foschiano-erspan), with GRE around it.
package struct ERSPANBuilder: Sendable {
  package enum Kind: Sendable { case type1, type2, type3 }

  package var kind: Kind
  package var session: UInt16
  package var sequence: UInt32
  /// Type III: the eight octets of a platform follow the header.
  package var hasSubheader: Bool
  package var frame: [UInt8]

  package init(
    _ kind: Kind, session: UInt16 = 1, sequence: UInt32 = 1, hasSubheader: Bool = false, frame: [UInt8]
  ) {
    self.kind = kind
    self.session = session
    self.sequence = sequence
    self.hasSubheader = hasSubheader
    self.frame = frame
  }

  package var bytes: [UInt8] {
    var header = ByteWriter()
    switch kind {
    case .type1: return GREBuilder(type: 0x88be, payload: frame).bytes
    case .type2:
      header.u16(0x1000)
      header.u16(session & 0x3ff)
      header.u32(0)
      return GREBuilder(type: 0x88be, sequence: sequence, payload: header.bytes + frame).bytes
    case .type3:
      header.u16(0x2000)
      header.u16(session & 0x3ff)
      header.u32(0)
      header.u16(0)
      header.u16(hasSubheader ? 1 : 0)
      if hasSubheader { header.u64(0) }
      return GREBuilder(type: 0x22eb, sequence: sequence, payload: header.bytes + frame).bytes
    }
  }
}

/// RFC 7348.
package struct VXLANBuilder: Sendable {
  package static let port: UInt16 = 4789

  package var network: UInt32
  /// A group policy.
  package var group: UInt16?
  package var frame: [UInt8]

  package init(network: UInt32, group: UInt16? = nil, frame: [UInt8]) {
    self.network = network
    self.group = group
    self.frame = frame
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u16(group == nil ? 0x0800 : 0x8800)
    writer.u16(group ?? 0)
    writer.u24(network)
    writer.u8(0)
    writer.raw(frame)
    return writer.bytes
  }
}

/// RFC 8926.
package struct GeneveBuilder: Sendable {
  package static let port: UInt16 = 6081

  package var network: UInt32
  package var type: UInt16
  /// Whole options, a multiple of four octets.
  package var options: [UInt8] = []
  package var payload: [UInt8]

  package init(network: UInt32, type: UInt16 = GREBuilder.transparentEthernet, payload: [UInt8]) {
    self.network = network
    self.type = type
    self.payload = payload
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u8(UInt8(options.count / 4))
    writer.u8(0)
    writer.u16(type)
    writer.u24(network)
    writer.u8(0)
    writer.raw(options)
    writer.raw(payload)
    return writer.bytes
  }
}

/// RFC 3032; with a control word, an Ethernet pseudowire (RFC 4448).
package struct MPLSBuilder: Sendable {
  package static let type: UInt16 = 0x8847

  package var labels: [UInt32]
  package var hasControlWord: Bool
  package var payload: [UInt8]

  package init(labels: [UInt32], hasControlWord: Bool = false, payload: [UInt8]) {
    self.labels = labels
    self.hasControlWord = hasControlWord
    self.payload = payload
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    for (index, label) in labels.enumerated() {
      writer.u32(label << 12 | (index + 1 == labels.count ? 0x100 : 0) | 64)
    }
    if hasControlWord { writer.u32(0) }
    writer.raw(payload)
    return writer.bytes
  }
}

/// The session stage of RFC 2516 around an IP packet.
package struct PPPoEBuilder: Sendable {
  package static let type: UInt16 = 0x8864

  package var session: UInt16
  package var protocolNumber: UInt16
  package var payload: [UInt8]

  package init(session: UInt16, protocolNumber: UInt16, payload: [UInt8]) {
    self.session = session
    self.protocolNumber = protocolNumber
    self.payload = payload
  }

  package init(session: UInt16, ip packet: [UInt8]) {
    let isIPv4 = packet.first.map { $0 >> 4 == 4 } ?? true
    self.init(session: session, protocolNumber: isIPv4 ? 0x0021 : 0x0057, payload: packet)
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u16(0x1100)
    writer.u16(session)
    writer.u16(UInt16(payload.count + 2))
    writer.u16(protocolNumber)
    writer.raw(payload)
    return writer.bytes
  }
}

/// A frame that a sensor sends on, with one field.
package struct TZSPBuilder: Sendable {
  package static let port: UInt16 = 37008

  package var frame: [UInt8]

  package init(frame: [UInt8]) { self.frame = frame }

  package var bytes: [UInt8] { [1, 0, 0, 1, 0, 10, 1, 0x2a, 1] + frame }
}
