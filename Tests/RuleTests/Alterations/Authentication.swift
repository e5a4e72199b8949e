import IMSForge

extension AlteredTraceTests {
  static let ofAuthentication = [
    Alteration("AUT001", "the 401 holds no challenge") { editor in
      editor.replaceText("WWW-Authenticate:", with: "WWW-Authentikate:", in: "SIP/2.0 401")
    },
    Alteration("AUT002", "the first REGISTER has no response") { editor in
      editor.replaceText("response=\"\"", with: "resqonse=\"\"", in: "CSeq: 1 REGISTER")
    },
    Alteration("AUT003", "an algorithm that nobody knows") { editor in
      editor.replaceText("AKAv1-MD5", with: "AKAv3-MD5", in: "SIP/2.0 401")
    },
    Alteration("AUT004", "the nonce is no base 64") { editor in
      editor.replaceText("nonce=\"kT8t", with: "nonce=\"k???", in: "SIP/2.0 401")
    },
    Alteration("AUT006", "the challenge holds no ik") { editor in
      for node in [Node.scscf, Node.icscf] {
        editor.replaceText(", ik=\"", with: ", iq=\"", in: "SIP/2.0 401", from: node)
      }
    },
    Alteration("AUT008", "the UE answers for another realm") { editor in
      editor.replaceText("realm=\"ims.", with: "realm=\"imz.", in: "CSeq: 2 REGISTER")
    },
    Alteration("AUT012", "the answered challenge comes again") { editor in
      let challenge = """
        SIP/2.0 401 Again\r
        WWW-Authenticate: Digest realm="x", nonce="kT8t/NHr4uB+47307b3ELjcmscZ4ioAAfLpbRkXQVv4=", algorithm=AKAv1-MD5
        """
      editor.replaceText("SIP/2.0 200 OK", with: challenge, in: "CSeq: 2 REGISTER")
    },
    Alteration("AUT013", "the UE uses a qop that was not offered") { editor in
      editor.replaceText("qop=auth,", with: "qop=aith,", in: "CSeq: 2 REGISTER")
    },
    Alteration("AUT014", "the proof of the network is wrong") { editor in
      let proof = "SIP/2.0 200 OK\r\nAuthentication-Info: rspauth=\"00000000000000000000000000000000\""
      editor.replaceText("SIP/2.0 200 OK", with: proof, in: "CSeq: 2 REGISTER")
    },
    Alteration("AUT016", "AUTS is cut short") { editor in
      editor.replaceText(",response=", with: ",auts=\"uoU/PBKc38E=\",response=", in: "CSeq: 2 REGISTER")
    },
    Alteration("AUT017", "the S-CSCF challenges with another realm", of: digest) { editor in
      editor.replaceText("realm=\"hims.net\"", with: "realm=\"hams.net\"", in: "SIP/2.0 401")
    },
  ]

  /// A challenge of SIP Digest with what the HSS gave for it.
  static let digest = """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER sip:hims.net
    I -> S: REGISTER
    S -> HSS: MAR
      SIP-Authentication-Scheme: SIP Digest
    HSS -> S: MAA
      SIP-Auth-Data-Item: 0x00000260c0000016000028af5349502044696765737400000000027b80000050000028af000000684000001068696d732e6e65740000006e4000000c6175746800000079400000283031323334353637383961626364656630313233343536373839616263646566
    S -> I: 401 Unauthorized
      WWW-Authenticate: Digest realm="hims.net", nonce="abc", algorithm=MD5, qop="auth,auth-int"
    I -> P: 401 Unauthorized
    P -> UE: 401 Unauthorized
    """
}
