import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let RTE003 = Rule(
    "RTE003", .error, "Path without Require: path",
    clauses: [.ts24229("5.2.2.1"), .rfc(3327, "5.2")], since: "0.2",
    why: """
      The P-CSCF demands that the registrar keep the Path. A registrar that does not know Path would else answer 200 and \
      forget it, and requests to the UE would miss the P-CSCF.
      """,
    traps: """
      What the UE says in Supported speaks for the UE alone: where path stands only there, the finding is a warning. One \
      finding for a REGISTER, on the first hop that shows it. A REGISTER without Path is RTE002's.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1, .h2])], trigger: .pathNotRequired,
    flagged: [
      Example(
        "a Path that nobody is bound to keep",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          -Require
          -Supported
        """),
      Example(
        "path in Supported only",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          -Require
          Supported: path
        """),
    ],
    clean: [
      Example(
        "one of several option tags, in another spelling",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
          Require: sec-agree, Path
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      let requests = flow.requests(of: round, on: [.h1, .h2])
      // One finding for a REGISTER: the hop behind only passes on what it got.
      guard let first = requests.first(where: { flow.sip($0)?.lacksRequirePath ?? false }), let sip = flow.sip(first)
      else {
        continue
      }
      let isSupported = sip.lists("path", in: .supported)
      report(
        "Path without Require: path in the REGISTER\(flow.rounds[round].cseqText) on \(flow.messages[first].hop?.rawValue ?? "Mw")",
        at: [first], observed: isSupported ? "path in Supported only" : "path neither in Require nor in Supported",
        expected: "Require: path", severity: isSupported ? .warning : nil)
    }
  }
}

extension SIPMessage {
  fileprivate var lacksRequirePath: Bool { has(.path) && !lists("path", in: .require) }
}
