import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let PRV001 = Rule(
    "PRV001", .error, "CK/IK delivered to the UE",
    clauses: [.ts24229("5.2.2.2"), .ts24229("7.2A.1"), .ts33203("6.1.1")], since: "0.1",
    why: """
      The P-CSCF takes CK and IK out of the challenge before it sends it on: over the air they would hand the keys of the \
      security association to whoever listens.
      """,
    traps: """
      On Mw the keys belong there. A capture point that is called Gm but is not is told by the Via count: the 401 to the UE \
      has exactly one left.
      """,
    when: .challenged, needs: [.message(status: 401...401, on: [.h0])], trigger: .keyOnGm,
    flagged: [
      Example(
        "ck and ik are still in the 401",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized       ←
          WWW-Authenticate: Digest realm="hims.net", nonce="I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=", algorithm=AKAv1-MD5, ck="00000000000000000000000000000001", ik="00000000000000000000000000000002"
        """)
    ],
    clean: [
      Example(
        "keys on Mw only",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    for index in flow.registerMessages where flow.messages[index].hop == .h0 {
      guard let sip = flow.sip(index), sip.status == 401, sip.via.count == 1 else { continue }
      let leaked = [("ck", Digest.Name.ck), ("ik", .ik)].filter { name in
        sip.wwwAuthenticate.contains { $0[name.1] != nil }
      }.map(\.0)
      guard !leaked.isEmpty else { continue }
      report(
        "the 401 to the UE carries \(leaked.joined(separator: " and "))", at: [index],
        observed: "WWW-Authenticate with the parameters \(leaked.joined(separator: ", "))",
        expected: "WWW-Authenticate without ck and ik", isShown: true)
    }
  }
}
