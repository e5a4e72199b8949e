import IMSBytes
import IMSCapture
import IMSForge
import IMSMessages

extension FuzzTarget {
  /// One frame of any link type, seen at two capture points: all layers, tunnels and the readers of datagrams.
  package static let frames = FuzzTarget("frames", longest: 1600, seeds: FrameSeeds.make) { (bytes) throws(Complaint) in
    var script = Script(bytes)
    let linkType = FrameSeeds.linkTypes[Int(script.u8()) % FrameSeeds.linkTypes.count]
    let missing = Int(script.u8())
    let frame = script.rest()
    var reading = Reading()
    reading.feed(frame, linkType, interface: 0, missing: missing)
    reading.feed(frame, linkType, interface: 1, milliseconds: 1, missing: missing)
    reading.finish()
    if let complaint = reading.complaint { throw complaint }
    var once = Reading()
    once.feed(frame, linkType, interface: 0, missing: missing)
    once.finish()
    let (two, one) = (reading.reader.counts.messages, once.reader.counts.messages)
    var sieved = Reading(isSieved: true)
    sieved.feed(frame, linkType, interface: 0, missing: missing)
    sieved.finish()
    try require(sieved.account == once.account, "something is said of a frame that is held back")
    try require(two == one || !reading.isWithinPatience, "\(one) messages in a frame, \(two) in two copies of it")
  }
}

extension MessageReader.Counts {
  var messages: Int { sip + diameter + dns + gtp + dhcp }
}

/// Frames of the captures, in tunnels too, and of every link type.
private enum FrameSeeds {
  static let linkTypes: [LinkType] = LinkType.known + [LinkType(rawValue: 147)]

  static func seed(_ frame: [UInt8], _ linkType: LinkType = .ethernet, missing: UInt8 = 0) -> [UInt8] {
    [UInt8(linkTypes.firstIndex(of: linkType) ?? 0), missing] + frame
  }

  static func make(_ captures: [[UInt8]]) -> [[UInt8]] {
    let editors = captures.compactMap { try? CaptureEditor($0) }
    var seeds = editors.flatMap { editor in
      editor.records.prefix(40).filter { $0.linkType == 1 && $0.bytes.count < 1500 }.map { seed($0.bytes) }
    }
    let ends = (HostPort("10.0.0.1", 5060), HostPort("10.0.0.2", 5060))
    let sip = Array("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nFrom: <sip:a>\r\nCall-ID: 1\r\n\r\n".utf8)
    let frame = PacketBuilder.udp(from: ends.0, to: ends.1, identification: 7, payload: sip)
    let packet = Array(frame[14...])
    seeds += FrameWrapper.allCases.map { seed($0.wrap(frame)) }
    seeds += [LinkType.raw, .ipv4].map { seed(packet, $0) }
    seeds.append(seed([0, 0, 0, 2] + packet, .null))
    seeds.append(seed([0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0] + packet, .linuxCooked))
    seeds.append(
      seed([8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0] + packet, .linuxCooked2, missing: 9))
    seeds.append(seed([0x21] + packet, .ppp))
    seeds.append(seed([0xff, 3, 0, 0x21] + packet, .pppHDLC))
    seeds.append(seed(PKTAPBuilder(linkType: 1, packet: frame).bytes, .pktap))
    seeds.append(seed(NFLOGBuilder(packet: packet).bytes, .nflog))
    seeds += access(ends.0.host, ends.1.host) + recorded(ends, sip)
    return seeds
  }

  /// DNS, GTP-C, DHCP, ICMP errors and ESP.
  private static func access(_ one: HostAddress, _ other: HostAddress) -> [[UInt8]] {
    var gtp = GTPBuilder(version: 2, type: 33, teid: 7, sequence: 1)
    gtp.cause(16)
    gtp.tunnel(interface: 7, teid: 9, other, instance: 1)
    gtp.pco([(12, one.bytes), (13, other.bytes), (1, [])])
    var dhcp = DHCPBuilder(version: 4, type: 5, transaction: 9, address: one)
    dhcp.sipServers([other])
    var dhcp6 = DHCPBuilder(version: 6, type: 7, transaction: 9, address: "2001:db8::1")
    dhcp6.sipServers(named: ["pcscf.example.net"])
    let query = DNSBuilder.query("ims.example.net", type: DNSBuilder.typeNAPTR, identifier: 3)
    let icmp = ICMPBuilder(
      type: 3, code: 3,
      quoting: Array(PacketBuilder.udp(from: HostPort(one, 5060), to: HostPort(other, 5060), payload: [1])[14...])
    )
    let esp = ESPBuilder(
      spi: 77, sequence: 1,
      payload: UDPBuilder(from: HostPort(one, 5060), to: HostPort(other, 5060), payload: [65, 66]).bytes)
    func datagram(_ port: UInt16, _ payload: [UInt8]) -> [UInt8] {
      seed(PacketBuilder.udp(from: HostPort(one, port), to: HostPort(other, port), payload: payload))
    }
    return [
      datagram(53, query.bytes), datagram(53, query.answer([]).bytes), datagram(GTPBuilder.port, gtp.bytes),
      datagram(67, dhcp.bytes), datagram(547, dhcp6.bytes), datagram(4500, [0, 0, 0, 0, 1]),
      seed(PacketBuilder.frame(from: one, to: other, number: 1, payload: icmp.bytes(from: one, to: other))),
      seed(
        PacketBuilder.frame(
          from: one, to: other, number: ESPBuilder.number,
          payload: esp.bytes(check: [UInt8](repeating: 7, count: 12)))),
    ]
  }

  /// What agents of HEP and others wrote around a message.
  private static func recorded(_ ends: (HostPort, HostPort), _ sip: [UInt8]) -> [[UInt8]] {
    var hep = HEPBuilder(from: ends.0, to: ends.1, time: 1_000_000_000_000, agent: 5, payload: sip)
    hep.correlation = "call"
    let packets = [hep.bytes, hep.version2(littleEndian: true), hep.version2(littleEndian: false)]
    let port = HEPBuilder.port
    return packets.map {
      seed(PacketBuilder.udp(from: HostPort(ends.0.host, port), to: HostPort(ends.1.host, port), payload: $0))
    }
  }
}
