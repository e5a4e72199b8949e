import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT014 = Rule(
    "AUT014", .error, "Authentication-Info does not verify",
    clauses: [.rfc(7616, "3.5"), .ts24229("5.4.1.2.2A"), .ts33203("N.2")], since: "0.2",
    why: """
      With rspauth the network proves that it knows the password too. A UE that verifies it drops a registration whose proof \
      is wrong.
      """,
    traps: """
      Due with SIP Digest alone, and there its absence is a warning: many registrars leave it out. The answer to a \
      de-registration may do without. Judged where the vector was captured.
      """,
    when: .granted, needs: [.vector, .message(status: 200...299, on: Hop.sip)], trigger: .authenticationInfo,
    flagged: [
      Example(
        "another proof",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA                    ←
        S -> I: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 200 OK                   ←
          Authentication-Info: rspauth="00000000000000000000000000000000"
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ],
    clean: [
      Example(
        "none, with AKA",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 200 OK
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    // The deepest hop that shows it: farther out it is passed on.
    guard let hop = Hop.sip.last(where: { !flow.grants(on: [$0]).isEmpty }) else { return }
    for grant in flow.grants(on: [hop]) {
      guard let request = flow.request(of: grant), let answer = flow.sip(grant) else { continue }
      guard let info = answer.authenticationInfo.first else {
        guard flow.mechanism == .digest, flow.answersChallenge(request),
          let proof = MutualProof(request, grantedBy: answer, flow)
        else { continue }
        report(
          "the 200 brings no proof of the network", at: [grant] + [proof.answer].compactMap(\.self),
          observed: "no Authentication-Info",
          expected: "Authentication-Info with rspauth", severity: .warning)
        continue
      }
      let given = flow.sip(request)?.authorization.first { !($0.response?.isEmpty ?? true) }
      if let nc = info.nc, let sent = given?.nc, !nc.equalsIgnoringCase(sent) {
        report(
          "Authentication-Info has another counter than the request", at: [grant, request], observed: "nc=\(nc)",
          expected: "nc=\(sent)")
      }
      if let cnonce = info.cnonce, let sent = given?.cnonce, cnonce != sent {
        report(
          "Authentication-Info has another cnonce than the request", at: [grant, request],
          observed: "cnonce=\(cnonce)", expected: "cnonce=\(sent)")
      }
      guard let rspauth = info.rspauth, let proof = MutualProof(request, grantedBy: answer, flow),
        !rspauth.equalsIgnoringCase(proof.expected)
      else { continue }
      report(
        "the proof of the network is wrong", at: [grant, request] + [proof.answer].compactMap(\.self),
        observed: "rspauth \(rspauth)", expected: "the rspauth that follows from \(proof.source)")
    }
  }
}
