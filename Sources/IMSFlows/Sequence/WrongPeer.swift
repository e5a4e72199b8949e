import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Finds messages that a step asks for but that come from, or go to, a node of another role. Roles are inferred from the
/// messages themselves, so that only addresses count which other messages of the registration prove to be that node and no
/// other: nodes that share an address prove nothing.
struct WrongPeer {
  private var pcscf: [IPAddress] = []
  private var icscf: [IPAddress] = []
  private var scscf: [IPAddress] = []

  init(_ flow: Flow) {
    for index in flow.messages.indices where flow.messages[index].asks {
      let facts = flow.messages[index].facts
      switch flow.messages[index].hop {
      case .h0 where facts.isRegister: pcscf.add(facts.destination.address)
      // Behind the I-CSCF there are three Vias.
      case .h2 where facts.isRegister && facts.viaCount > 2: scscf.add(facts.destination.address)
      // Who sends on to an S-CSCF may be one himself, in a pool of nodes that are both: who asks the HSS is told apart.
      case .c1 where facts.command == .userAuthorization && flow.messages[index].from == .icscf:
        icscf.add(facts.source.address)
      default: break
      }
    }
    let isShared = pcscf.meets(icscf) || pcscf.meets(scscf) || icscf.meets(scscf)
    if !isShared { return }
    let all = (pcscf, icscf, scscf)
    pcscf.removeAll { all.1.contains($0) || all.2.contains($0) }
    icscf.removeAll { all.0.contains($0) || all.2.contains($0) }
    scscf.removeAll { all.0.contains($0) || all.1.contains($0) }
  }

  /// Nobody is proven to be anybody else: nothing can be wrong.
  var isBlind: Bool {
    pcscf.isEmpty ? icscf.isEmpty || scscf.isEmpty : icscf.isEmpty && scscf.isEmpty
  }

  /// Who sends or who receives where the hop has another node, one of them at the least; nil where nothing is proven.
  func strays(_ facts: MessageFacts, on hop: Hop) -> (from: Role?, to: Role?)? {
    let (client, server) = hop.ends
    let from = actual(facts.source.address, facts.asks ? client : server)
    let to = actual(facts.destination.address, facts.asks ? server : client)
    return from == nil && to == nil ? nil : (from, to)
  }

  /// The proven role of an address that is not the one of the step; nil where that is not proven to be another.
  private func actual(_ address: IPAddress, _ expected: Role) -> Role? {
    let known = addresses(of: expected)
    if known.isEmpty || known.contains(address) { return nil }
    return [Role.pcscf, .icscf, .scscf].first { $0 != expected && addresses(of: $0).contains(address) }
  }

  private func addresses(of role: Role) -> [IPAddress] {
    switch role {
    case .pcscf: pcscf
    case .icscf: icscf
    case .scscf: scscf
    default: []
    }
  }
}

extension [IPAddress] {
  fileprivate mutating func add(_ address: IPAddress) { if !contains(address) { append(address) } }
  fileprivate func meets(_ other: [IPAddress]) -> Bool { contains { other.contains($0) } }
}
