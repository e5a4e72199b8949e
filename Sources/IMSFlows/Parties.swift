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
    for index in flow.messages.indices { placeEnds(&flow.messages[index], ledger: ledger, hosts: hosts) }
    placeNotifications(&flow, ledger: ledger, hosts: hosts)
    Agents.place(&flow)
    collect(&flow, hosts: hosts)
  }

  private static func placeEnds(_ placed: inout FlowMessage, ledger: Ledger, hosts: Hosts) {
    guard let hop = placed.hop else { return }
    let (source, destination) = (placed.message.source, placed.message.destination)
    let forward = isForward(placed)
    var client = hop.ends.client
    var server = hop.ends.server
    let serverAddress = (forward ? destination : source).address
    // A proxy may send straight to a node that only ever behaves as S-CSCF (combined nodes, V1).
    if hop == .h1, ledger.sends(.multimediaAuth, serverAddress) || ledger.sends(.serverAssignment, serverAddress),
      !ledger.sends(.userAuthorization, serverAddress)
    {
      server = .scscf
    }
    let ends = forward ? (source, destination) : (destination, source)
    // S-GW or SGSN: the interfaces told it.
    if placed.isAccess { client = (forward ? placed.from : placed.to) ?? client }
    client = hosts.role(of: ends.0) ?? client
    server = hosts.role(of: ends.1) ?? server
    placed.hop = Hop.between(client, server) ?? hop
    placed.from = forward ? client : server
    placed.to = forward ? server : client
  }

  /// Does the message travel from the hop's client to its server?
  private static func isForward(_ placed: FlowMessage) -> Bool {
    let fromHSS = placed.command == .registrationTermination || placed.command == .pushProfile
    return placed.asks != fromHSS
  }

  /// NOTIFYs run the other way: from the S-CSCF to the UE.
  private static func placeNotifications(_ flow: inout Flow, ledger: Ledger, hosts: Hosts) {
    for index in flow.messages.indices where flow.messages[index].isSIP && !flow.messages[index].isRegister {
      let message = flow.messages[index].message
      guard let keys = message.keys, keys.method == .notify else { continue }
      let request = flow.messages[index].isRequest
      let inner = keys.viaCount <= 1
      let sender: Role = inner ? .scscf : .pcscf
      let receiver: Role = inner ? .pcscf : .ue
      flow.messages[index].hop = inner ? .h1 : .h0
      flow.messages[index].from = hosts.role(of: message.source) ?? (request ? sender : receiver)
      flow.messages[index].to = hosts.role(of: message.destination) ?? (request ? receiver : sender)
    }
  }

  private static func collect(_ flow: inout Flow, hosts: Hosts) {
    var parties: [Party] = []
    for index in flow.messages.indices {
      guard let from = flow.messages[index].from, let to = flow.messages[index].to else { continue }
      add(from, flow.messages[index].message.source, flow.messages[index], isSender: true, &parties)
      add(to, flow.messages[index].message.destination, flow.messages[index], isSender: false, &parties)
    }
    parties.sort { $0.role < $1.role }
    if hosts.isEmpty {
      flow.parties = parties
      return
    }
    for index in parties.indices {
      let endpoint = Endpoint(parties[index].address, parties[index].port ?? 0)
      if hosts.role(of: endpoint) != nil { parties[index].evidence = .hosts }
      if let name = hosts.name(of: endpoint) { parties[index].name = name }
    }
    flow.parties = parties
  }

  /// The first message that shows a role gives its address; a port is kept only where the node listens on it.
  private static func add(
    _ role: Role, _ endpoint: Endpoint, _ placed: FlowMessage, isSender: Bool, _ parties: inout [Party]
  ) {
    let known = parties.indices.first { parties[$0].role == role }
    if let known, parties[known].port != nil, parties[known].name != nil || !isSender { return }
    // A UE that asks for an address has none.
    if role == .ue, placed.hop == .d0 { return }
    let serves = role == placed.hop?.ends.server || role == .agent || (role == .ue && placed.message.transport == .udp)
    // Nodes are asked for DNS by datagrams, whose answers come from the port that listens.
    let isRequest = placed.isDNS || placed.asks
    let listens = serves && (isSender != isRequest || placed.message.transport == .udp)
    if let known {
      if parties[known].port == nil, listens, parties[known].address == endpoint.address {
        parties[known].port = endpoint.port
        parties[known].transport = placed.message.transport
      }
      if parties[known].name == nil, isSender { parties[known].name = name(of: role, placed.message) }
      return
    }
    parties.append(
      Party(
        role: role, address: endpoint.address, port: listens ? endpoint.port : nil,
        transport: listens ? placed.message.transport : nil, name: isSender ? name(of: role, placed.message) : nil,
        evidence: isSender ? .sent(placed.message) : .received(placed.message)))
  }

  /// The host name by which a node calls itself: Origin-Host, or the sent-by of its own Via when that is a name.
  private static func name(of role: Role, _ message: Message) -> Text? {
    // What an agent sends on names the node that it comes from.
    if let diameter = message.diameter { return role == .agent ? nil : diameter.originHost }
    guard role != .ue, let sip = message.sip, sip.isRequest, let host = sip.via.first?.sentBy.host else { return nil }
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
