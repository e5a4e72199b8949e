import IMSForge

extension AlteredTraceTests {
  private static let server = "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1000;spi-s=1001;port-c=5100;port-s=6100"

  static let ofSecurity = [
    Alteration("SEC001", "the P-CSCF offers an association that nobody asked for") { editor in
      let offer = "SIP/2.0 401 Again\r\nSecurity-Server: \(server)"
      editor.replaceText("SIP/2.0 401 Unauthorized", with: offer, in: "SIP/2.0 401", from: Node.pcscf)
    },
    Alteration("SEC002", "the UE offers an association without spi-s") { editor in
      let offer = "User-Agent: lab\r\nSecurity-Client: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1;port-c=2;port-s=3"
      editor.replaceText("User-Agent: lab", with: offer, in: "CSeq: 1 REGISTER", to: Node.pcscf)
    },
    Alteration("SEC003", "the P-CSCF chooses HMAC-MD5", of: agreement) { editor in
      editor.replaceText("alg=hmac-sha-1-96", with: "alg=hmac-md5-96", in: "SIP/2.0 401", from: Node.pcscf)
    },
    Alteration("SEC004", "the P-CSCF gives one SPI to two associations", of: agreement) { editor in
      editor.replaceText("spi-c=1000", with: "spi-c=1001", in: "SIP/2.0 401", from: Node.pcscf)
    },
    Alteration("SEC005", "the UE offers IPsec and gets none") { editor in
      editor.replaceText(
        "User-Agent: lab", with: "User-Agent: lab\r\nSecurity-Client: \(server)", in: "CSeq: 1 REGISTER",
        to: Node.pcscf)
    },
    Alteration("SEC006", "the P-CSCF chooses what the UE does not have", of: agreement) { editor in
      editor.replaceText("alg=hmac-sha-1-96", with: "alg=aes-gmac", in: "SIP/2.0 401", from: Node.pcscf)
    },
    Alteration("SEC008", "the UE repeats another offer", of: agreement) { editor in
      editor.replaceText(
        "Security-Client: ipsec-3gpp", with: "Security-Client: ipsec-3gpp; q=0.1", in: "CSeq: 2 REGISTER",
        to: Node.pcscf)
    },
    Alteration("SEC012", "the 200 goes to the unprotected port", of: agreement) { editor in
      editor.editPackets { packet in
        if packet.matches("SIP/2.0 200", from: Node.pcscf, to: UE.address) { packet.destination.port = 5060 }
      }
    },
    Alteration("SEC013", "a REGISTER with an offer demands nothing") { editor in
      editor.replaceText(
        "User-Agent: lab", with: "User-Agent: lab\r\nSecurity-Client: \(server)", in: "CSeq: 1 REGISTER",
        to: Node.pcscf)
    },
    Alteration("SEC014", "the P-CSCF passes the offer on") { editor in
      editor.replaceText(
        "User-Agent: lab", with: "User-Agent: lab\r\nSecurity-Client: \(server)", in: "CSeq: 1 REGISTER",
        from: Node.pcscf, to: Node.icscf)
    },
    Alteration("SEC015", "the server port of the P-CSCF changes", of: agreement) { editor in
      editor.replaceText("port-s=6100", with: "port-s=6199", in: "CSeq: 3 REGISTER", from: Node.pcscf)
    },
  ]

  /// A registration through IPsec and a refresh with new associations, recorded before encryption.
  static let agreement = """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER sip:hims.net
    I -> S: REGISTER
    S -> I: 401 Unauthorized
    I -> P: 401 Unauthorized
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER sip:hims.net
    I -> S: REGISTER
    S -> I: 200 OK
    I -> P: 200 OK
    P -> UE: 200 OK
    wait 60s
    UE -> P: REGISTER sip:hims.net
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> UE: 200 OK
    """
}
