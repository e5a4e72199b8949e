import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let SEC007 = Rule(
    "SEC007", .error, "Security-Verify missing or not a mirror",
    clauses: [.ts24229("5.1.1.5.1"), .ts24229("5.2.2.2"), .ts33203("7.2"), .rfc(3329, "2.4")], since: "0.2",
    why: """
      The list that the UE sends back through the association is how the P-CSCF learns that nobody on the way took the strong \
      algorithms out of its offer. Without it the agreement is worth nothing.
      """,
    traps: """
      Case, white space and the order of parameters do not matter; q=0.1 is q=0.10; a missing ealg is null, prot esp, mod trans. \
      A REGISTER that asks for resynchronisation bears none. What travelled in ESP that was not opened is not judged. Entries \
      of the media plane (mediasec) are left out.
      """,
    when: .securityAgreed,
    needs: [.message(status: 401...401, on: [.h0])],
    trigger: .oddProtection,
    flagged: [
      Example(
        "no Security-Verify",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
          -Security-Verify
        """),
      Example(
        "another algorithm than the P-CSCF named",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized             ←
        UE -> P: REGISTER sip:hims.net        ←
          Security-Verify: ipsec-3gpp; q=0.5; alg=hmac-md5-96; ealg=null; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
        P -> I: REGISTER sip:hims.net
        """),
    ],
    clean: [
      Example(
        "sent back as it came",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> UE: 200 OK
        """),
      Example(
        "in another spelling",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Security-Verify: IPSEC-3GPP;alg=HMAC-SHA-1-96;q=0.50;prot=esp;mod=trans;port-s=6100;port-c=5100;spi-s=1001;spi-c=1000
        P -> UE: 200 OK
        """),
      Example(
        "resynchronisation",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Authorization.auts: "uoU/PBKc38GEyuSusq8="
        P -> UE: 401 Unauthorized
        """),
    ]
  ) { flow, report in
    flow.noteUnseenAnswers(&report)
    for answer in flow.facts.protectedAnswers {
      guard let request = flow.sip(answer.request), let challenge = flow.sip(answer.challenge) else { continue }
      if request.mirrors(.securityServer, of: challenge, in: .securityVerify) { continue }
      let server = challenge.securityServer.filter { !$0.isOfMedia }
      let verify = request.securityVerify.filter { !$0.isOfMedia }
      // A mirror is letter for letter the same, as a rule.
      if verify.map(\.raw) == server.map(\.raw) || verify.map(\.canonical) == server.map(\.canonical) { continue }
      let isForwarded = flow.rounds[answer.round].transactions.contains { flow.transactions[$0].hop == .h1 }
      let consequence = isForwarded ? "; the P-CSCF passed the REGISTER on all the same" : ""
      report(
        verify.isEmpty
          ? "no Security-Verify in the REGISTER that answers the challenge\(consequence)"
          : "Security-Verify differs from Security-Server\(consequence)",
        at: [answer.request, answer.challenge],
        observed: verify.isEmpty ? "no Security-Verify" : verify.map(\.raw.string).joined(separator: ", "),
        expected: server.map(\.raw.string).joined(separator: ", "))
    }
  }
}
