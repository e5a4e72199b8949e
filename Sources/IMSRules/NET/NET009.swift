import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let NET009 = Rule(
    "NET009", .info, "NAT or address translation on the way",
    clauses: [.ts33203("M"), .ts24229("F.1")], since: "0.2",
    why: """
      Where an address is translated between UE and P-CSCF, answers and calls find the UE only by the way its packets came. \
      Associations of the transport mode do not survive it at all.
      """,
    traps: """
      Judged by the UE's own REGISTER on Gm: an address in its sent-by that is not the source. A name there says nothing. With \
      IPsec in transport mode it is a warning.
      """,
    when: .register, needs: [.message(status: nil, on: [.h0])], trigger: .foreignSentBy,
    flagged: [
      Example(
        "a private sent-by",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Via: SIP/2.0/UDP 192.168.1.9:5060;branch=z9hG4bKnat
          -Security-Client
        P -> UE: 401 Unauthorized
        """)
    ],
    clean: [
      Example(
        "its own address",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    guard flow.rounds.indices.contains(0), let index = flow.firstRequest(of: 0, on: .h0), let sip = flow.sip(index),
      sip.via.count == 1, let via = sip.via.first, let named = IPAddress(via.sentBy.host)
    else { return }
    let source = flow.messages[index].message.source.address
    guard named != source else { return }
    let isTransport = sip.securityClient.contains { $0.isIPsec && !$0.isOfMedia && ($0.mod?.isToken("trans") ?? true) }
    report(
      "the REGISTER of the UE comes from another address than it names", at: [index],
      observed: "source \(source), sent-by \(via.sentBy.host)", expected: "one address",
      severity: isTransport && flow.usesIPsec ? .warning : nil)
  }
}
