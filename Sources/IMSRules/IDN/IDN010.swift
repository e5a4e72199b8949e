import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN010 = Rule(
    "IDN010", .warning, "IMPI or instance changes inside one flow",
    clauses: [.ts24229("5.1.1.5.1"), .rfc(5626, "4.2")], since: "0.2",
    why: """
      Instance and private identity stand for one device and one subscription. Where they change from one REGISTER to the \
      next, two devices share an address, or one has lost its memory.
      """,
    traps: "REGISTERs with one Call-ID are compared. A header that one of them leaves out is no change.",
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .otherDevice,
    flagged: [
      Example(
        "another instance",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Contact: <sip:10.10.0.2:5060>;+sip.instance="<urn:gsma:imei:1-1-0>"
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
          Contact: <sip:10.10.0.2:5060>;+sip.instance="<urn:gsma:imei:2-2-0>"
        """)
    ],
    clean: [
      Example(
        "one instance",
        """
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;+sip.instance="<urn:gsma:imei:1-1-0>"
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;+sip.instance="<urn:gsma:imei:1-1-0>"
        """)
    ]
  ) { flow, report in
    var known: (index: Int, round: Int, instance: Text?, username: Text?)?
    for round in flow.rounds.indices {
      guard let index = flow.firstRequest(of: round), let sip = flow.sip(index) else { continue }
      let instance = sip.contacts.first?.parameters["+sip.instance"]
      let username = sip.authorization.lazy.compactMap(\.username).first { !$0.isEmpty }
      if let known, flow.rounds[known.round].callID == flow.rounds[round].callID {
        if let before = known.instance, let instance, before != instance {
          report(
            "the instance changes from one REGISTER to the next", at: [index, known.index], observed: "\(instance)",
            expected: "\(before)")
        }
        if let before = known.username, let username, before != username {
          report(
            "the private identity changes from one REGISTER to the next", at: [index, known.index],
            observed: "\(username)", expected: "\(before)")
        }
      }
      known = (index, round, instance ?? known?.instance, username ?? known?.username)
    }
  }
}
