import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR004 = Rule(
    "HDR004", .error, "CSeq malformed or method mismatch",
    clauses: [.rfc(3261, "8.1.1.5"), .rfc(3261, "20.16")], since: "0.2",
    why: """
      CSeq puts the requests of a Call-ID in order and names the method for which a response is. A number past 2^31 or another \
      method leaves the receiver without either.
      """,
    traps: "Zero is legal, leading zeros too. One finding for a REGISTER, on the first hop that shows it.",
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .oddCSeq,
    flagged: [
      Example(
        "the CSeq of another method",
        """
        UE -> P: REGISTER sip:hims.net      ←
          CSeq: 1 INVITE
        """),
      Example(
        "past the end of the numbers",
        """
        UE -> P: REGISTER sip:hims.net      ←
          CSeq: 2147483648 REGISTER
        """),
    ],
    clean: [
      Example(
        "zero",
        """
        UE -> P: REGISTER sip:hims.net
          CSeq: 0 REGISTER
        """)
    ]
  ) { flow, report in
    for index in flow.outermostRequests {
      guard let sip = flow.sip(index), sip.has(.cseq) else { continue }
      if let cseq = sip.cseq, cseq.number <= 0x7fff_ffff, cseq.method.isExactly("REGISTER") { continue }
      report(
        "CSeq of the REGISTER is wrong", at: [index], observed: "CSeq: \(sip.first(.cseq) ?? "")",
        expected: "a number below 2147483648 and REGISTER")
    }
  }
}
