import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let RTE001 = Rule(
    "RTE001", .info, "Route header in a UE's REGISTER",
    clauses: [.rfc(3261, "8.1.2"), .ts24229("5.1.1.2.1")], since: "0.2",
    why: """
      A UE that preloads its P-CSCF in a Route does what SIP allows and IMS does not need: the P-CSCF is found by its address. \
      A Route that names another node leads the REGISTER past the P-CSCF.
      """,
    traps: """
      Several handsets send it. Names are believed; an address that is neither where the REGISTER went nor the P-CSCF's is an \
      error, unless the P-CSCF stands behind a translator; an entry without lr is a warning. A request with more than one Via \
      comes from no UE.
      """,
    when: .register, needs: [.message(status: nil, on: [.h0])], trigger: .route,
    flagged: [
      Example(
        "the P-CSCF as a preloaded route",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Route: <sip:10.20.0.10:5060;lr>
        """),
      Example(
        "another node",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Route: <sip:10.20.0.99:5060;lr>
        """),
      Example(
        "without lr",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Route: <sip:10.20.0.10:5060>
        """),
    ],
    clean: [Example("no Route", "UE -> P: REGISTER sip:hims.net")]
  ) { flow, report in
    for transaction in flow.transactions where transaction.hop == .h0 {
      guard let request = transaction.requests.first, let sip = flow.sip(request), sip.has(.route),
        sip.via.count == 1, let top = sip.route.first
      else { continue }
      let destination = flow.messages[request].message.destination.address
      let isElsewhere =
        top.address.map { $0 != destination && !flow.isPCSCF($0) && $0.isPrivate == destination.isPrivate } ?? false
      report(
        isElsewhere ? "the Route of the UE names another node" : "the UE's REGISTER carries a Route", at: [request],
        observed: "Route: \(top.raw), sent to \(destination)",
        expected: isElsewhere ? "the P-CSCF, or no Route" : "no Route, or the P-CSCF with lr",
        severity: isElsewhere ? .error : top.isLooseRoute ? nil : .warning)
    }
  }
}

extension Flow {
  fileprivate func isPCSCF(_ address: IPAddress) -> Bool {
    parties.contains { $0.role == .pcscf && $0.address == address }
  }
}
