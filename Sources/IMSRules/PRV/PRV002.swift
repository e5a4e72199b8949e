import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let PRV002 = Rule(
    "PRV002", .error, "Key material in a wrong message",
    clauses: [.ts33203("6.1.1"), .ts24229("7.2A.1"), .ts24229("5.4.1.2.1A")], since: "0.2",
    why: """
      CK and IK belong in the challenge from S-CSCF to P-CSCF and nowhere else. In credentials, other responses or a header for \
      people they are written to every log on the way.
      """,
    traps: """
      The nonce holds RAND and AUTN by right. The challenge to the UE is PRV001's. Values are looked for where an MAA shows \
      them, in the headers that carry free text: Warning, Reason and those that no standard knows. They are never shown.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .keyElsewhere,
    flagged: [
      Example(
        "the UE's credentials name the keys",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net        ←
          Authorization.ik: "00000000000000000000000000000001"
        """),
      Example(
        "the S-CSCF tells the integrity key to its log",
        """
        I -> S: REGISTER sip:scscf1.hims.net:6060
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized              ←
          X-Debug: ik f769bcd751044604127672711c6d3441
        """),
    ],
    clean: [
      Example(
        "keys in the challenge on Mw",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> P: 401 Unauthorized
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    var secrets: [Text]?
    for index in flow.registerMessages where flow.messages[index].hop != nil {
      guard let sip = flow.sip(index) else { continue }
      let bearers = sip.isRequest ? sip.authorization : sip.status == 401 ? [] : sip.wwwAuthenticate
      if let name = bearers.lazy.compactMap(\.keyName).first {
        report(
          "\(name) in the \(sip.name) of the \(flow.messages[index].from?.rawValue ?? "sender")", at: [index],
          observed: sip.isRequest ? "Authorization with \(name)" : "WWW-Authenticate with \(name)",
          expected: "no key", isShown: true)
      }
      for field in sip.freeTextFields {
        let known = secrets ?? flow.knownSecrets
        secrets = known
        let value = sip.value(of: field)
        guard known.contains(where: { value.holds($0) }) else { continue }
        let header = sip.wireName(of: field)
        report(
          "a key of the vector in \(header) of the \(sip.name)", at: [index], observed: "\(header) with a key",
          expected: "no key", isShown: true)
      }
    }
  }
}

extension Digest {
  fileprivate var keyName: String? { ik != nil ? "ik" : ck != nil ? "ck" : nil }
}

extension Text {
  /// In letters of either case.
  fileprivate func holds(_ word: Text) -> Bool {
    guard count >= word.count else { return false }
    return (bytes.startIndex...bytes.endIndex - word.count).contains {
      Text(bytes[$0..<$0 + word.count]).equalsIgnoringCase(word)
    }
  }
}

extension Flow {
  /// XRES, CK and IK of every vector and HA1, in hexadecimal digits and base64.
  fileprivate var knownSecrets: [Text] {
    exchanges(of: .multimediaAuth).compactMap(\.answer).flatMap { index -> [Text] in
      (diameter(index)?.authDataItems ?? []).flatMap { item in
        let keys = item.children.filter { [610, 625, 626].contains($0.code) }.map { Array($0.data.bytes) }
        let ha1 = item.children.first { $0.code == 635 }?.children.first { $0.code == 121 }?.data
        return keys.filter { $0.count >= 8 }.flatMap { [Text(Hex.encode($0)), Text(Base64.encode($0))] }
          + [ha1].compactMap(\.self).filter { $0.count >= 8 }
      }
    }
  }
}
