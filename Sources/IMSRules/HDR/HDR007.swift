import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR007 = Rule(
    "HDR007", .error, "Response does not repeat the request's identifying headers",
    clauses: [.rfc(3261, "8.2.6.2")], since: "0.2",
    why: """
      A response carries the From, To, Call-ID and CSeq of its request. A sender that compares them drops one that has lost the \
      tag or names another sender.
      """,
    traps: """
      Display names and spelling are free. By Call-ID, CSeq and the identity in To a response is joined to its request: they are \
      equal already, and the tag of To is the server's own.
      """,
    when: .register, needs: [.transaction(on: Hop.sip)], trigger: .otherFrom,
    flagged: [
      Example(
        "another From tag",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized           ←
          From: <sip:name@hims.net>;tag=other
        """)
    ],
    clean: [
      Example(
        "with a display name",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          From: "name" <sip:name@HIMS.net>;tag=u1
        """)
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      for response in transaction.responses {
        guard let request = flow.request(of: response), let sent = flow.sip(request), let returned = flow.sip(response)
        else { continue }
        guard let before = sent.from, let after = returned.from, before.raw != after.raw,
          before.uri.addressOfRecordFingerprint != after.uri.addressOfRecordFingerprint || before.tag != after.tag
        else { continue }
        report(
          "From of the \(returned.name) is not the request's", at: [response, request], observed: "From: \(after.raw)",
          expected: "From: \(before.raw)")
      }
    }
  }
}
