import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let DIA005 = Rule(
    "DIA005", .error, "Result AVPs or E-bit inconsistent",
    clauses: [.rfc(6733, "6.2"), .rfc(6733, "7.1"), .rfc(6733, "7.2"), .rfc(6733, "7.6")], since: "0.2",
    why: """
      An answer says once what became of the request, and who says it. A client that finds no result, or an error flag beside \
      a success, does whatever its makers thought of.
      """,
    traps: """
      With a result of the 5xxx class the E flag is right and its absence too. Two results of one answer are a warning. \
      Failed-AVP is due where the result speaks of an AVP.
      """,
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .oddAnswer,
    flagged: [
      Example(
        "no result",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA             ←
          -Result-Code
        """),
      Example(
        "too busy without E",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA result 3004     ←
          Flags: 0x40
        """),
      Example(
        "a missing AVP that is not named",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA result 5005     ←
        """),
    ],
    clean: [
      Example(
        "one result",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA exp 5001
        """),
      Example(
        "too busy",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA result 3004
        """),
    ]
  ) { flow, report in
    flow.forEachDiameter { index, answer in
      guard !answer.isRequest else { return }
      let (base, experimental) = (answer.has(.resultCode), answer.has(.experimentalResult))
      if !base, !experimental {
        report(
          "the \(answer.name) has no result", at: [index], observed: "neither Result-Code nor Experimental-Result",
          expected: "one of them")
      } else if base, experimental {
        report(
          "the \(answer.name) has two results", at: [index], observed: "Result-Code and Experimental-Result",
          expected: "one of them", severity: .warning)
      } else if experimental, answer.experimentalResult == nil {
        report(
          "the Experimental-Result of the \(answer.name) holds no code", at: [index],
          observed: "Experimental-Result without Experimental-Result-Code", expected: "Vendor-Id and code")
      }
      if let fault = AnswerFault.first(of: answer) {
        report(
          fault.text, at: [index], observed: fault.observed, expected: fault.expected, severity: fault.severity)
      }
    }
  }
}

private struct AnswerFault {
  var text: String
  var observed: String
  var expected: String
  var severity: Severity?

  /// Result-Codes that speak of an AVP which Failed-AVP must hold (RFC 6733 §7.1.5).
  private static func namesAVP(_ code: UInt32) -> Bool {
    switch code {
    case 5001, 5004, 5005, 5007, 5008, 5009, 5014, 5016: true
    default: false
    }
  }

  static func first(of answer: DiameterMessage) -> AnswerFault? {
    if !answer.has(.originHost) || !answer.has(.originRealm) {
      return AnswerFault(
        text: "the \(answer.name) does not say who answers", observed: "no Origin-Host or no Origin-Realm",
        expected: "both")
    }
    guard let code = answer.resultCode else { return nil }
    let class3 = code / 1000 == 3
    if class3 != answer.isError, class3 || code / 1000 != 5 {
      return AnswerFault(
        text: class3
          ? "the \(answer.name) is a protocol error without the E flag" : "the \(answer.name) has the E flag",
        observed: "Result-Code \(code), \(answer.isError ? "E" : "no E")", expected: class3 ? "E" : "no E")
    }
    guard namesAVP(code), !answer.has(.failedAVP) else { return nil }
    return AnswerFault(
      text: "the \(answer.name) does not name the AVP that it refuses", observed: "Result-Code \(code), no Failed-AVP",
      expected: "Failed-AVP", severity: .warning)
  }
}
