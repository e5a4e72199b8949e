import IMSAccess
import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Infers which node is what (§1.1 of the sequence), from the flow's own messages first, then from the ledger; a hosts file
/// wins over both.
enum Parties {
  static func fill(_ flow: inout Flow, ledger: Ledger, hosts: Hosts) {
    for index in flow.messages.indices { placeEnds(&flow.messages[index], ledger: ledger, hosts: hosts) }
    placeNotifications(&flow, ledger: ledger, hosts: hosts)
    collect(&flow, hosts: hosts)
  }

  private static func placeEnds(_ placed: inout FlowMessage, ledger: Ledger, hosts: Hosts) {
    guard let hop = placed.hop else { return }
    let message = placed.message
    let forward = isForward(message)
    var client = hop.ends.client
    var server = hop.ends.server
    let serverAddress = (forward ? message.destination : message.source).address
    // A proxy may send straight to a node that only ever behaves as S-CSCF (combined nodes, V1).
    if hop == .h1, ledger.sends(.multimediaAuth, serverAddress) || ledger.sends(.serverAssignment, serverAddress),
      !ledger.sends(.userAuthorization, serverAddress)
    {
      server = .scscf
    }
    let ends = forward ? (message.source, message.destination) : (message.destination, message.source)
    // S-GW or SGSN: the interfaces told it.
    if placed.isAccess { client = (forward ? placed.from : placed.to) ?? client }
    client = hosts.role(of: ends.0) ?? client
    server = hosts.role(of: ends.1) ?? server
    placed.hop = Hop.between(client, server) ?? hop
    placed.from = forward ? client : server
    placed.to = forward ? server : client
  }

  /// Does the message travel from the hop's client to its server?
  private static func isForward(_ message: Message) -> Bool {
    switch message.body {
    case .sip(let sip, _): return sip.isRequest
    case .dns(let dns): return !dns.isResponse
    case .access(let access): return access.isRequest
    case .event: return true
    case .diameter(let diameter):
      let fromHSS = diameter.command == .registrationTermination || diameter.command == .pushProfile
      return diameter.isRequest != fromHSS
    }
  }

  /// NOTIFYs run the other way: from the S-CSCF to the UE.
  private static func placeNotifications(_ flow: inout Flow, ledger: Ledger, hosts: Hosts) {
    for index in flow.messages.indices {
      guard let keys = flow.messages[index].message.keys, keys.method == .notify,
        let request = flow.messages[index].sip?.isRequest
      else { continue }
      let message = flow.messages[index].message
      let inner = keys.viaCount <= 1
      let sender: Role = inner ? .scscf : .pcscf
      let receiver: Role = inner ? .pcscf : .ue
      flow.messages[index].hop = inner ? .h1 : .h0
      flow.messages[index].from = hosts.role(of: message.source) ?? (request ? sender : receiver)
      flow.messages[index].to = hosts.role(of: message.destination) ?? (request ? receiver : sender)
    }
  }

  private static func collect(_ flow: inout Flow, hosts: Hosts) {
    var parties: [Role: Party] = [:]
    for placed in flow.messages {
      guard let from = placed.from, let to = placed.to else { continue }
      add(from, placed.message.source, placed, isSender: true, &parties)
      add(to, placed.message.destination, placed, isSender: false, &parties)
    }
    flow.parties = parties.values.sorted { $0.role < $1.role }.map { party in
      var party = party
      let endpoint = Endpoint(party.address, party.port ?? 0)
      if hosts.role(of: endpoint) != nil { party.basis = "named in the hosts file" }
      party.name = hosts.name(of: endpoint) ?? party.name
      return party
    }
  }

  /// The first message that shows a role gives its address; a port is kept only where the node listens on it.
  private static func add(
    _ role: Role, _ endpoint: Endpoint, _ placed: FlowMessage, isSender: Bool, _ parties: inout [Role: Party]
  ) {
    // A UE that asks for an address has none.
    if role == .ue, placed.hop == .d0 { return }
    let serves = role == placed.hop?.ends.server || (role == .ue && placed.message.transport == .udp)
    let isRequest = placed.sip?.isRequest ?? placed.message.diameter?.isRequest ?? true
    let listens = serves && (isSender != isRequest || placed.message.transport == .udp)
    if var known = parties[role] {
      if known.port == nil, listens, known.address == endpoint.address {
        known.port = endpoint.port
        known.transport = placed.message.transport
        parties[role] = known
      }
      if known.name == nil, isSender { parties[role]?.name = name(of: role, placed.message) }
      return
    }
    parties[role] = Party(
      role: role, address: endpoint.address, port: listens ? endpoint.port : nil,
      transport: listens ? placed.message.transport : nil, name: isSender ? name(of: role, placed.message) : nil,
      basis: basis(role, placed, isSender: isSender))
  }

  /// The host name by which a node calls itself: Origin-Host, or the sent-by of its own Via when that is a name.
  private static func name(of role: Role, _ message: Message) -> Text? {
    if let diameter = message.diameter { return diameter.originHost }
    guard role != .ue, let sip = message.sip, sip.isRequest, let host = sip.via.first?.sentBy.host else { return nil }
    return IPAddress(host) == nil ? host : nil
  }

  private static func basis(_ role: Role, _ placed: FlowMessage, isSender: Bool) -> String {
    let verb = isSender ? "sent" : "received"
    if let diameter = placed.message.diameter { return "\(verb) the \(diameter.name)" }
    if placed.message.dns != nil {
      return "\(verb) a DNS \(placed.message.dns?.isResponse == true ? "answer" : "query")"
    }
    if let access = placed.message.access { return "\(verb) the \(access.name)" }
    guard let sip = placed.sip, let keys = placed.message.keys else { return "" }
    return "\(verb) the \(keys.viaCount)-Via \(sip.isRequest ? sip.method.name : "\(sip.status ?? 0)")"
  }
}
