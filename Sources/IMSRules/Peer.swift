package import IMSFlows
import IMSMessages
package import IMSWire

/// A node as a profile names it: by its role, its address, or address and port.
package enum Peer: Sendable, Hashable, CustomStringConvertible {
  case role(Role)
  case address(IPAddress)
  case endpoint(Endpoint)

  /// "P-CSCF", "10.0.0.1", "10.0.0.1:5060".
  package init?(_ text: String) {
    if let role = Role(spelling: text) {
      self = .role(role)
    } else if let address = IPAddress(text) {
      self = .address(address)
    } else if let endpoint = Endpoint(text) {
      self = .endpoint(endpoint)
    } else {
      return nil
    }
  }

  package var description: String {
    switch self {
    case .role(let role): role.rawValue
    case .address(let address): "\(address)"
    case .endpoint(let endpoint): "\(endpoint)"
    }
  }

  /// Did the first of these messages, which shows a finding best, come from this node or go to it?
  func isEnd(of messages: [Int], in flow: Flow) -> Bool {
    guard let index = messages.first else { return false }
    let placed = flow.messages[index]
    let ends = [placed.message.source, placed.message.destination]
    switch self {
    case .role(let role): return placed.from == role || placed.to == role
    case .address(let address): return ends.contains { $0.address == address }
    case .endpoint(let endpoint): return ends.contains(endpoint)
    }
  }
}
