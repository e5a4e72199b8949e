import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let VIA003 = Rule(
    "VIA003", .error, "Forwarded request does not carry exactly one new Via",
    clauses: [.rfc(3261, "16.6"), .rfc(3261, "8.1.1")], since: "0.1",
    why: """
      Each proxy pushes one Via, by which the response finds its way back through it. A missing entry sends the response \
      past the proxy, a doubled one makes it loop.
      """,
    traps: """
      Border elements and dispatchers that were not captured add entries of their own: when they are unknown nodes, or the \
      forwarding node's own, more than one new entry is a warning. Topology hiding folds entries into a token.
      """,
    when: .register, needs: [.everyPair([.init(.h0, .h1), .init(.h1, .h2)])], trigger: .oddPush,
    flagged: [
      Example(
        "the P-CSCF adds no Via",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKalone
        """)
    ],
    clean: [
      Example(
        "one Via each",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for pair in Need.HopPair.sip {
      for copies in flow.pairs(pair) { ForwardedVia.check(copies.inner, copies.outer, flow, &report) }
    }
    for transaction in flow.transactions where transaction.hop == .h0 {
      guard let request = transaction.requests.first, let stack = flow.sip(request)?.via, stack.count != 1 else {
        continue
      }
      report(
        "the UE's REGISTER carries \(stack.count) Via entries", at: [request],
        observed: flow.sip(request)?.viaStack ?? "", expected: "exactly one Via, the UE's own", severity: .warning)
    }
  }
}

private enum ForwardedVia {
  static func check(_ inner: Int, _ outer: Int, _ flow: Flow, _ report: inout Reporter) {
    guard let before = flow.sip(inner)?.via, let after = flow.sip(outer)?.via else { return }
    let added = after.count - before.count
    let hidden = after.contains { $0.parameters.has("tokenized-by") }
    let node = flow.messages[outer].from ?? .pcscf
    if added == 1 {
      guard let owner = foreignOwner(of: after[0], sender: node, flow) else { return }
      report(
        "the new top Via of the \(node.rawValue) names the \(owner.rawValue)", at: [outer, inner],
        observed: after[0].raw.string, expected: "a Via of the \(node.rawValue) on top")
      return
    }
    let own = after.prefix(max(added, 0)).allSatisfy { foreignOwner(of: $0, sender: node, flow) == nil }
    let isDirect = flow.messages[inner].message.destination.address == flow.messages[outer].message.source.address
    let severity: Severity? = hidden ? .info : added > 1 && (own || !isDirect) ? .warning : nil
    let next = flow.messages[outer].to?.rawValue ?? "next node"
    let place = isDirect ? "by the \(node.rawValue)" : "on the way to the \(next)"
    report(
      added < 1 ? "Via removed or not added by the \(node.rawValue)" : "\(added) Via entries added \(place)",
      at: [outer, inner],
      observed: "received: \(flow.sip(inner)?.viaStack ?? "") — sent: \(flow.sip(outer)?.viaStack ?? "")",
      expected: "one new entry on top of the \(before.count) received", severity: severity)
  }

  /// The role that this sent-by is known to belong to, when that is another than the sender's; an unknown name is nobody's.
  private static func foreignOwner(of via: Via, sender: Role, _ flow: Flow) -> Role? {
    guard let address = IPAddress(via.sentBy.host) else { return nil }
    let own = flow.parties.filter { $0.role == sender }.contains { $0.address == address }
    return own ? nil : flow.parties.first { $0.address == address && $0.role != sender }?.role
  }
}
