import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX010 = Rule(
    "CX010", .error, "MAA does not answer what was asked",
    clauses: [.ts29228("6.3.1")], since: "0.2",
    why: """
      The S-CSCF challenges with what it gets. A vector of another scheme, of another subscriber, or the one that the UE has \
      just refused, ends in a registration that fails.
      """,
    traps: """
      An HSS may give fewer vectors than were asked for. A MAR that leaves the scheme open (Unknown, or another word) takes \
      any. One AKA scheme for another is the choice of the HSS.
      """,
    when: .register, needs: [.exchange(.multimediaAuth)], trigger: .oddMAA,
    flagged: [
      Example(
        "two announced, one given",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA             ←
          SIP-Number-Auth-Items: 2
        """),
      Example(
        "the vector of somebody else",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA             ←
          User-Name: somebody.else@hims.net
        """),
    ],
    clean: [
      Example(
        "one asked for, one given",
        """
        I -> S: REGISTER
        S -> HSS: MAR
          SIP-Authentication-Scheme: Unknown
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    flow.forEachExchange(.multimediaAuth) { maa in
      guard maa.answered.isSuccess else { return }
      for contradiction in MAAContradiction.all(maa) {
        report(
          contradiction.text, at: [maa.answer, maa.request], observed: contradiction.observed,
          expected: contradiction.expected)
      }
    }
  }
}

private struct MAAContradiction {
  var text: String
  var observed: String
  var expected: String

  static func all(_ maa: CxPairOfMessages) -> [MAAContradiction] {
    let items = maa.answered.authDataItems
    return [identities(maa), number(maa.answered, items), scheme(maa.asked, items), refused(maa.asked, items)]
      .compactMap(\.self)
  }

  private static func identities(_ maa: CxPairOfMessages) -> MAAContradiction? {
    if let given = maa.answered.userName, let asked = maa.asked.userName,
      !given.isPrivateIdentity(asked)
    {
      return MAAContradiction(
        text: "the MAA answers for another private identity", observed: "User-Name \(given)", expected: "\(asked)")
    }
    guard let given = maa.answered.publicIdentity, let asked = maa.asked.publicIdentity,
      given.addressOfRecordFingerprint != asked.addressOfRecordFingerprint
    else { return nil }
    return MAAContradiction(
      text: "the MAA answers for another public identity", observed: "Public-Identity \(given)", expected: "\(asked)")
  }

  private static func number(_ answer: DiameterMessage, _ items: [AVP]) -> MAAContradiction? {
    guard let announced = answer.numberOfAuthItems, announced != UInt32(items.count) else { return nil }
    return MAAContradiction(
      text: "the MAA announces \(announced) vectors and holds \(items.count)",
      observed: "SIP-Number-Auth-Items \(announced)", expected: "\(items.count)")
  }

  private static func scheme(_ request: DiameterMessage, _ items: [AVP]) -> MAAContradiction? {
    guard let asked = scheme(of: request.first(.sipAuthDataItem)) else { return nil }
    for given in items.compactMap({ scheme(of: $0) }) where isAKA(given) != isAKA(asked) {
      let known = [given, asked].allSatisfy { isAKA($0) || $0.isToken("SIP Digest") }
      guard known else { continue }
      return MAAContradiction(
        text: "the MAA holds another scheme than was asked for", observed: "\(given)", expected: "\(asked)")
    }
    return nil
  }

  private static func scheme(of item: AVP?) -> Text? { item?.children.first(.sipAuthenticationScheme)?.data }
  private static func isAKA(_ scheme: Text) -> Bool { scheme.hasPrefixIgnoringCase("Digest-AKA") }

  /// A resynchronisation names the RAND that the UE did not accept (TS 29.229 §6.3.11).
  private static func refused(_ request: DiameterMessage, _ items: [AVP]) -> MAAContradiction? {
    guard let auts = request.first(.sipAuthDataItem)?.children.first(.sipAuthorization)?.data, auts.count == 30 else {
      return nil
    }
    let rand = auts.bytes.prefix(16)
    let again = items.contains {
      $0.children.first(.sipAuthenticate)?.data.bytes.prefix(16).elementsEqual(rand) ?? false
    }
    guard again else { return nil }
    return MAAContradiction(
      text: "the MAA holds the RAND that the UE has just refused", observed: "RAND of the MAR", expected: "a new RAND")
  }
}
