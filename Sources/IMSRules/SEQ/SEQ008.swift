import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEQ008 = Rule(
    "SEQ008", .error, "Step out of order",
    clauses: [.ts24229("5.4.1.2.1"), .ts24229("5.4.1.2.2"), .ts29228("6.1.2")], since: "0.2",
    why: """
      The S-CSCF grants when the HSS has agreed, and challenges when it has a vector. One that does so before cannot take it \
      back when the HSS refuses.
      """,
    traps: """
      Compared are stamps of one capture point alone, with 1 ms of patience. The first SAA and the first 200 of an initial \
      registration count: what is repeated after a loss is no disorder. A challenge and a MAA of different REGISTERs are not \
      compared: the vector may be older than the capture. A UAA after the REGISTER went on is SEQ005's.
      """,
    when: .grantedInitially, needs: [.message(status: 200...299, on: [.h2]), .exchange(.serverAssignment)],
    trigger: .earlyFinal,
    flagged: [
      Example(
        "granted before the HSS has agreed",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
        S -> I: 200 OK                   ←
        wait 10ms
        HSS -> S: SAA                    ←
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ],
    clean: [
      Example(
        "the HSS first",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: SAR
        HSS -> S: SAA
        S -> I: 200 OK
        I -> P: 200 OK
        P -> UE: 200 OK
        """)
    ]
  ) { flow, report in
    if let grant = flow.grants(on: [.h2]).first, let assigned = flow.firstAnswer(.serverAssignment, before: grant),
      flow.isEarlier(grant, than: assigned),
      !flow.lacksAnswer(before: grant, &report)
    {
      report(
        "the S-CSCF granted before the HSS had answered", at: [grant, assigned],
        observed: "200 before the SAA", expected: "SAA, then 200")
    }
    guard
      let challenge = flow.registerMessages.first(where: {
        flow.messages[$0].status == 401 && flow.messages[$0].hop == .h2
      }),
      let vector = flow.firstAnswer(.multimediaAuth, before: challenge),
      flow.isEarlier(challenge, than: vector), flow.before == nil, !flow.lacksAnswer(before: challenge, &report)
    else { return }
    report(
      "the S-CSCF challenged before the HSS had answered", at: [challenge, vector], observed: "401 before the MAA",
      expected: "MAA, then 401")
  }
}

extension Flow {
  /// The HSS's first answer for the REGISTER that this is the response to: where a request went to a second peer, that one may have
  /// answered sooner (RFC 6733 §5.5.4).
  fileprivate func firstAnswer(_ command: CommandCode, before response: Int) -> Int? {
    exchanges(of: command).filter { $0.round == round(of: response) }.compactMap(\.answer)
      .min { messages[$0].time < messages[$1].time }
  }

  /// Was the answer before it perhaps lost? Then the one that was seen is another's.
  fileprivate func lacksAnswer(before message: Int, _ report: inout Reporter) -> Bool {
    guard let loss = loss(on: .c2, from: messages[message].time, to: messages[message].time) else { return false }
    report.unobservable(loss, on: .c2)
    return true
  }

  /// Was the first message seen before the second, by the clock of one capture point that saw both?
  fileprivate func isEarlier(_ first: Int, than second: Int) -> Bool {
    guard messages[first].time < messages[second].time + .milliseconds(1) else { return false }
    var isEarlier: Bool?
    messages[first].message.transmissions[0].sightings.forEach { sighting in
      guard let other = messages[second].message.transmissions[0].seen(at: sighting.point) else { return }
      isEarlier = (isEarlier ?? true) && sighting.stamp + .milliseconds(1) < other.stamp
    }
    return isEarlier ?? false
  }
}
