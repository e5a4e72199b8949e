import IMSBytes
import IMSDiameter
import IMSFlows

extension Rule {
  static let CX002 = Rule(
    "CX002", .error, "UAA content contradicts its result",
    clauses: [.ts29228("6.1.1.1")], since: "0.1",
    why: """
      The result of the UAA decides which AVPs the I-CSCF may use to choose an S-CSCF: capabilities for a first \
      registration, the name of the assigned one for a later.
      """,
    traps: """
      A 2001 with neither name nor capabilities is legal: any S-CSCF will do. Open HSSs send FIRST_REGISTRATION with a name \
      from a pool: a warning in the field profile.
      """,
    when: .register, needs: [.exchange(.userAuthorization)], trigger: .oddUAA,
    flagged: [
      Example(
        "FIRST_REGISTRATION with a Server-Name",
        """
        I -> HSS: UAR
        HSS -> I: UAA exp 2001        ←
          -Server-Capabilities
          Server-Name: sip:scscf1.hims.net
        """),
      Example(
        "so for a de-registration",
        """
        I -> HSS: UAR
          User-Authorization-Type: 1
        HSS -> I: UAA exp 2001        ←
          -Server-Capabilities
          Server-Name: sip:scscf1.hims.net
        """),
    ],
    clean: [
      Example(
        "capabilities first, the name later",
        """
        I -> HSS: UAR
        HSS -> I: UAA exp 2001
        S -> HSS: MAR
        HSS -> S: MAA
        I -> HSS: UAR
        HSS -> I: UAA exp 2002
        """),
      Example(
        "the name of the assigned one for a de-registration",
        """
        I -> HSS: UAR
          User-Authorization-Type: 1
        HSS -> I: UAA result 2001
          -Server-Capabilities
          Server-Name: sip:scscf1.hims.net
        """),
    ],
    field: .warning
  ) { flow, report in
    for exchange in flow.exchanges(of: .userAuthorization) {
      guard let answer = exchange.answer, let request = exchange.request, let uaa = flow.diameter(answer) else {
        continue
      }
      let type = flow.diameter(request)?.userAuthorizationType ?? 0
      for fault in UAAFault.faults(of: uaa, type: type) {
        report(
          fault.text, at: [answer, request], observed: "\(uaa.resultText ?? "no result"), \(UAAFault.content(uaa))",
          expected: fault.expected, severity: fault.severity)
      }
    }
  }
}

private struct UAAFault {
  var text: String
  var expected: String
  var severity: Severity?

  static func faults(of uaa: DiameterMessage, type: UInt32) -> [UAAFault] {
    let name = uaa.serverName
    let capabilities = uaa.serverCapabilities != nil
    var faults: [UAAFault] = []
    if uaa.isSuccess, let name, !name.hasPrefixIgnoringCase("sip:"), !name.hasPrefixIgnoringCase("sips:") {
      faults.append(UAAFault(text: "Server-Name is no SIP URI", expected: "sip:host[:port]"))
    }
    if !uaa.isSuccess, name != nil || capabilities {
      faults.append(
        UAAFault(text: "a refusing UAA names an S-CSCF", expected: "neither Server-Name nor Server-Capabilities"))
    }
    return faults + contradictions(uaa, type, name, capabilities)
  }

  private static func contradictions(
    _ uaa: DiameterMessage, _ type: UInt32, _ name: Text?, _ capabilities: Bool
  ) -> [UAAFault] {
    let experimental = uaa.experimentalResult?.code
    switch (experimental, uaa.resultCode, type) {
    case (2001, _, 0...1) where name != nil:
      return [
        UAAFault(
          text: "FIRST_REGISTRATION with a Server-Name",
          expected: type == 1
            ? "Result-Code 2001 with the Server-Name" : "Server-Capabilities, or nothing; no Server-Name")
      ]
    case (2002, _, 0), (nil, 2001, 1):
      guard name == nil || capabilities else { return [] }
      return [
        UAAFault(
          text: name == nil
            ? "no Server-Name for a registered subscription" : "Server-Capabilities beside the Server-Name",
          expected: "Server-Name and no Server-Capabilities")
      ]
    case (nil, 2001, 0):
      return [
        UAAFault(
          text: "Result-Code 2001 for a registration", expected: "Experimental-Result 2001 or 2002", severity: .info)
      ]
    case (_, _, 2) where uaa.isSuccess && !capabilities:
      return [UAAFault(text: "no Server-Capabilities although they were asked for", expected: "Server-Capabilities")]
    default: return []
    }
  }

  static func content(_ uaa: DiameterMessage) -> String {
    let name = uaa.serverName.map { "Server-Name \($0)" } ?? "no Server-Name"
    return "\(name), \(uaa.serverCapabilities == nil ? "no Server-Capabilities" : "Server-Capabilities")"
  }
}
