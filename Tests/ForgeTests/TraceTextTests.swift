import IMSForge
import TestSupport
import Testing

@Suite struct TraceTextTests {
  static let whole = """
    UE -> P: REGISTER sip:hims.net
    P -> DNS: A icscf1.hims.net
    DNS -> P: A 10.20.0.20
    P -> I: REGISTER
    I -> HSS: UAR
    HSS -> I: UAA 2001
    I -> S: REGISTER
    S -> HSS: MAR
    HSS -> S: MAA
    S -> I: 401 Unauthorized
    I -> P: 401
    P -> UE: 401
    UE -> P: REGISTER
    P -> I: REGISTER
    I -> HSS: UAR
    HSS -> I: UAA
    I -> S: REGISTER
    S -> HSS: SAR
    HSS -> S: SAA
    S -> I: 200
    I -> P: 200
    P -> UE: 200 OK   ← flagged
    """

  /// What tshark sees of a complete registration.
  static let registration = [
    "REGISTER", "DNS?", "DNS", "REGISTER", "300R", "300A", "REGISTER", "303R", "303A", "401", "401", "401", "REGISTER",
    "REGISTER", "300R", "300A", "REGISTER", "301R", "301A", "200", "200", "200",
  ]

  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed"))
  func tsharkSeesTheWholeSequence() throws {
    let trace = try TraceText(Self.whole)
    #expect(trace.flaggedFrames == [22])
    #expect(try Tshark.ladder(trace.bytes) == Self.registration)
    #expect(try Tshark.damaged(trace.bytes) == [])
  }

  @Test func viaStacksGrowAndShrink() throws {
    let sip = try messages(Self.whole)
    #expect(sip.map { $0.values("Via").count } == [1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 1])
    let branches = sip.prefix(3).compactMap { $0["Via"]?.parameter("branch") }
    #expect(Set(branches).count == 3 && branches.allSatisfy { $0.hasPrefix("z9hG4bK") })
    #expect(sip[3].values("Via").compactMap { $0.parameter("branch") } == branches.reversed())
    #expect(sip[1].values("Via")[1].hasSuffix(";rport=5060;received=10.10.0.2"))
    #expect(sip[2].values("Via")[1].hasSuffix(";received=10.20.0.10"))
  }

  @Test func challengeAndAnswerAgree() throws {
    let sip = try messages(Self.whole)
    let nonce = AKAVector.standard[0].nonce
    #expect(sip[0]["Authorization"]?.hasSuffix("nonce=\"\", response=\"\"") == true)
    #expect(sip[1]["Authorization"]?.hasSuffix("integrity-protected=\"no\"") == true)
    #expect(sip[3]["WWW-Authenticate"]?.contains("ik=\"f769bcd751044604127672711c6d3441\"") == true)
    #expect(sip[5]["WWW-Authenticate"] == "Digest realm=\"hims.net\", nonce=\"\(nonce)\", algorithm=AKAv1-MD5")
    #expect(sip[5]["Security-Server"] == sip[6]["Security-Verify"])
    #expect(sip[0]["Security-Client"] == sip[6]["Security-Client"])
    #expect(sip[6]["Authorization"]?.contains("response=\"48f8e42850c542326d78277d14b7bfa4\"") == true)
    #expect(sip[7]["Authorization"]?.hasSuffix("integrity-protected=\"yes\"") == true)
    #expect(
      sip.compactMap { $0["CSeq"] } == Array(repeating: "1 REGISTER", count: 6)
        + Array(repeating: "2 REGISTER", count: 6))
    #expect(Set(sip.compactMap { $0["Call-ID"] }) == ["reg-1@10.10.0.2"])
    #expect(
      sip[11]["Service-Route"] != nil && sip[11]["P-Charging-Vector"] == nil && sip[10]["P-Charging-Vector"] != nil)
    #expect(sip.allSatisfy { $0.bytes.count < 1300 }, "no message that UDP should not carry")
  }

  @Test func homeNetHasItsOwnDigest() throws {
    let sip = try messages("UE -> P: REGISTER sip:home.net\nP -> UE: 401\nUE -> P: REGISTER sip:home.net")
    #expect(sip[2]["Authorization"]?.contains("username=\"name.private@home.net\"") == true)
    #expect(sip[2]["Authorization"]?.contains("response=\"e52b9f5799b2e5e22eeff933f3a02013\"") == true)
  }

  @Test func imaginesHopsThatAreNotTold() throws {
    let sip = try messages("P -> UE: 401\nUE -> P: REGISTER\nI -> S: REGISTER\nS -> I: 200")
    #expect(sip.map { $0.values("Via").count } == [1, 1, 3, 3])
    #expect(sip[2]["CSeq"] == "2 REGISTER")
    #expect(
      sip[3].values("Via").compactMap { $0.parameter("branch") }
        == sip[2].values("Via").compactMap { $0.parameter("branch") })
    #expect(sip[3]["Service-Route"] != nil)
  }

  @Test func coreAloneStartsAPassOfItsOwn() throws {
    let sip = try messages("P -> I: REGISTER\nI -> P: 401\nP -> I: REGISTER\nI -> P: 200")
    #expect(sip.map { $0["CSeq"] } == ["1 REGISTER", "1 REGISTER", "2 REGISTER", "2 REGISTER"])
    #expect(sip[2]["Authorization"]?.contains("48f8e428") == true)
  }

  @Test func authorsWordsStandOverDefaults() throws {
    let sip = try messages(
      """
      # a comment
      UE -> P: REGISTER sip:hims.net
        Contact: <sip:10.10.0.2:5060>;expires=7200
        X-Own: 1
        X-Own: 2
        -Max-Forwards

      P -> UE: 200 Fine
        -Service-Route
      """)
    #expect(sip[0].values("X-Own") == ["1", "2"])
    #expect(sip[0]["Max-Forwards"] == nil)
    #expect(sip[1].startLine == "SIP/2.0 200 Fine")
    #expect(sip[1]["Contact"] == "<sip:10.10.0.2:5060>;expires=3600")
    #expect(sip[1]["Service-Route"] == nil && sip[1]["P-Associated-URI"] != nil)
  }

  @Test func singleParameters() throws {
    let sip = try messages(
      """
      UE -> P: REGISTER
        Contact.expires: 0
        Authorization.realm: "other.net"
        -Authorization.response
        -Via.rport
        Security-Client.alg: null
      """)
    #expect(sip[0]["Contact"] == "<sip:10.10.0.2:5060>;expires=0")
    #expect(
      sip[0]["Authorization"]
        == "Digest username=\"name.private@hims.net\", realm=\"other.net\", uri=\"sip:hims.net\", nonce=\"\"")
    #expect(sip[0]["Via"]?.hasSuffix("rport") == false)
    #expect(sip[0]["Security-Client"]?.hasPrefix("ipsec-3gpp; alg=null; ealg=null; spi-c=") == true)
  }

  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed"))
  func resynchronisation() throws {
    let trace = try TraceText(
      """
      UE -> P: REGISTER
      S -> HSS: MAR
      HSS -> S: MAA
      P -> UE: 401
      UE -> P: REGISTER
        Authorization.auts: "uoU/PBKc38GEyuSusq8="
      S -> HSS: MAR
      HSS -> S: MAA
      P -> UE: 401
      UE -> P: REGISTER
      P -> UE: 200
      """)
    let sip = try messages(trace)
    #expect(sip[2]["Via"]?.contains(":5060;") == true && sip[2]["Security-Verify"] == nil)
    #expect(sip[2]["Security-Client"] != sip[0]["Security-Client"])
    #expect(sip[3]["WWW-Authenticate"]?.contains(AKAVector.standard[1].nonce) == true)
    #expect(sip[4]["Authorization"]?.contains("266a0477a5065e60d283fb8bdc5ac13b") == true)
    #expect(sip[4]["Security-Client"] == sip[2]["Security-Client"])
    let rows = try Tshark.rows(
      trace.bytes, filter: "diameter.cmd.code == 303 && diameter.flags.request == 1",
      fields: ["diameter.3GPP-SIP-Authorization"])
    #expect(rows == [[""], ["23553cbe9637a89d218ae64dae47bf35ba853f3c129cdfc184cae4aeb2af"]])
  }

  @Test func errorsTravelOutward() throws {
    let sip = try messages(
      "UE -> P: REGISTER\nP -> I: REGISTER\nI -> P: 100\nI -> P: 403 No\nP -> UE: 403\nUE -> P: REGISTER\nP -> UE: 504")
    #expect(sip[2]["To"] == "<sip:name@hims.net>")
    #expect(sip[4].startLine == "SIP/2.0 403 No" && sip[4]["To"] == sip[3]["To"])
    #expect(sip[6].startLine == "SIP/2.0 504 Server Time-out")
    #expect(
      sip[6].values("Via") == [(sip[5]["Via"] ?? "").replacing(";rport", with: ";rport=5060") + ";received=10.10.0.2"])
  }

  @Test func withoutSecurityClientThereIsNoAgreement() throws {
    let trace = try TraceText(
      "UE -> P: REGISTER\n  -Security-Client\nP -> UE: 401\nUE -> P: REGISTER\n  -Security-Client")
    #expect(trace.records.compactMap { $0.transport?.source.port } == [5060, 5060, 5060])
    let sip = try messages(trace)
    #expect(sip[1]["Security-Server"] == nil && sip[2]["Security-Verify"] == nil)
  }

  @Test func protectedMessagesUseTheAgreedPorts() throws {
    let trace = try TraceText("UE -> P: REGISTER\nP -> UE: 401\nUE -> P: REGISTER\nP -> UE: 200")
    let ends = trace.records.compactMap(\.transport).map { [$0.source.port, $0.destination.port] }
    #expect(ends == [[5060, 5060], [5060, 5060], [40001, 6100], [5100, 40002]])
    let wrapped = try TraceText("UE -> P: REGISTER\nP -> UE: 401\nUE -> P: REGISTER\nP -> UE: 200") { _, _ in
      Array(repeating: 0xaa, count: 12)
    }
    #expect(wrapped.records.map { $0.bytes[23] } == [17, 17, 50, 50])
    #expect(
      wrapped.records.suffix(2).map { Array($0.bytes[34..<42]) } == [
        [0, 0, 3, 233, 0, 0, 0, 1], [0, 0, 7, 209, 0, 0, 0, 1],
      ])
  }

  @Test func refreshAndDeregistration() throws {
    let sip = try messages(
      """
      UE -> P: REGISTER
      P -> UE: 401
      UE -> P: REGISTER
      P -> UE: 200
      wait 50m
      UE -> P: REGISTER
      P -> UE: 200
      UE -> P: REGISTER
        Contact: <sip:10.10.0.2:40002>;expires=0
      P -> UE: 200
      """)
    #expect(sip[4]["Authorization"] == sip[2]["Authorization"])
    #expect(sip[4]["Security-Client"] != sip[2]["Security-Client"])
    #expect(sip[4]["CSeq"] == "3 REGISTER")
    #expect(sip[7]["Contact"] == "<sip:10.10.0.2:40002>;expires=0")
    #expect(sip[7]["Service-Route"] == nil)
  }

  @Test func clockAndRetransmission() throws {
    let trace = try TraceText("UE -> P: REGISTER\nwait 2s\nUE -> P: REGISTER (again)   ← late\nP -> UE: 403")
    let seconds = trace.records.map { $0.time - TraceText.start }
    #expect(seconds == [0, 2_001_000_000, 2_002_000_000])
    #expect(trace.flaggedFrames == [2])
    let packets = trace.records.compactMap(\.transport)
    #expect(packets[0].payload == packets[1].payload)
    #expect(trace.records[0].bytes[18..<20] != trace.records[1].bytes[18..<20], "another Identification")
  }

  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed"))
  func resultsAndAVPs() throws {
    let trace = try TraceText(
      """
      UE -> P: REGISTER
      I -> HSS: UAR
        User-Authorization-Type: 1
        -Visited-Network-Identifier
      HSS -> I: UAA 5001
      I -> HSS: UAR
      HSS -> I: UAA 5003
      I -> HSS: UAR
      HSS -> I: UAA exp 2002
      S -> HSS: MAR
        SIP-Authorization: 0x23553cbe
      HSS -> S: MAA
        SIP-Authenticate: 0x00
      HSS -> S: RTR
        Reason-Code: 2
      S -> HSS: RTA
      S -> HSS: CER
      HSS -> S: CEA
      """)
    let rows = try Tshark.rows(
      trace.bytes, filter: "diameter",
      fields: [
        "diameter.Result-Code", "diameter.Experimental-Result-Code", "diameter.User-Authorization-Type",
        "diameter.Visited-Network-Identifier", "diameter.3GPP-SIP-Authorization", "diameter.Reason-Code",
      ])
    #expect(rows[0] == ["", "", "1", "", "", ""])
    #expect(rows[1] == ["", "5001", "", "", "", ""])
    #expect(rows[3] == ["5003", "", "", "", "", ""])
    #expect(rows[5] == ["", "2002", "", "", "", ""])
    #expect(rows[6][4] == "23553cbe")
    #expect(rows[8][5] == "2")
    #expect(rows[11][0] == "2001")
    #expect(try Tshark.damaged(trace.bytes) == [])
  }

  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed"))
  func whatFollowsARegistration() throws {
    let trace = try TraceText(
      Self.whole + """

        S -> AS: REGISTER
        AS -> S: 200
        UE -> P: SUBSCRIBE
        P -> S: SUBSCRIBE
        S -> P: 200
        P -> UE: 200
        S -> P: NOTIFY
        P -> UE: NOTIFY
        UE -> P: 200
        P -> S: 200
        """)
    let ladder = try Tshark.ladder(trace.bytes).suffix(10)
    #expect(ladder == ["REGISTER", "200", "SUBSCRIBE", "SUBSCRIBE", "200", "200", "NOTIFY", "NOTIFY", "200", "200"])
    #expect(try Tshark.damaged(trace.bytes) == [])
    let sip = try messages(trace).suffix(10).map(\.self)
    #expect(sip[0]["Expires"] == "3600")
    #expect(sip[2].values("Route").count == 2 && sip[3].values("Route").count == 1)
    #expect(sip.suffix(8).map { $0.values("Via").count } == [1, 2, 2, 1, 1, 2, 2, 1])
    #expect(sip[2]["Via"]?.contains("10.10.0.2:40002;") == true && sip[7]["Via"]?.contains(":6100;") == true)
    let gm = trace.records.suffix(8).compactMap(\.transport)
      .filter { $0.source.host == "10.10.0.2" || $0.destination.host == "10.10.0.2" }
    #expect(
      gm.map { [$0.source.port, $0.destination.port] } == [
        [40001, 6100], [5100, 40002], [5100, 40002], [40001, 6100],
      ])
  }

  @Test func secondSubscriberAndSecondServer() throws {
    let sip = try messages("UE -> P: REGISTER\nuser bob\nUE -> P: REGISTER\nI -> S2: REGISTER")
    #expect(sip[1]["To"] == "<sip:bob@hims.net>")
    #expect(sip[1]["Call-ID"] == "reg-2@10.10.0.3")
    #expect(sip[2].startLine == "REGISTER sip:scscf2.hims.net:6060 SIP/2.0")
    let again = try messages("UE -> P: REGISTER\nP -> UE: 401\nrestart\nUE -> P: REGISTER")
    #expect(again[2]["Call-ID"] != again[0]["Call-ID"] && again[2]["CSeq"] == "1 REGISTER")
  }

  @Test(
    arguments: [
      ("UE -> P REGISTER", 1), ("\nUE -> Q: REGISTER", 2), ("UE -> UE: REGISTER", 1), ("  Via: x", 1),
      ("UE -> P: REGISTER\n  nonsense", 2), ("wait long", 1), ("P -> UE: 99", 1), ("UE -> P: REGISTER (again)", 1),
      ("I -> HSS: XYZ", 1), ("I -> HSS: UAR\n  No-Such-AVP: 1", 1), ("HSS -> I: UAA five", 1),
      ("UE -> P: REGISTER\nS -> UE: 200", 2), ("DNS -> P: A 10.0.0.1", 1),
    ])
  func mistakesNameTheirLine(text: String, line: Int) {
    let text = text.hasPrefix("  ") ? "UE\n" + text : text
    let error = #expect(throws: TraceTextError.self) { try TraceText(text) }
    #expect(error?.line == line)
  }

  private func messages(_ text: String) throws -> [SIPBuilder] { try messages(TraceText(text)) }

  private func messages(_ trace: TraceText) throws -> [SIPBuilder] {
    trace.records.compactMap(\.transport).filter { $0.isUDP && $0.source.port != 53 && $0.destination.port != 53 }
      .map {
        SIPBuilder(
          String(decoding: $0.payload, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false).joined(
            separator: "\n"))
      }
  }
}

extension String {
  fileprivate func parameter(_ name: String) -> String? {
    split(separator: ";").first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
  }
}
