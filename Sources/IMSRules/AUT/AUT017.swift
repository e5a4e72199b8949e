import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT017 = Rule(
    "AUT017", .error, "Digest realm/HA1/stale inconsistency",
    clauses: [.ts29228("6.3"), .ts24229("5.4.1.2.1B"), .ts24229("5.4.1.2.3B"), .rfc(7616, "3.3")], since: "0.2",
    why: """
      HA1 is made of user, realm and password: with another realm in the challenge than in the HSS no password is right. A \
      nonce that is called stale must be replaced, or the UE answers it for ever.
      """,
    traps: """
      Judged with SIP Digest alone. The protection that the HSS names must be among what the S-CSCF offers; it may offer \
      more.
      """,
    when: .digest, needs: [.message(status: 401...401, on: Hop.sip)],
    flagged: [
      Example(
        "another realm",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
          SIP-Authentication-Scheme: SIP Digest
        HSS -> S: MAA                    ←
          SIP-Auth-Data-Item: 0x00000260c0000016000028af5349502044696765737400000000027b80000050000028af000000684000001068696d732e6e65740000006e4000000c6175746800000079400000283031323334353637383961626364656630313233343536373839616263646566
        S -> I: 401 Unauthorized         ←
          WWW-Authenticate: Digest realm="elsewhere.net", nonce="abc", algorithm=MD5, qop="auth"
        """),
      Example(
        "stale, and the same again",
        """
        UE -> P: REGISTER sip:hims.net
          -Security-Client
        P -> UE: 401 Unauthorized
          -Security-Server
          WWW-Authenticate: Digest realm="hims.net", nonce="abc", algorithm=MD5, qop="auth"
        UE -> P: REGISTER sip:hims.net   ←
          Authorization: Digest username="a@hims.net", realm="hims.net", uri="sip:hims.net", nonce="abc", response="00"
          -Security-Client
        P -> UE: 401 Unauthorized        ←
          -Security-Server
          WWW-Authenticate: Digest realm="hims.net", nonce="abc", algorithm=MD5, qop="auth", stale=true
        """),
    ],
    clean: [
      Example(
        "as the HSS has it",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
          SIP-Authentication-Scheme: SIP Digest
        HSS -> S: MAA
          SIP-Auth-Data-Item: 0x00000260c0000016000028af5349502044696765737400000000027b80000050000028af000000684000001068696d732e6e65740000006e4000000c6175746800000079400000283031323334353637383961626364656630313233343536373839616263646566
        S -> I: 401 Unauthorized
          WWW-Authenticate: Digest realm="hims.net", nonce="abc", algorithm=MD5, qop="auth,auth-int"
        """)
    ]
  ) { flow, report in
    let given = flow.digestItem
    var judged = -1
    for index in flow.registerMessages where flow.messages[index].status == 401 {
      guard let sip = flow.sip(index), let number = flow.index.transaction(of: index) else { continue }
      let asked = flow.request(of: index).flatMap { flow.sip($0)?.authorization.first?.nonce }
      for challenge in sip.wwwAuthenticate where flow.transactions[number].round != judged {
        judged = flow.transactions[number].round
        if challenge.stale?.isToken("true") ?? false, let asked, challenge.nonce == asked {
          report(
            "the 401 calls a nonce stale and gives it again",
            at: [index] + [flow.request(of: index)].compactMap(\.self),
            observed: "nonce \(asked), stale=true", expected: "a new nonce")
        }
        guard let given else { continue }
        if let realm = given.realm, let used = challenge.realm, realm != used {
          report(
            "the S-CSCF challenges with another realm than HA1 was made of", at: [index, given.answer],
            observed: "realm \(used)", expected: "realm \(realm)")
        }
        if let qop = given.qop, let offered = challenge.qop, !DigestItem.isOffered(qop, in: offered) {
          report(
            "the S-CSCF offers another protection than the HSS names", at: [index, given.answer],
            observed: "qop \(offered)", expected: "qop \(qop)")
        }
      }
    }
  }
}

/// SIP-Digest-Authenticate of an MAA (TS 29.229 §6.3.36), without its key.
private struct DigestItem {
  var answer: Int
  var realm: Text?
  var qop: Text?

  static func isOffered(_ qop: Text, in offer: Text) -> Bool {
    let offered = offer.bytes.split(separator: UInt8(ascii: ",")).map { Text($0).trimmedLWS }
    return qop.bytes.split(separator: UInt8(ascii: ",")).contains { due in
      offered.contains { $0.equalsIgnoringCase(Text(due).trimmedLWS) }
    }
  }
}

extension Flow {
  fileprivate var digestItem: DigestItem? {
    guard index.hasVectors else { return nil }
    var found: DigestItem?
    forEachExchange(.multimediaAuth) { maa in
      guard let group = maa.answered.first(.sipAuthDataItem)?.children.first(.sipDigestAuthenticate)?.children else {
        return
      }
      found = DigestItem(
        answer: maa.answer, realm: group.first(.digestRealm)?.data, qop: group.first(.digestQoP)?.data)
    }
    return found
  }
}

extension Condition {
  static let digest = Condition("a registration with SIP Digest") {
    $0.mechanism == .digest && ![.networkDeregistration, .thirdParty].contains($0.kind)
  }
}
