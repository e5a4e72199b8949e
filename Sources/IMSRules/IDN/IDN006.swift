import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN006 = Rule(
    "IDN006", .warning, "IMSI-derived identity malformed",
    clauses: [.ts23003("13.2"), .ts23003("13.3"), .ts23003("13.4B")], since: "0.2",
    why: """
      A UE without ISIM makes its identities and its home domain of the IMSI. A domain of another country or operator, or of \
      two digits where three are due, is one that no DNS knows.
      """,
    traps: """
      Judged are private identities of 14 or 15 digits in a domain below 3gppnetwork.org. The code of the network has two or \
      three digits in the IMSI: both readings are tried.
      """,
    when: .register, needs: [.message(status: nil, on: Hop.sip)], trigger: .userOfDigits,
    flagged: [
      Example(
        "another operator",
        """
        UE -> P: REGISTER sip:ims.mnc002.mcc001.3gppnetwork.org      ←
          Authorization.username: "001010000000001@ims.mnc002.mcc001.3gppnetwork.org"
        P -> UE: 401 Unauthorized
        """),
      Example(
        "two digits",
        """
        UE -> P: REGISTER sip:ims.mnc01.mcc001.3gppnetwork.org      ←
          Authorization.username: "001010000000001@ims.mnc01.mcc001.3gppnetwork.org"
        P -> UE: 401 Unauthorized
        """),
    ],
    clean: [
      Example(
        "the domain of the IMSI",
        """
        UE -> P: REGISTER sip:ims.mnc001.mcc001.3gppnetwork.org
          Authorization.username: "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    guard flow.rounds.indices.contains(0), let index = flow.firstRequest(of: 0),
      let username = flow.sip(index)?.authorization.lazy.compactMap(\.username).first(where: { !$0.isEmpty }),
      let fault = DerivedIdentity.fault(of: username)
    else { return }
    report(fault.text, at: [index], observed: "\(username)", expected: fault.expected)
  }
}

private enum DerivedIdentity {
  /// Nil for what is derived from no IMSI, and for what is derived as TS 23.003 has it.
  static func fault(of username: Text) -> (text: String, expected: String)? {
    let halves = username.bytes.split(separator: UInt8(ascii: "@"), maxSplits: 1)
    guard halves.count == 2, (14...15).contains(halves[0].count), halves[0].allSatisfy(ASCII.isDigit) else {
      return nil
    }
    let domain = Text(halves[1]).lowercased
    guard domain.bytes.suffix(16).elementsEqual(".3gppnetwork.org".utf8), domain.hasPrefix("ims.mnc") else {
      return nil
    }
    let labels = domain.bytes.split(separator: UInt8(ascii: "."))
    guard labels.count >= 5 else { return ("the home domain is incomplete", "ims.mncNNN.mccNNN.3gppnetwork.org") }
    let (mnc, mcc) = (labels[1].dropFirst(3), labels[2].dropFirst(3))
    guard Text(labels[2]).hasPrefix("mcc"), mnc.count == 3, mcc.count == 3, mnc.allSatisfy(ASCII.isDigit),
      mcc.allSatisfy(ASCII.isDigit)
    else { return ("the home domain is not written with three digits each", "ims.mncNNN.mccNNN.3gppnetwork.org") }
    let imsi = Array(halves[0])
    let fits =
      mcc.elementsEqual(imsi[0..<3])
      && (mnc.elementsEqual(imsi[3..<6]) || mnc.elementsEqual([UInt8(ascii: "0")] + imsi[3..<5]))
    if fits { return nil }
    let digits = Text(imsi[0..<6]).string
    return ("the home domain is not that of the IMSI", "the codes that \(digits)… begins with")
  }
}
