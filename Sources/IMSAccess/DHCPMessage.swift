// RFC 2131 §2 and RFC 2132 (DHCPv4), RFC 3361 (its option 120); RFC 8415 §8 and §21 (DHCPv6), RFC 3319 (its options 21
// and 22): an outbound SIP proxy, in the IMS the P-CSCF, told to the UE with its address.

package import IMSBytes

/// A message of DHCP, as far as it tells which address a UE got and which P-CSCF.
package struct DHCPMessage: Sendable, Hashable {
  /// 4 or 6.
  package let version: UInt8
  /// DHCPv4: option 53 (1 to 8), 0 when it is missing; DHCPv6: the message type.
  package let type: UInt8
  package let transaction: UInt32
  /// The address given to the client or asked for.
  package let address: NodeAddress?
  /// The client asks for SIP servers.
  package let asksForSIPServers: Bool
  /// In the order of preference.
  package let sipServers: [Server]
  /// What ended the reading; everything before it was understood.
  package let issues: [DecodeIssue]

  package enum Server: Hashable, Sendable, CustomStringConvertible {
    case address(NodeAddress)
    case name(Text)

    package var description: String {
      switch self {
      case .address(let address): address.description
      case .name(let name): name.string
      }
    }
  }

  /// Throws when the header is damaged.
  package init(parsing bytes: RawSpan, version: UInt8) throws(DecodeIssue) {
    let reader = version == 4 ? try DHCPReader(version4: bytes) : try DHCPReader(version6: bytes)
    self.version = version
    type = reader.type
    transaction = reader.transaction
    address = reader.address
    asksForSIPServers = reader.asks
    sipServers = reader.servers
    issues = reader.issues
  }

  /// To be asked for UDP ports 67 and 68: a BOOTP header with the magic cookie of DHCP.
  package static func recogniseVersion4(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= 240 && (1...2).contains(bytes.u8(0)) && bytes.u32(236) == DHCPReader.cookie
  }

  /// To be asked for UDP ports 546 and 547: a message of client or server, not of a relay.
  package static func recogniseVersion6(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= 4 && (1...11).contains(bytes.u8(0))
  }

  package var isRequest: Bool {
    version == 4 ? [1, 3, 4, 7, 8].contains(type) : [1, 3, 4, 5, 6, 8, 9, 11].contains(type)
  }

  /// "DHCPACK", "DHCPv6 Reply".
  package var name: String {
    if version == 4 { return DHCPMessage.version4[type].map { "DHCP\($0)" } ?? "DHCP message" }
    return "DHCPv6 " + (DHCPMessage.version6[type] ?? "message type \(type)")
  }

  private static let version4: [UInt8: String] = [
    1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM",
  ]

  private static let version6: [UInt8: String] = [
    1: "Solicit", 2: "Advertise", 3: "Request", 4: "Confirm", 5: "Renew", 6: "Rebind", 7: "Reply", 8: "Release",
    9: "Decline", 10: "Reconfigure", 11: "Information-request",
  ]
}
