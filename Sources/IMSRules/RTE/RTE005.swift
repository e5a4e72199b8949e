import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE005 = Rule(
    "RTE005", .error, "Path not returned in the 200",
    clauses: [.rfc(3327, "5.3"), .ts24229("5.4.1.2.2F")], since: "0.2",
    why: """
      With the Path in its 200 the registrar says which way it will take to the UE. A 200 without it, or with another, comes \
      from a registrar that kept no Path, or a wrong one.
      """,
    traps: """
      Compared on each hop with the request there. Toward the UE the P-CSCF may take it off. De-registrations keep no Path. \
      Behind the point of Mw border elements may have put entries on top, which come back with the rest, unless the REGISTER \
      came to the S-CSCF as it was. One finding, on the hop farthest from the UE.
      """,
    when: .granted, needs: [.transaction(on: [.h1, .h2])], trigger: .otherPath,
    flagged: [
      Example(
        "no Path in the 200",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 200 OK         ←
          -Path
        P -> UE: 200 OK
        """)
    ],
    clean: [
      Example(
        "returned; the P-CSCF keeps it to itself",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 200 OK
        P -> UE: 200 OK
          -Path
        """),
      Example(
        "a border element behind the point of capture put its own on top",
        """
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> I: REGISTER sip:hims.net
          Path: <sip:term@pcscf.visited.net;lr>
        I -> P: 200 OK
          Path: <sip:ibcf.visited.net;lr>, <sip:term@pcscf.visited.net;lr>
        """),
    ]
  ) { flow, report in
    let changed = flow.grants(on: [.h1, .h2]).filter { response in
      guard let answer = flow.sip(response), let request = flow.request(of: response).flatMap({ flow.sip($0) }),
        request.has(.path), !request.spells(.path, as: answer), answer.grantedExpiry != 0
      else { return false }
      let mayHaveGrown = flow.messages[response].hop == .h1 && flow.mayGrow(request.path, behind: response)
      return mayHaveGrown ? !request.path.isRoute(below: answer.path) : !request.path.isSameRoute(as: answer.path)
    }
    guard let origin = flow.farthest(of: changed), let request = flow.request(of: origin) else { return }
    let returned = flow.sip(origin)?.path ?? []
    report(
      returned.isEmpty ? "no Path in the 200" : "the 200 returns another Path",
      at: [origin, request] + changed.filter { $0 != origin },
      observed: "Path: \(returned.list)", expected: flow.sip(request)?.path.list ?? "")
  }
}

extension Flow {
  /// Did nobody see the REGISTER come to the S-CSCF with as many entries?
  fileprivate func mayGrow(_ path: [NameAddr], behind response: Int) -> Bool {
    guard let round = round(of: response), let request = firstRequest(of: round, on: .h2), let sip = sip(request) else {
      return true
    }
    return sip.path.count != path.count
  }
}
