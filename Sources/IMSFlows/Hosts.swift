package import IMSBytes
package import IMSWire

/// What the user says of the nodes: a line `address[:port] role [name]` each, `#` begins a comment. It wins over inference.
package struct Hosts: Sendable {
  private struct Entry: Sendable {
    var role: Role
    var name: Text?
  }

  /// One node, as text has it.
  package struct Line: Sendable, Hashable {
    /// An address, or address and port.
    package var address: String
    package var role: Role
    package var name: String

    package init(address: String, role: Role, name: String = "") {
      self.address = address
      self.role = role
      self.name = name
    }
  }

  private var byEndpoint: [Endpoint: Entry] = [:]
  private var byAddress: [IPAddress: Entry] = [:]

  package init() {}

  package var isEmpty: Bool { byEndpoint.isEmpty && byAddress.isEmpty }

  /// - Throws: `HostsError` with the number of the first line that cannot be read.
  package init(_ text: String) throws(HostsError) {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
      if words.isEmpty { continue }
      guard words.count >= 2 else { throw HostsError(line: number + 1, reason: "expected: address[:port] role [name]") }
      guard let role = Role(spelling: String(words[1])) else {
        let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
        throw HostsError(line: number + 1, reason: "unknown role '\(words[1])'; known roles: \(roles)")
      }
      let name = words.count > 2 ? words[2...].joined(separator: " ") : ""
      guard add(Line(address: String(words[0]), role: role, name: name)) else {
        throw HostsError(line: number + 1, reason: "'\(words[0])' is no address")
      }
    }
  }

  /// False for an address that is none.
  package mutating func add(_ line: Line) -> Bool {
    let entry = Entry(role: line.role, name: line.name.isEmpty ? nil : Text(line.name))
    if let address = IPAddress(line.address) {
      byAddress[address] = entry
    } else if let endpoint = Endpoint(line.address) {
      byEndpoint[endpoint] = entry
    } else {
      return false
    }
    return true
  }

  /// What this says, and of all other nodes what `others` says.
  package func merged(over others: Hosts) -> Hosts {
    var merged = others
    merged.byAddress.merge(byAddress) { $1 }
    merged.byEndpoint.merge(byEndpoint) { $1 }
    return merged
  }

  package func role(of endpoint: Endpoint) -> Role? { entry(endpoint)?.role }
  package func name(of endpoint: Endpoint) -> Text? { entry(endpoint)?.name }

  private func entry(_ endpoint: Endpoint) -> Entry? {
    isEmpty ? nil : byEndpoint[endpoint] ?? byAddress[endpoint.address]
  }
}

package struct HostsError: Error, Hashable, Sendable, CustomStringConvertible {
  package var line: Int
  package var reason: String
  package var description: String { "line \(line): \(reason)" }
}
