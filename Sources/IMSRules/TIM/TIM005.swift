import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let TIM005 = Rule(
    "TIM005", .warning, "Slow HSS",
    clauses: [.ts29228("6"), .rfc(6733, "5.5.4")], since: "0.2",
    why: """
      Each registration asks the HSS three or four times, and the UE waits for each. Behind one second its REGISTER comes \
      again, and the load doubles.
      """,
    traps: """
      Both messages must have been seen at one capture point. The slowest exchange of the registration is reported, when it \
      took more than one second. No answer at all is DIA003's.
      """,
    when: .register, needs: [.everyHop(Hop.cx)],
    flagged: [
      Example(
        "two seconds",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
        wait 2s
        HSS -> S: MAA             ←
        """)
    ],
    clean: [
      Example(
        "at once",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        wait 200ms
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    var slowest: (request: Int, answer: Int, delay: Interval)?
    for exchange in flow.exchanges {
      guard let request = exchange.request, let answer = exchange.answer,
        flow.messages[answer].time - flow.messages[request].time > .milliseconds(900),
        let delay = flow.delay(from: request, to: answer), delay > .seconds(1), delay > slowest?.delay ?? .zero
      else { continue }
      slowest = (request, answer, delay)
    }
    guard let slowest else { return }
    report(
      "the \(flow.diameter(slowest.request)?.name ?? "request") waited \(slowest.delay.inSeconds) for its answer",
      at: [slowest.answer, slowest.request], observed: slowest.delay.inSeconds, expected: "1 s or less")
  }
}
