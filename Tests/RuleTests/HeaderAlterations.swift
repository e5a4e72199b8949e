import IMSForge

// How the recorded registration is broken for the rules of Via, routing, headers, contacts and trust.

extension AlteredTraceTests {
  static let ofHeaders = [
    Alteration("VIA002", "the second REGISTER of the UE repeats the branch of the first") { editor in
      editor.replaceText("z9hG4bK4f9923b6b7a7", with: "z9hG4bK9eae5e9913a9", in: "CSeq: 2 REGISTER")
    },
    Alteration("VIA007", "the P-CSCF names an address that it has not") { editor in
      editor.replaceText("UDP 10.20.0.10;branch", with: "UDP 10.20.0.19;branch", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA008", "the I-CSCF believes an address that is not the source") { editor in
      editor.replaceText("UDP 10.20.0.10;branch", with: "UDP 10.20.0.19;branch", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA009", "the P-CSCF leaves rport empty") { editor in
      editor.replaceText(";rport=5060", with: ";rport", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA010", "the UE says TCP in a datagram") { editor in
      editor.replaceText("SIP/2.0/UDP 10.10.0.2", with: "SIP/2.0/TCP 10.10.0.2", in: "CSeq: 1 REGISTER")
    },
    Alteration("VIA011", "the 200 goes to a port that nobody named") { editor in
      editor.editPackets { packet in
        if packet.matches("SIP/2.0 200", from: Node.pcscf, to: UE.address) { packet.destination.port = 5999 }
      }
    },
    Alteration("RTE001", "the UE preloads the P-CSCF") { editor in
      editor.replaceText(
        "Max-Forwards: 70", with: "Route: <sip:10.20.0.10;lr>\r\nMax-Forwards: 70", in: "REGISTER sip:",
        from: UE.address)
    },
    Alteration("RTE004", "the I-CSCF rewrites the Path") { editor in
      editor.replaceText("<sip:term@", with: "<sip:some@", in: "CSeq: 1 REGISTER", from: Node.icscf, to: Node.scscf)
    },
    Alteration("RTE005", "the 200 returns no Path") { editor in
      editor.replaceText("\nPath:", with: "\nPass:", in: "SIP/2.0 200")
    },
    Alteration("RTE007", "the Service-Route is a strict route") { editor in
      editor.replaceText(":6060;lr>", with: ":6060;xx>", in: "SIP/2.0 200")
    },
    Alteration("RTE008", "the P-CSCF takes the Service-Route off") { editor in
      editor.replaceText("Service-Route:", with: "Serfice-Route:", in: "SIP/2.0 200", from: Node.pcscf)
    },
    Alteration("RTE009", "the I-CSCF names another S-CSCF than the HSS") { editor in
      editor.replaceText("REGISTER sip:scscf.", with: "REGISTER sip:other.", in: "CSeq: 2 REGISTER", from: Node.icscf)
    },
    Alteration("RTE010", "the P-CSCF leaves its own entry in the Route") { editor in
      for (node, left) in [(UE.address, 70), (Node.pcscf, 69)] {
        editor.replaceText(
          "Max-Forwards: \(left)", with: "Route: <sip:10.20.0.10;lr>\r\nMax-Forwards: \(left)", in: "CSeq: 1 REGISTER",
          from: node)
      }
    },
    Alteration("RTE011", "the Path is a strict route") { editor in
      editor.replaceText("3gppnetwork.org;lr>", with: "3gppnetwork.org;xx>", in: "CSeq: 1 REGISTER")
    },
    Alteration("RTE012", "the P-CSCF does not say where it stands") { editor in
      editor.replaceText("P-Visited-Network-ID:", with: "P-Fisited-Network-ID:", in: "REGISTER sip:")
    },
    Alteration("RTE013", "the charging vector has no identifier") { editor in
      editor.replaceText("icid-value", with: "icid-other", in: "REGISTER sip:")
    },
    Alteration("RTE014", "the Request-URI is an address, and the REGISTER goes to another") { editor in
      editor.replaceText(
        "REGISTER sip:scscf.ims.mnc001.mcc001.3gppnetwork.org", with: "REGISTER sip:10.20.0.31", in: "CSeq: 2 REGISTER",
        from: Node.icscf)
    },
    Alteration("HDR001", "the UE sends no Max-Forwards") { editor in
      editor.replaceText("Max-Forwards:", with: "Max-Backwards:", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR002", "the UE asks for two expiries") { editor in
      editor.replaceText(
        "Expires: 600000", with: "Expires: 600000\r\nExpires: 60", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR003", "the P-CSCF does not count Max-Forwards down") { editor in
      editor.replaceText("Max-Forwards: 69", with: "Max-Forwards: 70", in: "CSeq: 1 REGISTER", from: Node.pcscf)
    },
    Alteration("HDR004", "the UE writes the CSeq of another method") { editor in
      editor.replaceText("CSeq: 1 REGISTER", with: "CSeq: 1 PUBLISH", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR005", "the REGISTER of the UE is shorter than it says") { editor in
      editor.replaceText("Content-Length: 0", with: "Content-Length: 9", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR006", "the 401 has no To tag") { editor in
      editor.replaceText(">;tag=e00210", with: ">;hat=e00210", in: "SIP/2.0 401")
    },
    Alteration("HDR007", "the S-CSCF answers with another From tag") { editor in
      editor.replaceText("tag=5c9f96f7", with: "tag=00000000", in: "SIP/2.0 401", from: Node.scscf)
    },
    Alteration("HDR008", "the I-CSCF writes another From tag") { editor in
      editor.replaceText("tag=5c9f96f7", with: "tag=00000000", in: "CSeq: 1 REGISTER", from: Node.icscf, to: Node.scscf)
    },
    Alteration("HDR009", "the UE quotes nc") { editor in
      editor.replaceText("nc=00000001", with: "nc=\"0000001\"", in: "CSeq: 2 REGISTER")
    },
    Alteration("HDR010", "the UE opens a quote and does not close it") { editor in
      editor.replaceText("From: <", with: "From: \"<", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("HDR011", "the UE writes a blank into a header name") { editor in
      editor.replaceText("User-Agent:", with: "User Agent:", in: "CSeq: 1 REGISTER", from: UE.address)
    },
    Alteration("REG001", "the 200 lists another contact") { editor in
      editor.replaceText("@10.10.0.2:5060;alias", with: "@10.10.0.9:5060;alias", in: "SIP/2.0 200")
      editor.replaceText("35000001", with: "35000009", in: "SIP/2.0 200")
    },
    Alteration("REG002", "the UE asks for an hour") { editor in
      for old in ["expires=600000", "Expires: 600000"] {
        editor.replaceText(old, with: old.replacing("600000", with: "003600"), in: "REGISTER sip:")
      }
    },
    Alteration("REG004", "the 200 does not say for how long") { editor in
      editor.replaceText(";expires=3240", with: ";expired=3240", in: "SIP/2.0 200")
    },
    Alteration("REG006", "the answer to the challenge repeats the CSeq") { editor in
      editor.replaceText("CSeq: 2 REGISTER", with: "CSeq: 1 REGISTER", in: "CSeq: 2 REGISTER")
    },
    Alteration("REG008", "all contacts, for an hour") { editor in
      editor.editPackets { packet in
        if packet.matches("CSeq: 1 REGISTER", from: UE.address) { packet.payload = packet.payload.withWildcardContact }
      }
    },
    Alteration("REG012", "the P-CSCF writes another contact") { editor in
      editor.replaceText(
        "@10.10.0.2:5060;alias", with: "@10.10.0.9:5060;alias", in: "CSeq: 1 REGISTER", from: Node.pcscf, to: Node.icscf
      )
    },
    Alteration("PRV002", "the UE's credentials name a key") { editor in
      editor.replaceText(",algorithm=AKAv1-MD5", with: ",ik=\"00112233\"", in: "CSeq: 2 REGISTER")
    },
    Alteration("PRV003", "the UE says that it is protected, and the P-CSCF believes it") { editor in
      editor.replaceText(
        ",response=", with: ",integrity-protected=\"yes\",response=", in: "REGISTER sip:", from: UE.address)
      editor.replaceText(
        "integrity-protected=\"no\"", with: "integrity-protected=\"yes\"", in: "REGISTER sip:", from: Node.pcscf)
    },
    Alteration("PRV004", "the charging vector reaches the UE") { editor in
      editor.replaceText(
        "Server:", with: "P-Charging-Vector: icid-value=1\r\nServer:", in: "SIP/2.0 401", from: Node.pcscf)
    },
    Alteration("PRV005", "a warning for the staff reaches the UE") { editor in
      editor.replaceText(
        "Server:", with: "Warning: 392 10.20.0.30:6060 \"pid=17\"\r\nServer:", in: "SIP/2.0 401", from: Node.pcscf)
    },
    Alteration("PRV007", "the P-CSCF passes on an identity that the UE asserts") { editor in
      for (node, left) in [(UE.address, 70), (Node.pcscf, 69)] {
        editor.replaceText(
          "Max-Forwards: \(left)", with: "P-Asserted-Identity: <sip:boss@home>\r\nMax-Forwards: \(left)",
          in: "CSeq: 1 REGISTER", from: node)
      }
    },
  ]
}

extension [UInt8] {
  /// Contact: * in place of the contact that stands there.
  fileprivate var withWildcardContact: [UInt8] {
    guard let start = firstRange(of: Array("Contact:".utf8))?.lowerBound,
      let end = self[start...].firstIndex(of: 0x0d)
    else { return self }
    return Array(self[..<start] + Array("Contact: *".utf8) + self[end...])
  }
}
