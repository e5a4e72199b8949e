import IMSForge

extension AlteredTraceTests {
  static let ofIdentities = [
    Alteration("IDN001", "the REGISTER is from another identity") { editor in
      editor.replaceText("From: <sip:001010000000001@", with: "From: <sip:901010000000001@", in: "REGISTER sip:")
    },
    Alteration("IDN002", "the Request-URI has a user") { editor in
      editor.replaceText("REGISTER sip:ims.", with: "REGISTER sip:a@ims.", in: "CSeq: 1 REGISTER")
    },
    Alteration("IDN004", "the MAR asks for another private identity") { editor in
      editor.editDiameter(303, from: Node.scscf) { $0.setByte(at: 8, ofAVP: [0, 0, 0, 1, 0x40], to: "9") }
    },
    Alteration("IDN005", "the UAR names another network") { editor in
      editor.editDiameter(300, from: Node.icscf) { $0.setByte(at: 12, ofAVP: [0, 0, 2, 0x58, 0xc0], to: "x") }
    },
    Alteration("IDN006", "the private identity has the domain of another operator") { editor in
      editor.replaceText(
        "username=\"001010000000001@ims.mnc001", with: "username=\"001010000000001@ims.mnc009", in: "CSeq: 1 REGISTER")
    },
    Alteration("IDN007", "the profile is another subscriber's") { editor in
      editor.editDiameter(301, from: Node.hss) {
        $0.replaceText("<Identity>sip:001010000000001@", with: "<Identity>sip:901010000000001@")
      }
    },
    Alteration("IDN008", "the 200 names no identities") { editor in
      editor.replaceText("P-Associated-URI:", with: "P-Associated-URL:", in: "SIP/2.0 200")
    },
    Alteration("IDN009", "the identity is barred") { editor in
      let begin = "<ServiceProfile><PublicIdentity>"
      let old = "<PrivateID>001010000000001@ims.mnc001.mcc001.3gppnetwork.org</PrivateID>" + begin
      let new = begin + "<BarringIndication>1</BarringIndication>"
      editor.editDiameter(301, from: Node.hss) {
        $0.replaceText(old, with: new + String(repeating: " ", count: old.count - new.count))
      }
    },
    Alteration("IDN010", "the second REGISTER is another device's") { editor in
      editor.replaceText("imei:35000001-000001-0", with: "imei:35000001-000002-0", in: "CSeq: 2 REGISTER")
    },
  ]
}
