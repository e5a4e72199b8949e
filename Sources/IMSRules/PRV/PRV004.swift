import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let PRV004 = Rule(
    "PRV004", .warning, "Charging headers sent to the UE",
    clauses: [.ts24229("5.2.1"), .ts24229("4.5"), .rfc(7315, "4.6")], since: "0.2",
    why: """
      Charging identifiers and the addresses of the charging functions are between the operators' nodes. The P-CSCF takes them \
      off before a message leaves the trust domain.
      """,
    traps: "Only what goes to the UE on Gm is judged; what the UE sends is PRV007's.",
    when: .register, needs: [.message(status: 100...699, on: [.h0])], trigger: .chargingOnGm,
    flagged: [
      Example(
        "the vector reaches the UE",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized           ←
          P-Charging-Vector: icid-value=one
        """)
    ],
    clean: [
      Example(
        "taken off",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
          P-Charging-Vector: icid-value=one
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for index in flow.registerMessages where flow.messages[index].hop == .h0 && !flow.messages[index].isRequest {
      guard let sip = flow.sip(index) else { continue }
      let shown = [HeaderName.pChargingVector, .pChargingFunctionAddresses].filter { sip.has($0) }.map(\.name)
      if shown.isEmpty { continue }
      report(
        "\(shown.joined(separator: " and ")) in the \(sip.name) to the UE", at: [index],
        observed: shown.joined(separator: ", "), expected: "neither", isShown: true)
    }
  }
}
