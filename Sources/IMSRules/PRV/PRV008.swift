import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let PRV008 = Rule(
    "PRV008", .error, "Credentials forwarded to an application server",
    clauses: [.ts24229("5.4.1.7")], since: "0.2",
    why: """
      An application server learns that a subscriber registered, not how he proved who he is. Credentials or keys in the \
      third-party REGISTER lie open to everybody who runs the server.
      """,
    traps: """
      The S-CSCF may include the REGISTER of the UE as a body: its response alone is spent, and no finding; the keys beside it \
      are. They are never shown.
      """,
    when: .thirdParty, needs: [.message(status: nil, on: [.a1])],
    flagged: [
      Example(
        "credentials of the subscriber",
        """
        S -> AS: REGISTER sip:as1.hims.net      ←
          Proxy-Authorization: Digest username="name.private@hims.net", realm="hims.net", nonce="a", uri="sip:hims.net", response="00000000000000000000000000000000"
        AS -> S: 200 OK
        """),
      Example(
        "keys in the included REGISTER",
        """
        S -> AS: REGISTER sip:as1.hims.net      ←
          Content-Type: message/sip
          | REGISTER sip:hims.net SIP/2.0
          | Authorization: Digest username="name.private@hims.net", nonce="a", response="b", ck="00000000000000000000000000000001"
        AS -> S: 200 OK
        """),
    ],
    clean: [
      Example(
        "the REGISTER of the UE, its response spent",
        """
        S -> AS: REGISTER sip:as1.hims.net
          Content-Type: message/sip
          | REGISTER sip:hims.net SIP/2.0
          | Authorization: Digest username="name.private@hims.net", nonce="a", response="b"
        AS -> S: 200 OK
        """),
      Example(
        "names that end like those of keys",
        """
        S -> AS: REGISTER sip:as1.hims.net
          Content-Type: application/3gpp-ims+xml
          | <ims-3gpp><service-info><barring block="0" trick="ab"/></service-info></ims-3gpp>
        AS -> S: 200 OK
        """),
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      guard let request = transaction.requests.first, let sip = flow.sip(request) else { continue }
      let body = sip.body
      let hasKeys = ["ck", "ik"].contains { body.holdsKey($0) }
      let header =
        sip.has(.authorization) ? "Authorization" : sip.has(.proxyAuthorization) ? "Proxy-Authorization" : nil
      guard let place = header ?? (hasKeys ? "the body" : nil) else { continue }
      report(
        "\(header == nil ? "keys" : "credentials") in \(place) of the third-party REGISTER", at: [request],
        observed: place, expected: "neither credentials nor keys", isShown: true)
    }
  }
}

extension Text {
  /// Is there a parameter or attribute of this name whose value begins with hexadecimal digits in quotes? Longer names end so too.
  fileprivate func holdsKey(_ name: String) -> Bool {
    let pattern = Array("\(name)=\"".utf8)
    var place = bytes.startIndex
    while place + pattern.count < bytes.endIndex {
      defer { place += 1 }
      guard zip(bytes[place...], pattern).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { continue }
      let before = place > bytes.startIndex ? bytes[place - 1] : UInt8(ascii: " ")
      let isName = ASCII.isAlphanumeric(before) || before == UInt8(ascii: "-") || before == UInt8(ascii: "_")
      if !isName, ASCII.hexValue(bytes[place + pattern.count]) != nil { return true }
    }
    return false
  }
}
