import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let CX018 = Rule(
    "CX018", .error, "Registration-Termination mishandled",
    clauses: [.ts29228("6.1.3"), .ts24229("5.4.1.5")], since: "0.2",
    why: """
      With the RTR the HSS takes a registration back. It must reach the S-CSCF that serves the subscriber and say why; an \
      S-CSCF that does not agree leaves a subscriber on the air whom the HSS has forgotten.
      """,
    traps: """
      An emergency registration may stay: then the S-CSCF answers 2002 or 5012. A late answer is judged by the clock of one \
      capture only within 5 s. The NOTIFYs are not judged.
      """,
    when: .networkDeregistered, needs: [.exchange(.registrationTermination)],
    flagged: [
      Example(
        "refused",
        """
        S -> HSS: SAR
        HSS -> S: SAA
        wait 20s
        HSS -> S: RTR
        S -> HSS: RTA result 5004     ←
        """),
      Example(
        "without a reason",
        """
        S -> HSS: SAR
        HSS -> S: SAA
        wait 20s
        HSS -> S: RTR                 ←
          -Deregistration-Reason
        S -> HSS: RTA
        """),
    ],
    clean: [
      Example(
        "agreed",
        """
        S -> HSS: SAR
        HSS -> S: SAA
        wait 20s
        HSS -> S: RTR
        S -> HSS: RTA
        """)
    ]
  ) { flow, report in
    flow.forEachExchange(.registrationTermination) { rta in
      let missing = rta.asked.missing(AVPName.ofRTR)
      if !missing.isEmpty {
        report(
          "the RTR has no \(missing.joined(separator: ", no "))", at: [rta.request],
          observed: "no \(missing.joined(separator: ", no "))",
          expected: "User-Name, Destination-Host and Deregistration-Reason")
      } else if let code = rta.asked.deregistrationReason?.code, code > 3 {
        report("the RTR gives no known reason", at: [rta.request], observed: "Reason-Code \(code)", expected: "0 to 3")
      }
      let isKept = rta.answered.resultCode == 5012 || rta.answered.experimentalResult?.code == 5012
      if !rta.answered.isSuccess, !isKept {
        let isUndelivered = rta.answered.isUndelivered
        report(
          isUndelivered ? "the RTR did not come to the S-CSCF" : "the S-CSCF refused the de-registration",
          at: [rta.answer, rta.request], observed: rta.answered.resultText ?? "no result", expected: "2001",
          severity: isUndelivered ? .warning : nil)
      }
      let delay = flow.messages[rta.answer].time - flow.messages[rta.request].time
      if delay > .seconds(5) {
        report(
          "the S-CSCF answered the RTR late", at: [rta.answer, rta.request],
          observed: "\(delay.nanoseconds / 1_000_000_000) s", expected: "within 5 s", severity: .warning)
      }
    }
  }
}

extension Condition {
  static let networkDeregistered = Condition("a de-registration by the network") { $0.kind == .networkDeregistration }
}

extension AVPName {
  fileprivate static let ofRTR: [AVPName] = [.userName, .destinationHost, .deregistrationReason]
}
