import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let REG005 = Rule(
    "REG005", .error, "423 handling",
    clauses: [.rfc(3261, "10.2.8"), .rfc(3261, "21.4.17"), .ts24229("5.1.1.2.1"), .ts24229("5.4.1.2.2")], since: "0.2",
    why: """
      A 423 says the least that the registrar grants, and the UE asks again for that. Without Min-Expires, or with one that was \
      asked for, the UE can but ask in vain.
      """,
    traps: "A UE that gives up is no fault of this rule. The REGISTER behind the 423 is judged where its hop shows it.",
    when: .register, needs: [.message(status: 423...423, on: Hop.sip)],
    flagged: [
      Example(
        "no Min-Expires",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=60
        P -> UE: 423 Interval Too Brief     ←
          -Min-Expires
        """),
      Example(
        "enough was asked for",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Contact: <sip:10.10.0.2:5060>;expires=7200
        P -> UE: 423 Interval Too Brief     ←
          Min-Expires: 3600
        """),
      Example(
        "the UE asks for as little again",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=60
        P -> UE: 423 Interval Too Brief     ←
          Min-Expires: 3600
        UE -> P: REGISTER sip:hims.net      ←
          Contact: <sip:10.10.0.2:5060>;expires=60
        """),
    ],
    clean: [
      Example(
        "the UE asks for what is granted",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=60
        P -> UE: 423 Interval Too Brief
          Min-Expires: 3600
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=3600
        """)
    ]
  ) { flow, report in
    let refusals = flow.registerMessages.filter { flow.messages[$0].status == 423 && flow.messages[$0].hop != nil }
    let faulty = refusals.filter { flow.fault(of: $0) != nil }
    if let origin = flow.farthest(of: faulty), let fault = flow.fault(of: origin) {
      let request = flow.request(of: origin)
      report(
        fault.text, at: [origin] + [request].compactMap(\.self), observed: fault.observed,
        expected: "Min-Expires above what was asked for")
    }
    for refusal in refusals {
      guard let least = flow.sip(refusal)?.first(.minExpires)?.number, let next = flow.request(after: refusal),
        let asked = flow.sip(next)?.requestedExpiry, asked < least, asked != 0
      else { continue }
      report(
        "the UE asks for \(asked) s after a 423 with Min-Expires \(least)", at: [next, refusal],
        observed: "expires \(asked)", expected: "at least \(least)")
    }
  }
}

extension Flow {
  fileprivate func fault(of refusal: Int) -> (text: String, observed: String)? {
    guard let answer = sip(refusal) else { return nil }
    guard let least = answer.first(.minExpires)?.number else {
      return ("423 without Min-Expires", answer.first(.minExpires)?.string ?? "no Min-Expires")
    }
    guard let asked = request(of: refusal).flatMap({ sip($0)?.leastExpiry }), least <= asked else { return nil }
    return ("423 though enough was asked for", "Min-Expires \(least), expires \(asked)")
  }

  /// The first request of the next REGISTER of the same Call-ID on the hop of this response.
  fileprivate func request(after response: Int) -> Int? {
    guard let number = index.transaction(of: response) else { return nil }
    let (hop, round) = (transactions[number].hop, rounds[transactions[number].round])
    return transactions.first {
      $0.hop == hop && rounds[$0.round].callID == round.callID && rounds[$0.round].cseq > round.cseq
    }?.requests.first
  }
}

extension SIPMessage {
  /// The shortest time that a contact asks for which is to be bound: a registrar may find any of them too brief (RFC 3261 §10.3).
  fileprivate var leastExpiry: UInt64? {
    let header = expires
    return contacts.compactMap { $0.expires ?? header }.filter { $0 != 0 }.min() ?? requestedExpiry
  }
}
