import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let NET002 = Rule(
    "NET002", .error, "Bearer/PDP context activation failed or was torn down",
    clauses: [.ts29060("7.3.5"), .ts29274("7.2.9")], since: "0.2",
    why: """
      Without its bearer the UE hears nothing any more: whatever the core answers, the registration ends here, and the fault \
      lies in the access.
      """,
    traps: """
      A bearer that is taken down when the registration is over is no fault: counted is a deletion between the first REGISTER \
      and its last answer. A refused activation belongs to no registration, for the UE has no address. \
      A Delete Session Request without Operation Indication frees an S-GW that the UE has left (TS 29.274 §7.2.9.1).
      """,
    when: .overBearer, needs: [.message(status: nil, on: Hop.sip)],
    flagged: [
      Example(
        "taken down under way",
        """
        SGSN -> GGSN: Create PDP Context
        GGSN -> SGSN: Create PDP Context
        UE -> P: REGISTER sip:hims.net
        SGSN -> GGSN: Delete PDP Context      ←
        GGSN -> SGSN: Delete PDP Context
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "it stays",
        """
        SGSN -> GGSN: Create PDP Context
        GGSN -> SGSN: Create PDP Context
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    guard let first = flow.registerMessages.first, let last = flow.registerMessages.last else { return }
    for deletion in flow.tunnelMessages(.delete, isRequest: true) {
      let time = flow.messages[deletion].time
      guard time > flow.messages[first].time, time < flow.messages[last].time, !flow.isOfFormerSGW(deletion) else {
        continue
      }
      report(
        "the bearer was taken down during the registration", at: [deletion, last],
        observed: flow.messages[deletion].message.access?.name ?? "", expected: "a bearer until the last answer")
    }
  }
}

extension Flow {
  /// The connection lives on at another S-GW.
  fileprivate func isOfFormerSGW(_ deletion: Int) -> Bool {
    guard messages[deletion].hop == .s11, let gtp = messages[deletion].message.access?.gtp else { return false }
    return gtp.type.version == 2 && !gtp.hasOperationIndication
  }
}
