// TS 24.008, section 10.5.6.3.
//
//   octet 1   extension 1 bit, spare 4 bits, configuration protocol 3 bits (0: PPP for IP)
//   items     identifier 2, length 1 (some of the extended form 2), contents
//
// Empty contents ask, others answer; an answer repeats an identifier for each further address, in order of preference.

package import IMSBytes

/// Protocol Configuration Options: what the UE asks of the gateway, and what it is told, above all its P-CSCF.
package struct PCO: Sendable, Hashable {
  package private(set) var asksForPCSCF: Families = []
  /// P-CSCF addresses in the order of preference.
  package private(set) var pcscf: [NodeAddress] = []
  package private(set) var asksForDNS: Families = []
  /// Name servers: of the containers, then of IPCP.
  package private(set) var dns: [NodeAddress] = []
  /// IM CN Subsystem Signalling Flag: the bearer is for signalling of the IMS alone, or shall be.
  package private(set) var hasIMSignallingFlag = false
  /// What ended the reading; everything before it was understood.
  package private(set) var issues: [DecodeIssue] = []

  package struct Families: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let ipv4 = Families(rawValue: 1)
    package static let ipv6 = Families(rawValue: 2)
  }

  /// Of the extended form these items have a length of two octets when the network sends them: QoS rules, QoS flow
  /// descriptions, ATSSS response, DNS server security information, service-level-AA container.
  private static let long: Set<UInt16> = [0x23, 0x24, 0x30, 0x31, 0x41]

  /// - Parameters:
  ///   - isExtended: Extended Protocol Configuration Options (§10.5.6.3A).
  ///   - fromNetwork: in an answer.
  package init(parsing bytes: RawSpan, isExtended: Bool = false, fromNetwork: Bool) {
    var nameServers: [NodeAddress] = []
    do throws(DecodeIssue) {
      try items(bytes, isExtended && fromNetwork ? PCO.long : [], &nameServers)
    } catch {
      issues.append(error)
    }
    for address in nameServers where !address.isUnspecified && !dns.contains(address) { dns.append(address) }
  }

  private mutating func items(
    _ bytes: RawSpan, _ long: Set<UInt16>, _ nameServers: inout [NodeAddress]
  ) throws(DecodeIssue) {
    guard bytes.byteCount >= 1 else { throw DecodeIssue("PCO", "empty", at: 0) }
    var offset = 1
    while offset < bytes.byteCount {
      guard offset + 3 <= bytes.byteCount else { throw DecodeIssue("PCO", "item cut short", at: offset) }
      let identifier = bytes.u16(offset)
      let isLong = long.contains(identifier)
      guard !isLong || offset + 4 <= bytes.byteCount else { throw DecodeIssue("PCO", "item cut short", at: offset) }
      let length = isLong ? Int(bytes.u16(offset + 2)) : Int(bytes.u8(offset + 2))
      let start = offset + (isLong ? 4 : 3)
      guard start + length <= bytes.byteCount else { throw DecodeIssue("PCO", "contents cut short", at: start) }
      read(identifier, bytes.extracting(start..<start + length), start, &nameServers)
      offset = start + length
    }
  }

  private mutating func read(_ identifier: UInt16, _ contents: RawSpan, _ offset: Int, _ ipcp: inout [NodeAddress]) {
    switch identifier {
    case 0x0001: PCO.add(contents, 16, .ipv6, offset, &asksForPCSCF, &pcscf, &issues)
    case 0x0002: hasIMSignallingFlag = true
    case 0x0003: PCO.add(contents, 16, .ipv6, offset, &asksForDNS, &dns, &issues)
    case 0x000c: PCO.add(contents, 4, .ipv4, offset, &asksForPCSCF, &pcscf, &issues)
    case 0x000d: PCO.add(contents, 4, .ipv4, offset, &asksForDNS, &dns, &issues)
    case 0x8021: ipcp += PCO.nameServers(ofIPCP: contents)
    default: break
    }
  }

  /// Several addresses in one item are as many answers.
  private static func add(
    _ contents: RawSpan, _ size: Int, _ family: Families, _ offset: Int, _ asked: inout Families,
    _ list: inout [NodeAddress], _ issues: inout [DecodeIssue]
  ) {
    if contents.byteCount == 0 {
      asked.insert(family)
      return
    }
    if contents.byteCount % size != 0 {
      issues.append(DecodeIssue("PCO", "address of \(contents.byteCount) octets", at: offset))
    }
    for address in NodeAddress.list(contents, size: size) where !list.contains(address) { list.append(address) }
  }

  /// Primary and secondary DNS server of a Configure-Ack or Configure-Nak (RFC 1332 §3, RFC 1877 §1).
  private static func nameServers(ofIPCP packet: RawSpan) -> [NodeAddress] {
    guard packet.byteCount >= 4, [2, 3].contains(packet.u8(0)) else { return [] }
    var found: [NodeAddress] = []
    var offset = 4
    while offset + 2 <= packet.byteCount {
      let length = Int(packet.u8(offset + 1))
      guard length >= 2, offset + length <= packet.byteCount else { break }
      if [129, 131].contains(packet.u8(offset)), length == 6 { found.append(.ipv4(packet.u32(offset + 2))) }
      offset += length
    }
    return found
  }
}
