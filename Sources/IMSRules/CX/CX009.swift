import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let CX009 = Rule(
    "CX009", .error, "MAA authentication item malformed",
    clauses: [.ts29228("6.3"), .ts29229("6.3")], since: "0.2",
    why: """
      A vector is five values of fixed length. One that is too long, too short or missing makes a challenge that no UE can \
      answer, or keys that nobody can use.
      """,
    traps: """
      Lengths alone are judged and shown. Values of double length are those in hexadecimal digits, the commonest mistake. An \
      item number is needed only where there are several items. A hash by SHA-256 or SHA-512-256 has 64 digits (RFC 7616).
      """,
    when: .register, needs: [.exchange(.multimediaAuth)], trigger: .oddVector,
    flagged: [
      Example(
        "RAND and AUTN as hexadecimal digits",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA             ←
          SIP-Authenticate: 35333533353335333533353335333533353335333533353335333533353335333533353335333533
        """),
      Example(
        "no XRES",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA             ←
          -SIP-Authorization
        """),
    ],
    clean: [
      Example(
        "five values",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    flow.forEachExchange(.multimediaAuth) { maa in
      guard maa.answered.isSuccess else { return }
      var numbers: [UInt32] = []
      for item in maa.answered.authDataItems {
        for fault in AuthItemFault.faults(of: item) {
          report(fault.text, at: [maa.answer], observed: fault.observed, expected: fault.expected)
        }
        guard let number = item.children.first(.sipItemNumber)?.unsigned32 else { continue }
        if numbers.contains(number) {
          report(
            "two items of the MAA have one number", at: [maa.answer], observed: "SIP-Item-Number \(number) twice",
            expected: "a number each")
        }
        numbers.append(number)
      }
    }
  }
}

private struct AuthItemFault {
  var text: String
  var observed: String
  var expected: String

  private static let aka: [(name: AVPName, sizes: ClosedRange<Int>, title: String)] = [
    (.sipAuthenticate, 32...32, "SIP-Authenticate"), (.sipAuthorization, 4...16, "SIP-Authorization"),
    (.confidentialityKey, 16...16, "Confidentiality-Key"), (.integrityKey, 16...16, "Integrity-Key"),
  ]

  static func faults(of item: AVP) -> [AuthItemFault] {
    let children = item.children
    let scheme = children.first(.sipAuthenticationScheme)?.data
    let isAKA = scheme.map { $0.hasPrefixIgnoringCase("Digest-AKA") } ?? (children.first(.sipAuthenticate) != nil)
    if isAKA {
      // Without encryption no Confidentiality-Key is needed (TS 29.228 table 6.3.4).
      let due = aka.filter { $0.name != .confidentialityKey || children.first(.confidentialityKey) != nil }
      return due.compactMap { fault(children.first($0.name), $0.sizes, $0.title) } + emptyChallenge(children)
    }
    guard let digest = children.first(.sipDigestAuthenticate)?.children else { return [] }
    guard let ha1 = digest.first(.digestHA1)?.data else {
      return [AuthItemFault(text: "no Digest-HA1 in the MAA", observed: "none", expected: "Digest-HA1")]
    }
    let digits = digest.first(.digestAlgorithm)?.data.hasPrefixIgnoringCase("SHA") ?? false ? 64 : 32
    let isHex = ha1.count == digits && ha1.bytes.allSatisfy { ASCII.hexValue($0) != nil }
    if isHex { return [] }
    return [
      AuthItemFault(
        text: "Digest-HA1 of the MAA is no hash", observed: "\(ha1.count) octets",
        expected: "\(digits) hexadecimal digits")
    ]
  }

  private static func fault(_ avp: AVP?, _ sizes: ClosedRange<Int>, _ title: String) -> AuthItemFault? {
    if let avp, sizes.contains(avp.data.count) { return nil }
    let expected = sizes.count == 1 ? "\(sizes.lowerBound) octets" : "\(sizes.lowerBound) to \(sizes.upperBound) octets"
    guard let avp else {
      return AuthItemFault(text: "no \(title) in the MAA", observed: "none", expected: "\(title) of \(expected)")
    }
    let count = avp.data.count
    let isDigits = avp.data.bytes.allSatisfy { ASCII.hexValue($0) != nil }
    return AuthItemFault(
      text: "\(title) of the MAA has the wrong length" + (isDigits ? ": hexadecimal digits in place of octets" : ""),
      observed: "\(count) octets", expected: expected)
  }

  private static func emptyChallenge(_ children: AVPSequence) -> [AuthItemFault] {
    guard let challenge = children.first(.sipAuthenticate)?.data, challenge.count == 32,
      challenge.bytes.prefix(16).allSatisfy({ $0 == 0 })
    else { return [] }
    return [AuthItemFault(text: "RAND of the MAA is zero", observed: "16 zero octets", expected: "a random challenge")]
  }
}
