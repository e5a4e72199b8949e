import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let AUT015 = Rule(
    "AUT015", .error, "integrity-protected missing or wrong",
    clauses: [.ts24229("5.2.2.2"), .ts24229("7.2A.2")], since: "0.2",
    why: """
      Only the P-CSCF knows whether a REGISTER came through the security association. It tells the S-CSCF with \
      integrity-protected; an S-CSCF that must guess challenges every time, or believes a forgery.
      """,
    traps: """
      P-CSCF configurations in common use never set it: true, and harmless where the S-CSCF challenges every REGISTER; a \
      warning in the field profile. Judged for AKA only, when a challenge, a Security-Client or the vector shows AKA. Where Gm \
      was not opened, only the absence is judged.
      """,
    when: .aka, needs: [.message(status: nil, on: [.h1, .h2])], trigger: .noProtectionMark,
    flagged: [
      Example(
        "never set",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          -Authorization.integrity-protected
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "no, then yes",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        """)
    ],
    field: .warning
  ) { flow, report in
    for round in flow.rounds.indices {
      // One finding for a REGISTER: the hop behind only passes on what it got.
      guard let index = flow.firstRequest(of: round, on: .h1, or: .h2),
        let credentials = flow.sip(index)?.authorization.first
      else { continue }
      guard let value = credentials.integrityProtected else {
        report(
          "no integrity-protected in the REGISTER\(flow.rounds[round].cseqText)", at: [index],
          observed: "Authorization without integrity-protected",
          expected: "integrity-protected=\"\(flow.protectionOnGm(round))\"")
        continue
      }
      guard ["yes", "no"].contains(value.lowercased.string), value.equalsIgnoringCase("yes"),
        let clear = flow.firstRequest(of: round, on: .h0), !flow.usesIPsec,
        !flow.isOnAgreedPorts(clear)
      else { continue }
      report(
        "integrity-protected=\"yes\" for a REGISTER that came in clear", at: [index, clear], observed: "\(value)",
        expected: "no")
    }
  }
}

extension Flow {
  /// What the P-CSCF should say of this REGISTER, as far as Gm shows how it came.
  fileprivate func protectionOnGm(_ round: Int) -> String {
    let requests = rounds[round].transactions.map { transactions[$0] }.filter { $0.hop == .h0 }.flatMap(\.requests)
    let sightings = requests.flatMap { messages[$0].message.transmissions }.flatMap(\.sightings)
    if sightings.contains(where: { $0.spi != 0 }) { return "yes" }
    return isSeenOnGm(round) && !usesIPsec ? "no" : "yes or no"
  }

  /// Does the request travel on ports that a Security-Client or Security-Server of this registration agreed on? A capture
  /// taken before IPsec shows protected messages in clear.
  fileprivate func isOnAgreedPorts(_ index: Int) -> Bool {
    let message = messages[index].message
    let agreed = messages.compactMap(\.sip).flatMap { $0.securityServer + $0.securityVerify }.compactMap(
      \.portS)
    return agreed.contains(message.destination.port)
  }
}
