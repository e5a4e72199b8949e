/// One Ethernet frame with IPv4 or IPv6 and UDP or TCP, taken apart so that a test can change it; lengths and checksums
/// are made anew in `bytes`. Fragments, and packets that the capture cut, are not taken apart.
package struct PacketEditor: Sendable {
  /// Link header and VLAN tags, up to the IP header.
  package private(set) var link: [UInt8]
  /// The IP header with options or extension headers; addresses and lengths are set in `bytes`.
  private var network: [UInt8]
  private var transport: [UInt8]
  private var trailer: [UInt8]
  package let number: UInt8
  package var source: HostPort
  package var destination: HostPort
  package var payload: [UInt8]

  /// Nil when the frame is none of these.
  package init?(_ frame: [UInt8]) {
    guard let start = Self.networkStart(frame) else { return nil }
    let isIPv4 = frame[start] >> 4 == 4
    let length = isIPv4 ? Int(frame[start] & 15) * 4 : 40
    guard frame.count >= start + length, isIPv4 || frame[start] >> 4 == 6 else { return nil }
    let total = Self.u16(frame, start + (isIPv4 ? 2 : 4)) + (isIPv4 ? 0 : 40)
    number = frame[start + (isIPv4 ? 9 : 6)]
    let first = start + length
    let end = start + total
    guard end <= frame.count, !isIPv4 || Self.u16(frame, start + 6) & 0x3fff == 0 else { return nil }
    let header: Int
    switch number {
    case UDPBuilder.number: header = 8
    case TCPBuilder.number: header = end >= first + 20 ? Int(frame[first + 12] >> 4) * 4 : 20
    default: return nil
    }
    guard first + header <= end else { return nil }
    link = Array(frame[0..<start])
    network = Array(frame[start..<first])
    transport = Array(frame[first..<first + header])
    payload = Array(frame[first + header..<end])
    trailer = Array(frame[end...])
    let size = isIPv4 ? 4 : 16
    let address = start + (isIPv4 ? 12 : 8)
    source = HostPort(HostAddress(Array(frame[address..<address + size])), UInt16(Self.u16(frame, first)))
    destination = HostPort(
      HostAddress(Array(frame[address + size..<address + 2 * size])), UInt16(Self.u16(frame, first + 2)))
  }

  package var isUDP: Bool { number == UDPBuilder.number }

  package var bytes: [UInt8] {
    var segment = transport
    Self.put(Int(source.port), at: 0, in: &segment)
    Self.put(Int(destination.port), at: 2, in: &segment)
    if isUDP { Self.put(payload.count + 8, at: 4, in: &segment) }
    let field = isUDP ? 6 : 16
    Self.put(0, at: field, in: &segment)
    segment += payload
    let sum = Checksum.transport(from: source.host, to: destination.host, number: number, segment: segment)
    Self.put(isUDP && sum == 0 ? 0xffff : Int(sum), at: field, in: &segment)
    return link + header(carrying: segment.count) + segment + trailer
  }

  private func header(carrying length: Int) -> [UInt8] {
    var header = network
    if network[0] >> 4 == 4 {
      header.replaceSubrange(12..<20, with: source.host.bytes + destination.host.bytes)
      Self.put(header.count + length, at: 2, in: &header)
      Self.put(0, at: 10, in: &header)
      Self.put(Int(Checksum.of(header)), at: 10, in: &header)
    } else {
      header.replaceSubrange(8..<40, with: source.host.bytes + destination.host.bytes)
      Self.put(length, at: 4, in: &header)
    }
    return header
  }

  /// The offset of the IP header behind Ethernet and VLAN tags.
  private static func networkStart(_ frame: [UInt8]) -> Int? {
    var offset = 12
    while offset + 2 <= frame.count {
      switch u16(frame, offset) {
      case 0x8100, 0x88a8, 0x9100: offset += 4
      case 0x0800 where frame.count >= offset + 22, 0x86dd where frame.count >= offset + 42: return offset + 2
      default: return nil
      }
    }
    return nil
  }

  private static func u16(_ bytes: [UInt8], _ offset: Int) -> Int { Int(bytes[offset]) << 8 | Int(bytes[offset + 1]) }

  private static func put(_ value: Int, at offset: Int, in bytes: inout [UInt8]) {
    bytes[offset] = UInt8(value >> 8 & 0xff)
    bytes[offset + 1] = UInt8(value & 0xff)
  }
}

extension CaptureRecord {
  /// The payload of the IPv4 packet in an Ethernet frame, nil for anything else. A fragment gives its piece.
  package var ipv4Payload: [UInt8]? {
    guard linkType == 1, bytes.count >= 34, bytes[12] == 0x08, bytes[13] == 0x00 else { return nil }
    let start = 14 + Int(bytes[14] & 15) * 4
    let end = min(14 + (Int(bytes[16]) << 8 | Int(bytes[17])), bytes.count)
    return start <= end ? Array(bytes[start..<end]) : nil
  }

  /// Source, destination and payload of a UDP or TCP packet.
  package var transport: PacketEditor? { linkType == 1 ? PacketEditor(bytes) : nil }
}

extension CaptureEditor {
  /// Changes UDP and TCP packets that can be taken apart; returns how many changed.
  @discardableResult
  package mutating func editPackets(_ change: (inout PacketEditor) -> Void) -> Int {
    var changed = 0
    mapBytes { bytes in
      guard var packet = PacketEditor(bytes) else { return nil }
      let before = (packet.source, packet.destination, packet.payload)
      change(&packet)
      guard before != (packet.source, packet.destination, packet.payload) else { return nil }
      changed += 1
      return packet.bytes
    }
    return changed
  }

  /// In both directions. Addresses of one family are replaced by addresses of the same family.
  @discardableResult
  package mutating func replaceAddresses(_ map: [HostAddress: HostAddress]) -> Int {
    editPackets { packet in
      if let new = map[packet.source.host] { packet.source.host = new }
      if let new = map[packet.destination.host] { packet.destination.host = new }
    }
  }

  @discardableResult
  package mutating func replacePorts(_ map: [UInt16: UInt16], of host: HostAddress? = nil) -> Int {
    editPackets { packet in
      if host == nil || packet.source.host == host, let new = map[packet.source.port] { packet.source.port = new }
      if host == nil || packet.destination.host == host, let new = map[packet.destination.port] {
        packet.destination.port = new
      }
    }
  }

  /// Every occurrence in UDP payloads, where lengths may differ, and in TCP payloads, where they must be equal. Only
  /// within one packet: a text that a segment boundary divides stays.
  @discardableResult
  package mutating func replace(
    _ old: [UInt8], with new: [UInt8], where predicate: (PacketEditor) -> Bool = { _ in true }
  ) -> Int {
    precondition(!old.isEmpty, "nothing to look for")
    return editPackets { packet in
      guard predicate(packet) else { return }
      let replaced = packet.payload.replacing(old, with: new)
      precondition(packet.isUDP || replaced.count == packet.payload.count, "TCP payloads keep their length")
      packet.payload = replaced
    }
  }

  @discardableResult
  package mutating func replace(
    _ old: String, with new: String, where predicate: (PacketEditor) -> Bool = { _ in true }
  ) -> Int {
    replace(Array(old.utf8), with: Array(new.utf8), where: predicate)
  }
}

extension [UInt8] {
  fileprivate func replacing(_ old: [UInt8], with new: [UInt8]) -> [UInt8] {
    guard count >= old.count else { return self }
    var result: [UInt8] = []
    var offset = 0
    while offset < count {
      if self[offset] == old[0], offset + old.count <= count, self[offset..<offset + old.count].elementsEqual(old) {
        result += new
        offset += old.count
      } else {
        result.append(self[offset])
        offset += 1
      }
    }
    return result
  }
}
