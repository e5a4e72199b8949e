// What recorders write around the packets that they saw.

/// A packet of HEP version 3, or of version 2 without chunks.
package struct HEPBuilder: Sendable {
  package static let port: UInt16 = 9060

  package var source: HostPort
  package var destination: HostPort
  /// Protocol number of IP.
  package var transport: UInt8
  /// Nanoseconds since 1970; what is less than a microsecond is lost.
  package var time: Int64
  package var agent: UInt32
  /// 1: SIP.
  package var kind: UInt8 = 1
  package var correlation: String?
  package var payload: [UInt8]
  /// `payload` was packed by zlib.
  package var isPacked = false

  package init(
    from source: HostPort, to destination: HostPort, transport: UInt8 = UDPBuilder.number, time: Int64, agent: UInt32,
    payload: [UInt8]
  ) {
    self.source = source
    self.destination = destination
    self.transport = transport
    self.time = time
    self.agent = agent
    self.payload = payload
  }

  private var seconds: UInt32 { UInt32(truncatingIfNeeded: time / 1_000_000_000) }
  private var microseconds: UInt32 { UInt32(time % 1_000_000_000 / 1000) }

  package var bytes: [UInt8] {
    var chunks = ByteWriter()
    func chunk(_ type: UInt16, _ value: [UInt8], vendor: UInt16 = 0) {
      chunks.u16(vendor)
      chunks.u16(type)
      chunks.u16(UInt16(value.count + 6))
      chunks.raw(value)
    }
    chunk(1, [source.host.isIPv4 ? 2 : 10])
    chunk(2, [transport])
    chunk(source.host.isIPv4 ? 3 : 5, source.host.bytes)
    chunk(destination.host.isIPv4 ? 4 : 6, destination.host.bytes)
    chunk(7, Self.bytes(source.port))
    chunk(8, Self.bytes(destination.port))
    chunk(9, Self.bytes(seconds))
    chunk(10, Self.bytes(microseconds))
    chunk(11, [kind])
    chunk(12, Self.bytes(agent))
    chunk(14, Array("secret".utf8))
    chunk(3, [1, 2, 3, 4], vendor: 77)
    if let correlation { chunk(17, Array(correlation.utf8)) }
    chunk(isPacked ? 16 : 15, payload)
    var writer = ByteWriter()
    writer.raw(Array("HEP3".utf8))
    writer.u16(UInt16(chunks.bytes.count + 6))
    writer.raw(chunks.bytes)
    return writer.bytes
  }

  /// Numbers of the time header in the byte order of the agent's machine.
  package func version2(littleEndian: Bool) -> [UInt8] {
    var writer = ByteWriter()
    writer.raw([2, source.host.isIPv4 ? 16 : 40, source.host.isIPv4 ? 2 : 10, transport])
    writer.u16(source.port)
    writer.u16(destination.port)
    writer.raw(source.host.bytes + destination.host.bytes)
    for number in [Self.bytes(seconds), Self.bytes(microseconds), Self.bytes(UInt16(truncatingIfNeeded: agent))] {
      writer.raw(littleEndian ? number.reversed() : number)
    }
    writer.u16(0)
    writer.raw(payload)
    return writer.bytes
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    (0..<number.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}

extension CaptureEditor {
  /// What an agent at each capture point would send of its UDP and TCP packets with a payload: agent 2000 at the first.
  package var agents: [HEPBuilder] {
    records.compactMap { record in
      guard let packet = record.transport, !packet.payload.isEmpty else { return nil }
      var hep = HEPBuilder(
        from: packet.source, to: packet.destination, transport: packet.number, time: record.time,
        agent: UInt32(2000 + record.interface), payload: packet.payload)
      hep.kind = packet.isUDP ? 1 : 56
      hep.correlation = "call \(record.interface)"
      return hep
    }
  }
}

/// A record of LINKTYPE_WIRESHARK_UPPER_PDU.
package struct ExportedPDUBuilder: Sendable {
  package static let linkType: UInt32 = 252

  /// Of the dissector: "sip", "diameter", "ip".
  package var name: String
  package var source: HostPort
  package var destination: HostPort
  /// 1 SCTP, 2 TCP, 3 UDP.
  package var portKind: UInt32
  package var payload: [UInt8]

  package init(
    _ name: String, from source: HostPort, to destination: HostPort, portKind: UInt32 = 3, payload: [UInt8]
  ) {
    self.name = name
    self.source = source
    self.destination = destination
    self.portKind = portKind
    self.payload = payload
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    func tag(_ number: UInt16, _ value: [UInt8]) {
      writer.u16(number)
      writer.u16(UInt16(value.count))
      writer.raw(value)
    }
    let text = Array(name.utf8)
    tag(12, text + [UInt8](repeating: 0, count: (4 - text.count % 4) % 4))
    tag(source.host.isIPv4 ? 20 : 22, source.host.bytes)
    tag(destination.host.isIPv4 ? 21 : 23, destination.host.bytes)
    tag(24, [0, 0, 0, UInt8(portKind)])
    tag(25, [0, 0, UInt8(source.port >> 8), UInt8(source.port & 0xff)])
    tag(26, [0, 0, UInt8(destination.port >> 8), UInt8(destination.port & 0xff)])
    tag(0, [])
    writer.raw(payload)
    return writer.bytes
  }
}

/// A record of LINKTYPE_NFLOG around an IP packet, with the prefix of the rule and a mark.
package struct NFLOGBuilder: Sendable {
  package static let linkType: UInt32 = 239

  package var isLittleEndian: Bool
  package var packet: [UInt8]

  package init(isLittleEndian: Bool = true, packet: [UInt8]) {
    self.isLittleEndian = isLittleEndian
    self.packet = packet
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    func number(_ value: Int) { writer.u16(isLittleEndian ? UInt16(value).byteSwapped : UInt16(value)) }
    func attribute(_ type: Int, _ value: [UInt8]) {
      number(value.count + 4)
      number(type)
      writer.raw(value)
      writer.raw([UInt8](repeating: 0, count: (4 - value.count % 4) % 4))
    }
    writer.raw([packet.first.map { $0 >> 4 == 6 } ?? false ? 10 : 2, 0, 0, 5])
    attribute(1, [8, 0, 1, 0])
    attribute(10, Array("gm:\0".utf8))
    attribute(2, [0, 0, 0, 1])
    attribute(9, packet)
    return writer.bytes
  }
}

/// A record of LINKTYPE_PKTAP, as a little-endian machine writes it.
package struct PKTAPBuilder: Sendable {
  package static let linkType: UInt32 = 258

  package var linkType: UInt32
  package var name: String
  package var packet: [UInt8]

  package init(linkType: UInt32, name: String = "en0", packet: [UInt8]) {
    self.linkType = linkType
    self.name = name
    self.packet = packet
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    for number in [UInt32(108), 1, linkType] { writer.u32(number.byteSwapped) }
    let text = Array(name.utf8.prefix(24))
    writer.raw(text + [UInt8](repeating: 0, count: 108 - 12 - text.count))
    writer.raw(packet)
    return writer.bytes
  }
}
