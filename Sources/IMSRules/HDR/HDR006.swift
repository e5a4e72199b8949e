import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR006 = Rule(
    "HDR006", .error, "Tag rules broken",
    clauses: [.rfc(3261, "8.1.1.2"), .rfc(3261, "8.1.1.3"), .rfc(3261, "8.2.6.2")], since: "0.2",
    why: """
      The tags of From and To tell requests of different senders and answers of different servers apart. Every request has the \
      one, every response but 100 the other.
      """,
    traps: """
      A REGISTER with a To tag names a dialog that is none: common in refreshes of some clients, and only a warning. The 100 \
      needs no tag. A proxy that refuses a request itself has a tag of its own: only the tags of a 200 or 401 are compared \
      between hops, and only where there is one on each.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .oddTag,
    flagged: [
      Example(
        "no From tag",
        """
        UE -> P: REGISTER sip:hims.net      ←
          From: <sip:name@hims.net>
        """),
      Example(
        "a To tag in the REGISTER",
        """
        UE -> P: REGISTER sip:hims.net      ←
          To: <sip:name@hims.net>;tag=old
        """),
      Example(
        "no To tag in the 401",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized           ←
          To: <sip:name@hims.net>
        """),
      Example(
        "another To tag behind the P-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized           ←
          To: <sip:name@hims.net>;tag=other
        """),
    ],
    clean: [
      Example(
        "a 100 without tag",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 100 Trying
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for index in flow.origins(where: \.lacksTag) {
      guard let sip = flow.sip(index) else { continue }
      let header = sip.isRequest ? "From" : "To"
      report(
        "no \(header) tag in the \(sip.name) of the \(flow.messages[index].from?.rawValue ?? "sender")", at: [index],
        observed: "\(header): \((sip.isRequest ? sip.from : sip.to)?.raw ?? "")", expected: "a tag")
    }
    for index in flow.outermostRequests {
      guard let sip = flow.sip(index), sip.hasToTag, let to = sip.to else { continue }
      report(
        "a To tag in the REGISTER", at: [index], observed: "To: \(to.raw)", expected: "no tag outside of a dialog",
        severity: .warning)
    }
    for round in flow.rounds.indices {
      for pair in Need.HopPair.sip {
        guard let relayed = flow.onlyFinal(on: pair.inner, round: round),
          let received = flow.onlyFinal(on: pair.outer, round: round), !flow.isLost(received),
          flow.messages[relayed].status == flow.messages[received].status,
          let sent = flow.sip(relayed)?.toTag, let got = flow.sip(received)?.toTag, sent != got
        else { continue }
        report(
          "the \(flow.messages[relayed].from?.rawValue ?? "proxy") changed the To tag of the \(flow.messages[relayed].status)",
          at: [relayed, received], observed: "tag=\(sent)", expected: "tag=\(got)")
      }
    }
  }
}

extension SIPMessage {
  fileprivate var lacksTag: Bool {
    if isRequest { return !hasFromTag && from != nil }
    return !hasToTag && status != 100 && to != nil
  }
}

extension Flow {
  /// The final response to one REGISTER on a hop, where there is one alone and it is a 200 or 401: no proxy makes these itself.
  fileprivate func onlyFinal(on hop: Hop, round: Int) -> Int? {
    let finals = finals(of: round, on: hop)
    guard let only = finals.first, finals.count == 1, [200, 401].contains(messages[only].status) else { return nil }
    return only
  }
}
