/// An IPv4 or IPv6 address as its bytes. The product has its own; the forge shares no reading code with it.
package struct HostAddress: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// Four or sixteen bytes.
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) {
    precondition(bytes.count == 4 || bytes.count == 16, "an address has 4 or 16 bytes")
    self.bytes = bytes
  }

  /// "10.20.0.10" or "2001:db8::10".
  package init?(parsing text: String) {
    guard let bytes = text.utf8.contains(0x3a) ? Self.ipv6(text) : Self.ipv4(text) else { return nil }
    self.bytes = bytes
  }

  package init(stringLiteral value: String) {
    // Only literals of the forge's own code come this way; text that is read goes through `init(parsing:)`.
    guard let address = Self(parsing: value) else { preconditionFailure("no address: \(value)") }
    self = address
  }

  package var isIPv4: Bool { bytes.count == 4 }

  package var description: String {
    if isIPv4 { return bytes.map { String($0) }.joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2)
      .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
      .joined(separator: ":")
  }

  /// As it stands in a URI or a Via: IPv6 in brackets.
  package var inURI: String { isIPv4 ? description : "[\(description)]" }

  /// A locally administered link address that is made from the last bytes of this one.
  package var linkAddress: [UInt8] { [0x02, 0x00] + bytes.suffix(4) }

  private static func ipv4(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4, !parts.contains(nil) else { return nil }
    return parts.compactMap(\.self)
  }

  private static func ipv6(_ text: String) -> [UInt8]? {
    var halves: [[UInt16]] = [[]]
    let groups = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, group) in groups.enumerated() {
      if group.isEmpty {
        if index == 0 || index == groups.count - 1 { continue }
        guard halves.count == 1 else { return nil }
        halves.append([])
      } else {
        guard group.utf8.count <= 4, let value = UInt16(group, radix: 16) else { return nil }
        halves[halves.count - 1].append(value)
      }
    }
    let known = halves.reduce(0) { $0 + $1.count }
    guard known == 8 || (halves.count == 2 && known < 8) else { return nil }
    let all = halves[0] + Array(repeating: 0, count: 8 - known) + (halves.count == 2 ? halves[1] : [])
    return all.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
  }
}

/// An address with a port.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
  package var host: HostAddress
  package var port: UInt16

  package init(_ host: HostAddress, _ port: UInt16) {
    self.host = host
    self.port = port
  }

  package var description: String { "\(host.inURI):\(port)" }
}
