import IMSForge

extension AlteredTraceTests {
  static let ofCx = [
    Alteration("CX001", "the UARs name no visited network") { editor in
      editor.editDiameter(300, from: Node.icscf) { $0.hideAVP(600, flags: 0xc0) }
    },
    Alteration("CX003", "the REGISTER takes a registration away, the UAR says nothing of it") { editor in
      editor.replaceText("expires=600000", with: "expires=000000", in: "REGISTER sip:")
      editor.replaceText("Expires: 600000", with: "Expires: 000000", in: "REGISTER sip:")
    },
    Alteration("CX004", "the second UAA refuses") { editor in
      editor.editDiameter(300, from: Node.hss) { $0.setNumber(ofAVP: 298, 2002, to: 5004) }
    },
    Alteration("CX005", "an unknown user is answered with 404") { editor in
      editor.editDiameter(300, from: Node.hss) { $0.setNumber(ofAVP: 298, 2002, to: 5001) }
      editor.replaceText("SIP/2.0 200 OK", with: "SIP/2.0 404 No", in: "CSeq: 2 REGISTER")
    },
    Alteration("CX006", "the second UAA names another S-CSCF") { editor in
      editor.editDiameter(300, from: Node.hss) { $0.replaceText("sip:scscf.", with: "sip:other.") }
    },
    Alteration("CX007", "the MAR names no server") { editor in
      editor.editDiameter(303, from: Node.scscf) { $0.hideAVP(602, flags: 0xc0) }
    },
    Alteration("CX008", "the SAR has another name than the MAR") { editor in
      editor.editDiameter(301, from: Node.scscf) { $0.replaceText("sip:scscf.", with: "sip:other.") }
    },
    Alteration("CX009", "the vector has no XRES") { editor in
      editor.editDiameter(303, from: Node.hss) { $0.hideAVP(610, flags: 0xc0) }
    },
    Alteration("CX010", "the MAA is for somebody else") { editor in
      editor.editDiameter(303, from: Node.hss) { $0.replaceText("001010000000001@", with: "901010000000001@") }
    },
    Alteration("CX011", "the SAR does not say whether a profile is there") { editor in
      editor.editDiameter(301, from: Node.scscf) { $0.hideAVP(624, flags: 0xc0) }
    },
    Alteration("CX012", "the SAR of a granted registration takes it away") { editor in
      editor.editDiameter(301, from: Node.scscf) { $0.setNumber(ofAVP: 614, vendor: 10415, 1, to: 5) }
    },
    Alteration("CX014", "the SAA brings no profile") { editor in
      editor.editDiameter(301, from: Node.hss) { $0.hideAVP(606, flags: 0xc0) }
    },
    Alteration("CX015", "a wrong response is refused, and no SAR follows") { editor in
      editor.replaceText("response=\"650b", with: "response=\"750b", in: "CSeq: 2 REGISTER")
      editor.replaceText("SIP/2.0 200 OK", with: "SIP/2.0 403 No", in: "CSeq: 2 REGISTER")
      editor.drop { $0.transport.map { $0.isDiameter(301) } ?? false }
      editor.runOn(seconds: 30)
    },
    Alteration("CX016", "the second UAA names no server") { editor in
      editor.editDiameter(300, from: Node.hss) { $0.hideAVP(602, flags: 0xc0) }
    },
    Alteration("CX017", "the second UAA has a base code in the family of Cx") { editor in
      editor.editDiameter(300, from: Node.hss) { $0.setNumber(ofAVP: 298, 2002, to: 5005) }
    },
    Alteration("CX018", "the S-CSCF does not agree", of: termination) { editor in
      editor.editDiameter(304, from: Node.scscf) { $0.setNumber(ofAVP: 268, 2001, to: 5004) }
    },
  ]

  /// A de-registration by the network.
  static let termination = """
    S -> HSS: SAR
    HSS -> S: SAA
    wait 20s
    HSS -> S: RTR
    S -> HSS: RTA
    """
}
