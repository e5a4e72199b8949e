import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC005 = Rule(
    "SEC005", .error, "401 on Gm without Security-Server",
    clauses: [.ts24229("5.2.2.2"), .ts24229("5.1.1.5.1"), .rfc(3329, "2.3.1")], since: "0.2",
    why: """
      A UE that offered associations and gets none back must give the registration up, or answer in clear what everybody can \
      read.
      """,
    traps: """
      A P-CSCF whose IPsec was switched off does so on purpose: then this says why UEs stay away. Mechanisms of the media \
      plane are none.
      """,
    when: .aka, needs: [.transaction(on: [.h0])],
    trigger: .oddOffer,
    flagged: [
      Example(
        "offered, and nothing back",
        """
        UE -> P: REGISTER sip:hims.net        ←
        P -> UE: 401 Unauthorized             ←
          -Security-Server
        """)
    ],
    clean: [
      Example(
        "an association",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for index in flow.registerMessages where flow.messages[index].hop == .h0 && flow.messages[index].status == 401 {
      guard let sip = flow.sip(index), !sip.securityServer.contains(where: { !$0.isOfMedia }),
        let request = flow.request(of: index), let register = flow.sip(request),
        register.securityClient.contains(where: { $0.isIPsec && !$0.isOfMedia })
      else { continue }
      report(
        "the UE offered IPsec and the 401 names no association", at: [index, request], observed: "no Security-Server",
        expected: "Security-Server")
    }
  }
}
