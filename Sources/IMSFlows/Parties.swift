import IMSAccess
import IMSBytes
import IMSDiameter
package import IMSMessages
import IMSSIP
import IMSWire

/// Infers which node is what (§1.1 of the sequence), from the flow's own messages first, then from the ledger; a hosts file
/// wins over both.
enum Parties {
  static func fill(_ flow: inout Flow, ledger: Ledger, hosts: Hosts) {
    // Until nothing of it follows any more: what others ask after that says nothing here, for it may not have come yet.
    let end = flow.closedAt
    for index in flow.messages.indices { placeEnds(&flow.messages[index], before: end, ledger: ledger, hosts: hosts) }
    placeNotifications(&flow, ledger: ledger, hosts: hosts)
    Agents.place(&flow)
    flow.parties = parties(of: flow, hosts: hosts)
  }

  private static func placeEnds(
    _ placed: inout FlowMessage, before end: Timestamp, ledger: Ledger, hosts: Hosts
  ) {
    guard let hop = placed.hop else { return }
    let (source, destination) = (placed.facts.source, placed.facts.destination)
    let forward = isForward(placed.facts)
    var (client, server) = hop.ends
    let serverAddress = (forward ? destination : source).address
    // A proxy may send straight to a node that only ever behaves as S-CSCF (combined nodes, V1).
    if hop == .h1, ledger.serves(serverAddress, before: end),
      !ledger.sends(.userAuthorization, serverAddress, before: end)
    {
      server = .scscf
    }
    // Who is asked and asks in turn, as no CSCF does alone, is an agent, whether that was seen for this exchange or not (RFC 6733 §2.8).
    if hop == .c1 || hop == .c2, source.address != destination.address,
      placed.facts.command.map(CxStep.isOfUE) ?? false,
      ledger.sends(.userAuthorization, serverAddress, before: end), ledger.serves(serverAddress, before: end)
    {
      server = .agent
    }
    // S-GW or SGSN: the interfaces told it.
    if placed.isAccess { client = (forward ? placed.from : placed.to) ?? client }
    if !hosts.isEmpty {
      let ends = forward ? (source, destination) : (destination, source)
      client = hosts.role(of: ends.0) ?? client
      server = hosts.role(of: ends.1) ?? server
    }
    placed.hop = Hop.between(client, server) ?? hop
    placed.from = forward ? client : server
    placed.to = forward ? server : client
  }

  /// Does the message travel from the hop's client to its server?
  private static func isForward(_ facts: MessageFacts) -> Bool {
    let fromHSS = facts.command == .registrationTermination || facts.command == .pushProfile
    return facts.asks != fromHSS
  }

  /// NOTIFYs run the other way: from the S-CSCF to the UE.
  private static func placeNotifications(_ flow: inout Flow, ledger: Ledger, hosts: Hosts) {
    for index in flow.messages.indices where flow.messages[index].isSIP && !flow.messages[index].isRegister {
      guard let keys = flow.messages[index].facts.keys, keys.method == .notify else { continue }
      let facts = flow.messages[index].facts
      let request = flow.messages[index].isRequest
      let inner = keys.viaCount <= 1
      let sender: Role = inner ? .scscf : .pcscf
      let receiver: Role = inner ? .pcscf : .ue
      flow.messages[index].hop = inner ? .h1 : .h0
      flow.messages[index].from = hosts.role(of: facts.source) ?? (request ? sender : receiver)
      flow.messages[index].to = hosts.role(of: facts.destination) ?? (request ? receiver : sender)
    }
  }

  private static func parties(of flow: Flow, hosts: Hosts) -> [Party] {
    var parties: [Party] = []
    parties.reserveCapacity(8)
    var known = Known()
    let borders = flow.borders
    for index in flow.messages.indices {
      guard let from = flow.messages[index].from, let to = flow.messages[index].to else { continue }
      if !borders.isEmpty, flow.messages[index].hop == .h1 {
        // Beyond a border element stands the node that it stands for here.
        let facts = flow.messages[index].facts
        if !borders.contains(facts.source.address) { add(from, index, isSender: true, flow, &parties, &known) }
        if !borders.contains(facts.destination.address) { add(to, index, isSender: false, flow, &parties, &known) }
        continue
      }
      if !known.isComplete(from, isSender: true) { add(from, index, isSender: true, flow, &parties, &known) }
      if !known.isComplete(to, isSender: false) { add(to, index, isSender: false, flow, &parties, &known) }
    }
    parties.sort { $0.role < $1.role }
    if !hosts.isEmpty { name(&parties, by: hosts) }
    return parties
  }

  private static func name(_ parties: inout [Party], by hosts: Hosts) {
    for index in parties.indices {
      let endpoint = Endpoint(parties[index].address, parties[index].port ?? 0)
      if hosts.role(of: endpoint) != nil { parties[index].evidence = .hosts }
      if let name = hosts.name(of: endpoint) { parties[index].name = name }
    }
  }

  /// Of which roles something is known: a bit for each.
  private struct Known: BitwiseCopyable {
    private(set) var ports: UInt64 = 0
    private(set) var names: UInt64 = 0

    static func bit(_ role: Role) -> UInt64 { 1 << role.rank }

    /// A sender's name may still be told.
    func isComplete(_ role: Role, isSender: Bool) -> Bool {
      (isSender ? ports & names : ports) & Known.bit(role) != 0
    }

    func hasPort(_ role: Role) -> Bool { ports & Known.bit(role) != 0 }
    func hasName(_ role: Role) -> Bool { names & Known.bit(role) != 0 }
    mutating func notePort(_ role: Role) { ports |= Known.bit(role) }
    mutating func noteName(_ role: Role) { names |= Known.bit(role) }
  }

  /// The first message that shows a role gives its address; a port is kept only where the node listens on it.
  private static func add(
    _ role: Role, _ index: Int, isSender: Bool, _ flow: Flow, _ parties: inout [Party], _ known: inout Known
  ) {
    let hop = flow.messages[index].hop
    // A UE that asks for an address has none.
    if role == .ue, hop == .d0 { return }
    let place = parties.indices.first { parties[$0].role == role }
    let endpoint = isSender ? flow.messages[index].facts.source : flow.messages[index].facts.destination
    let message = flow.messages[index].message
    let transport = flow.messages[index].facts.transport
    let serves = role == hop?.ends.server || role == .agent || (role == .ue && transport == .udp)
    // Nodes are asked for DNS by datagrams, whose answers come from the port that listens.
    let isRequest = flow.messages[index].isDNS || flow.messages[index].asks
    let listens = serves && (isSender != isRequest || transport == .udp)
    if let place {
      if !known.hasPort(role), listens, parties[place].address == endpoint.address {
        parties[place].port = endpoint.port
        parties[place].transport = transport
        known.notePort(role)
      }
      if !known.hasName(role), isSender, let name = name(of: role, message) {
        parties[place].name = name
        known.noteName(role)
      }
      return
    }
    let name = isSender ? name(of: role, message) : nil
    if listens { known.notePort(role) }
    if name != nil { known.noteName(role) }
    parties.append(
      Party(
        role: role, address: endpoint.address, port: listens ? endpoint.port : nil,
        transport: listens ? transport : nil, name: name, evidence: isSender ? .sent(message) : .received(message)))
  }

  /// The host name by which a node calls itself: Origin-Host, or the sent-by of its own Via when that is a name.
  private static func name(of role: Role, _ message: Message) -> Text? {
    // What an agent sends on names the node that it comes from.
    if let diameter = message.diameter { return role == .agent ? nil : diameter.originHost }
    guard role != .ue, message.isSIP, message.asks, let host = message.sip?.firstVia?.sentBy.host else { return nil }
    return IPAddress(host) == nil ? host : nil
  }
}

extension Party {
  /// What showed the role.
  package enum Evidence: Sendable, Equatable {
    case hosts
    case sent(Message)
    case received(Message)

    package static func == (left: Evidence, right: Evidence) -> Bool { left.text == right.text }

    var text: String {
      switch self {
      case .hosts: "named in the hosts file"
      case .sent(let message): "sent \(Evidence.name(of: message))"
      case .received(let message): "received \(Evidence.name(of: message))"
      }
    }

    private static func name(of message: Message) -> String {
      switch message.body {
      case .sip(let sip): "the \(sip.keys.viaCount)-Via \(sip.isRequest ? sip.methodName : "\(sip.status ?? 0)")"
      case .diameter(let diameter): "the \(diameter.name)"
      case .dns(let dns): "a DNS \(dns.isResponse ? "answer" : "query")"
      case .access(let access): "the \(access.name)"
      case .event(let event): "the \(event.name)"
      }
    }
  }
}
