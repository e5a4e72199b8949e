import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Finds messages that a step asks for but that come from, or go to, a node of another role. Roles are inferred from the
/// messages themselves, so that only addresses count which other messages of the registration prove to be that node and no
/// other: nodes that share an address prove nothing.
struct WrongPeer {
  private var pcscf = Nodes()
  private var icscf = Nodes()
  private var scscf = Nodes()
  /// Who asks for vectors and assignments.
  private var registrar = Nodes()

  init(_ flow: borrowing Flow) {
    for index in flow.messages.indices where flow.messages[index].asks {
      switch flow.messages[index].hop {
      case .h0 where flow.messages[index].isRegister: pcscf.add(flow.messages[index].facts.destination.address)
      // Behind the I-CSCF there are three Vias.
      case .h2 where flow.messages[index].isRegister && flow.messages[index].facts.viaCount > 2:
        scscf.add(flow.messages[index].facts.destination.address)
      // Who sends on to an S-CSCF may be one himself, in a pool of nodes that are both: who asks the HSS is told apart.
      case .c1 where flow.messages[index].command == .userAuthorization && flow.messages[index].from == .icscf:
        icscf.add(flow.messages[index].facts.source.address)
      case .c2 where flow.messages[index].command != .registrationTermination:
        registrar.add(flow.messages[index].facts.source.address)
      default: break
      }
    }
    // Behind an agent of which the far side alone was captured, all questions come from it, and no SIP does.
    if icscf.meets(registrar) {
      let agents = registrar
      icscf.removeAll { agents.contains($0) && !Self.speaksSIP($0, flow) }
    }
    let isShared = pcscf.meets(icscf) || pcscf.meets(scscf) || icscf.meets(scscf)
    if !isShared { return }
    let all = (pcscf, icscf, scscf)
    pcscf.removeAll { all.1.contains($0) || all.2.contains($0) }
    icscf.removeAll { all.0.contains($0) || all.2.contains($0) }
    scscf.removeAll { all.0.contains($0) || all.1.contains($0) }
  }

  private static func speaksSIP(_ address: IPAddress, _ flow: borrowing Flow) -> Bool {
    for index in flow.messages.indices where flow.messages[index].isSIP {
      if flow.messages[index].facts.source.address == address { return true }
      if flow.messages[index].facts.destination.address == address { return true }
    }
    return false
  }

  /// Nobody is proven to be anybody else: nothing can be wrong.
  var isBlind: Bool {
    pcscf.isEmpty ? icscf.isEmpty || scscf.isEmpty : icscf.isEmpty && scscf.isEmpty
  }

  /// Who sends or who receives a message where the hop has another node, one of them at the least; nil where nothing is
  /// proven.
  func strays(_ index: Int, on hop: Hop, in flow: Flow) -> (from: Role?, to: Role?)? {
    let (client, server) = hop.ends
    let asks = flow.messages[index].asks
    let from = actual(flow.messages[index].facts.source.address, asks ? client : server)
    let to = actual(flow.messages[index].facts.destination.address, asks ? server : client)
    return from == nil && to == nil ? nil : (from, to)
  }

  /// The proven role of an address that is not the one of the step; nil where that is not proven to be another.
  private func actual(_ address: IPAddress, _ expected: Role) -> Role? {
    switch expected {
    case .pcscf:
      if pcscf.isEmpty || pcscf.contains(address) { return nil }
      return icscf.contains(address) ? .icscf : scscf.contains(address) ? .scscf : nil
    case .icscf:
      if icscf.isEmpty || icscf.contains(address) { return nil }
      return pcscf.contains(address) ? .pcscf : scscf.contains(address) ? .scscf : nil
    case .scscf:
      if scscf.isEmpty || scscf.contains(address) { return nil }
      return pcscf.contains(address) ? .pcscf : icscf.contains(address) ? .icscf : nil
    default: return nil
    }
  }
}

/// The addresses of the nodes of one role: nearly always one.
private struct Nodes {
  private var first: IPAddress?
  private var others: [IPAddress] = []

  var isEmpty: Bool { first == nil }

  func contains(_ address: IPAddress) -> Bool { first == address || others.contains(address) }

  mutating func add(_ address: IPAddress) {
    if first == nil { first = address } else if !contains(address) { others.append(address) }
  }

  func meets(_ other: Nodes) -> Bool {
    guard let first else { return false }
    return other.contains(first) || others.contains { other.contains($0) }
  }

  mutating func removeAll(where isGone: (IPAddress) -> Bool) {
    others.removeAll(where: isGone)
    if let first, isGone(first) { self.first = others.isEmpty ? nil : others.removeFirst() }
  }
}
