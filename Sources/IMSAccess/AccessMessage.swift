package import IMSBytes

/// What the access network and the UE say to each other before the first REGISTER.
package enum AccessMessage: Sendable, Hashable {
  case gtp(GTPMessage)
  case dhcp(DHCPMessage)

  package var isRequest: Bool {
    switch self {
    case .gtp(let message): message.isRequest
    case .dhcp(let message): message.isRequest
    }
  }

  /// "GTPv2-C", "DHCP".
  package var protocolName: String {
    switch self {
    case .gtp(let message): message.type.protocolName
    case .dhcp(let message): message.version == 4 ? "DHCP" : "DHCPv6"
    }
  }

  /// "Create Session Request", "DHCPACK".
  package var name: String {
    switch self {
    case .gtp(let message): message.type.name
    case .dhcp(let message): message.name
    }
  }

  package var gtp: GTPMessage? { if case .gtp(let message) = self { message } else { nil } }
  package var dhcp: DHCPMessage? { if case .dhcp(let message) = self { message } else { nil } }

  package var issues: [DecodeIssue] {
    switch self {
    case .gtp(let message): message.issues
    case .dhcp(let message): message.issues
    }
  }

  /// P-CSCFs as the network tells them, in the order of preference.
  package var pcscf: [String] {
    switch self {
    case .gtp(let message): message.pcscf.map(\.description)
    case .dhcp(let message): message.sipServers.map(\.description)
    }
  }

  package var asksForPCSCF: Bool {
    switch self {
    case .gtp(let message): message.pco.map { !$0.asksForPCSCF.isEmpty } ?? false
    case .dhcp(let message): message.asksForSIPServers
    }
  }

  /// Addresses of the UE that the message gives it or asks for.
  package var addresses: [NodeAddress] {
    switch self {
    case .gtp(let message): message.addresses
    case .dhcp(let message): message.address.map { [$0] } ?? []
    }
  }

  /// What matters of it, without its name: "APN ims, P-CSCF asked for", "192.0.2.10, P-CSCF 198.51.100.10", the cause of
  /// a refusal; empty when there is nothing.
  package var detail: String {
    var parts: [String] = []
    if let gtp, let cause = gtp.cause, !gtp.isRequest, !cause.isAccepted { parts.append(cause.name) }
    if let apn = gtp?.apn { parts.append("APN \(apn.string)") }
    parts += addresses.map(\.description)
    if !pcscf.isEmpty { parts.append("P-CSCF \(pcscf.joined(separator: " "))") }
    if asksForPCSCF, pcscf.isEmpty { parts.append("P-CSCF asked for") }
    return parts.joined(separator: ", ")
  }

  /// "Create Session Request: IMSI 001010000000001, APN ims, P-CSCF asked for",
  /// "Create Session Response: Request accepted, 192.0.2.10, P-CSCF 198.51.100.10".
  package var summary: String {
    var parts: [String] = []
    if let imsi = gtp?.imsi { parts.append("IMSI \(imsi.string)") }
    if let cause = gtp?.cause, gtp?.isRequest == true || cause.isAccepted { parts.append(cause.name) }
    if !detail.isEmpty { parts.append(detail) }
    return parts.isEmpty ? name : "\(name): \(parts.joined(separator: ", "))"
  }
}
