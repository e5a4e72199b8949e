import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR009 = Rule(
    "HDR009", .warning, "Digest parameter syntax",
    clauses: [.rfc(3261, "25.1"), .rfc(3261, "20.7"), .ts24229("7.2A.1")], since: "0.2",
    why: """
      Which parameters stand in quotes is part of the grammar. A strict parser takes a quoted nc for none, and what reads one \
      way at the UE and another at the S-CSCF gives another response.
      """,
    traps: """
      A quoted algorithm is common and tolerated, as are capital hexadecimal digits and either form of integrity-protected. Of \
      one parameter that stands twice nobody knows which counts: an error. The value is never shown.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .oddDigest,
    flagged: [
      Example(
        "a quoted nc",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net      ←
          Authorization.nc: "00000001"
        """),
      Example(
        "a realm without quotes",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized           ←
          WWW-Authenticate.realm: hims.net
        """),
      Example(
        "two realms",
        """
        UE -> P: REGISTER sip:hims.net      ←
          Authorization: Digest username="name.private@hims.net", realm="hims.net", realm="other.net", uri="sip:hims.net", nonce="", response=""
        """),
      Example(
        "a response that is no digest",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net      ←
          Authorization.response: "abc"
        """),
    ],
    clean: [
      Example(
        "a quoted algorithm",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          WWW-Authenticate.algorithm: "AKAv1-MD5"
        """)
    ]
  ) { flow, report in
    for round in flow.rounds.indices {
      flow.judgeDigests(of: flow.outermostRequest(of: round), &report)
      flow.judgeDigests(of: flow.farthestChallenge(to: round), &report)
    }
  }
}

extension Flow {
  fileprivate func judgeDigests(of index: Int?, _ report: inout Reporter) {
    guard let index, let sip = sip(index) else { return }
    for digest in sip.isRequest ? sip.authorization : sip.wwwAuthenticate {
      guard let fault = DigestFault(digest, isChallenge: !sip.isRequest) else { continue }
      report(
        "\(fault.text) in the \(sip.name) of the \(messages[index].from?.rawValue ?? "sender")", at: [index],
        observed: fault.text, expected: fault.expected, severity: fault.isRepeated ? .error : nil)
    }
  }
}

private struct DigestFault {
  var text: String
  var expected: String
  var isRepeated = false

  init?(_ digest: Digest, isChallenge: Bool) {
    var met: UInt32 = 0
    for (index, item) in digest.items.enumerated() {
      let bit: UInt32 = item.name.map { 1 << UInt32($0.rawValue) } ?? 0
      if bit == 0 ? DigestFault.isRepeated(index, of: digest) : met & bit != 0 {
        let name = digest.text(of: item)
        self.init(text: "\(name) stands twice", expected: "one \(name)", isRepeated: true)
        return
      }
      met |= bit
      guard let known = item.name else { continue }
      if !item.isQuoted, DigestFault.needsQuotes(known, isChallenge), !item.isEmpty {
        let name = digest.text(of: item)
        self.init(text: "\(name) without quotes", expected: "\(name) in quotes")
        return
      }
      if item.isQuoted, DigestFault.isToken(known, isChallenge) {
        let name = digest.text(of: item)
        self.init(text: "\(name) in quotes", expected: "\(name) without quotes")
        return
      }
    }
    guard !isChallenge, let response = digest.response, !response.isEmpty,
      ![32, 64].contains(response.count) || !response.isHexadecimal
    else { return nil }
    self.init(text: "the response is no digest", expected: "32 or 64 hexadecimal digits")
  }

  private init(text: String, expected: String, isRepeated: Bool = false) {
    self.text = text
    self.expected = expected
    self.isRepeated = isRepeated
  }

  /// An earlier parameter has the same name, which no table knows.
  private static func isRepeated(_ index: Int, of digest: Digest) -> Bool {
    let item = digest.items[index]
    return digest.items[..<index].contains { earlier in
      earlier.name == nil && digest.text(of: earlier).equalsIgnoringCase(digest.text(of: item))
    }
  }

  private static func needsQuotes(_ name: Digest.Name, _ isChallenge: Bool) -> Bool {
    switch name {
    case .username, .realm, .nonce, .uri, .response, .cnonce, .opaque, .auts, .ik, .ck, .domain: true
    case .qop: isChallenge
    case .nc, .stale, .algorithm, .rspauth, .nextNonce, .integrityProtected: false
    }
  }

  private static func isToken(_ name: Digest.Name, _ isChallenge: Bool) -> Bool {
    switch name {
    case .nc, .stale: true
    case .qop: !isChallenge
    default: false
    }
  }
}

extension Text {
  fileprivate var isHexadecimal: Bool {
    read { span in (0..<span.byteCount).allSatisfy { ASCII.hexValue(span.u8($0)) != nil } }
  }
}
