import IMSAccess
import IMSBytes
import IMSMessages
import IMSSIP
import IMSWire

/// Finds what the access network told the UE before its first REGISTER (phase A), for a registration that begins anew.
struct AccessReader {
  let ledger: Ledger

  /// Empty when nothing of it was captured: access is never missed.
  func messages(for flow: Flow) -> [FlowMessage] {
    guard flow.startSeen, flow.before?.registered != true, let first = firstRegister(of: flow),
      let sip = first.sip, !sip.takesAway
    else { return [] }
    let end = flow.messages.last?.time ?? first.time
    let exchanges = ledger.access.exchanges(
      of: address(of: first), imsi: imsi(of: flow), before: first.time, until: end)
    // What comes later to a connection names no interface: its server tells the leg.
    var legs: [IPAddress: (hop: Hop, client: Role)] = [:]
    return exchanges.flatMap { exchange in
      let ends = exchange.server.flatMap { legs[$0] } ?? Self.ends(of: exchange)
      if let server = exchange.server { legs[server] = ends }
      return exchange.messages.map { message in
        var placed = FlowMessage(message)
        let forward = message.access?.isRequest ?? true
        placed.hop = ends.hop
        placed.from = forward ? ends.client : ends.hop.ends.server
        placed.to = forward ? ends.hop.ends.server : ends.client
        return placed
      }
    }
  }

  private func firstRegister(of flow: Flow) -> Message? {
    flow.messages.first { $0.isRegister && $0.isRequest }?.message
  }

  /// The source on Gm; farther in, what the UE's own Via says.
  private func address(of register: Message) -> IPAddress? {
    if HopDepth.comesFromUE(register) { return register.source.address }
    guard let via = register.sip?.via.last else { return nil }
    return via.received.flatMap { IPAddress($0) } ?? IPAddress(via.sentBy.host)
  }

  /// The user part of a private identity that is derived from an IMSI (TS 23.003 §13.3).
  private func imsi(of flow: Flow) -> Text? {
    let identities = flow.messages.lazy.compactMap(\.sip).flatMap(\.authorization).compactMap(\.username)
    guard let user = identities.first?.bytes.split(separator: UInt8(ascii: "@")).first else { return nil }
    return (14...15).contains(user.count) && user.allSatisfy(ASCII.isDigit) ? Text(user) : nil
  }

  /// The interface types of the F-TEIDs (TS 29.274 §8.22) tell S11 and S4 from S5 and S8.
  private static func ends(of exchange: AccessLedger.Exchange) -> (hop: Hop, client: Role) {
    guard let gtp = exchange.messages.lazy.compactMap({ $0.access?.gtp }).first else { return (.d0, .ue) }
    switch gtp.controlTunnel?.interface {
    case 10, 17, 11: return (.s11, .sgsn)
    case 6, 7: return (.g1, .sgw)
    default: return (.g1, .sgsn)
    }
  }
}
