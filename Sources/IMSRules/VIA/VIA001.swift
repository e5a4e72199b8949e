import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let VIA001 = Rule(
    "VIA001", .error, "Branch without magic cookie",
    clauses: [.rfc(3261, "8.1.1.7"), .rfc(3261, "20.42")], since: "0.1",
    why: """
      The cookie z9hG4bK promises that the branch is unique, so that a response can be matched by it alone. Without it \
      every element behind must fall back to the matching of RFC 2543.
      """,
    traps: """
      Reported once per node that inserted such a branch, not once per hop. A cookie in another spelling is only noted: \
      branches are compared without regard to case. An entry that a border element has encrypted (tokenized-by, TS 24.229 \
      §5.10.4.1) shows none.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .oddBranch,
    flagged: [
      Example(
        "the UE's branch is a plain word",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=0abab
        """)
    ],
    clean: [
      Example("every branch begins with the cookie", "UE -> P: REGISTER sip:hims.net"),
      Example(
        "what lies behind a border element is encrypted",
        """
        I -> S: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.20.0.20:4060;branch=z9hG4bKi1, SIP/2.0/UDP ibcf.visited.net;branch=z9hG4bKb1, SIP/2.0/UDP Token(x7f3);tokenized-by=visited.net
        """),
    ]
  ) { flow, report in
    // The place from the bottom names the node: the UE changes its port, and several nodes may share an address.
    var reported = Set<Int>()
    for index in flow.registerMessages {
      guard let sip = flow.sip(index), sip.isRequest else { continue }
      for (place, via) in sip.via.reversed().enumerated() {
        guard let fault = BranchFault(via.branch), !via.parameters.has("tokenized-by") else { continue }
        guard reported.insert(place).inserted else { continue }
        report(
          "\(fault.text) in the Via of \(via.sentBy.host)", at: [index], observed: via.raw.string,
          expected: "branch=z9hG4bK…", severity: fault.severity)
      }
    }
  }
}

private enum BranchFault {
  case missing, foreign, bare, spelling

  private static let cookie: Text = "z9hG4bK"

  init?(_ branch: Text?) {
    guard let branch, !branch.isEmpty else {
      self = .missing
      return
    }
    if !branch.hasPrefixIgnoringCase(Self.cookie) {
      self = .foreign
    } else if branch.count == Self.cookie.count {
      self = .bare
    } else if !branch.hasPrefix(Self.cookie) {
      self = .spelling
    } else {
      return nil
    }
  }

  var text: String {
    switch self {
    case .missing: "no branch"
    case .foreign: "branch without the magic cookie"
    case .bare: "branch with nothing behind the magic cookie"
    case .spelling: "magic cookie in another spelling"
    }
  }

  var severity: Severity { self == .spelling ? .info : .error }
}
