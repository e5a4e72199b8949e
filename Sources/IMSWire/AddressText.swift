package import IMSBytes

extension IPAddress: CustomStringConvertible {
  /// Dotted IPv4, or IPv6 in the canonical form of RFC 5952.
  @usableFromInline package var description: String {
    isIPv4 ? AddressText.ipv4(UInt32(truncatingIfNeeded: low)) : AddressText.ipv6(high: high, low: low)
  }

  /// `description`.
  package func write(to text: inout [UInt8]) {
    if isIPv4 { AddressText.write(ipv4: UInt32(truncatingIfNeeded: low), to: &text) } else { text.append(description) }
  }

  /// Reads an IPv4 or IPv6 address, with or without brackets; nil for a name.
  package init?(_ text: Text) {
    if let value = text.ipv4 {
      self.init(v4: value)
    } else if let value = text.ipv6 {
      self.init(high: value.high, low: value.low)
    } else {
      return nil
    }
  }

  package init?(_ text: String) { self.init(Text(text)) }
}

extension Endpoint: CustomStringConvertible {
  /// "10.0.0.1:5060", "[2001:db8::1]:5060".
  @usableFromInline package var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}

extension Endpoint {
  /// Reads what `description` writes, and an IPv6 address without its brackets; nil without a port.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      let address = IPAddress(String(text[..<colon]))
    else { return nil }
    self.init(address, port)
  }
}
