import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX017 = Rule(
    "CX017", .warning, "Result code family confusion",
    clauses: [.ts29229("6.2"), .rfc(6733, "7.1"), .rfc(6733, "7.6")], since: "0.2",
    why: """
      The same number means one thing as Result-Code and another as Experimental-Result-Code of 3GPP: 5004 is an invalid AVP \
      or roaming that is not allowed. A client that believes the wrong family refuses for the wrong reason.
      """,
    traps: """
      Reported are codes that the answer at hand does not have and the other family has; 5004 in a UAA is right. A vendor \
      other than 3GPP gives its own meaning: a warning; none at all is an error.
      """,
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .oddAnswer,
    flagged: [
      Example(
        "a missing AVP, told in the family of Cx",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5005       ←
        I -> P: 500 Server Error
        """),
      Example(
        "a result without vendor",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5001       ←
          Experimental-Result: Experimental-Result-Code=5001
        I -> P: 403 Forbidden
        """),
    ],
    clean: [
      Example(
        "roaming is not allowed",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA exp 5004
        I -> P: 403 Forbidden
        """)
    ]
  ) { flow, report in
    flow.forEachDiameter { index, answer in
      guard !answer.isRequest else { return }
      if let result = answer.experimentalResult {
        if result.vendor != Vendor.tgpp.rawValue {
          report(
            "the Experimental-Result of the \(answer.name) is of another vendor", at: [index],
            observed: "Vendor-Id \(result.vendor.map { "\($0)" } ?? "missing")", expected: "Vendor-Id 10415",
            severity: (result.vendor ?? 0) == 0 ? .error : nil)
        } else if !CxResults.isOf(answer.command, result.code), ResultCode.name(base: result.code) != nil {
          let reading = ResultCode.name(base: result.code) ?? ""
          report(
            "the \(answer.name) has a base code in Experimental-Result", at: [index],
            observed: "Experimental-Result-Code \(result.code)", expected: "Result-Code \(result.code) \(reading)")
        }
      } else if let code = answer.resultCode, code == 2003 || code == 2004 {
        report(
          "the \(answer.name) has a code of Cx in Result-Code", at: [index], observed: "Result-Code \(code)",
          expected: "Experimental-Result-Code \(code)")
      }
    }
  }
}

/// The Experimental-Result-Codes of each answer (TS 29.229 §6.2).
private enum CxResults {
  static func isOf(_ command: CommandCode, _ code: UInt32) -> Bool {
    switch code {
    // Too much data and data not supported are said of a Push-Profile; in another answer they are no base codes either.
    case 5001, 5008, 5009, 5011: true
    case 5002: command != .registrationTermination
    case 2001, 2002, 2005, 5003, 5004: command == .userAuthorization
    case 5006: command == .multimediaAuth
    case 2004, 5005, 5007, 5012: command == .serverAssignment
    default: false
    }
  }
}
