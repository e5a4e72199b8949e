import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let DIA002 = Rule(
    "DIA002", .error, "AVP malformed",
    clauses: [.rfc(6733, "4.1"), .rfc(6733, "4.2")], since: "0.2",
    why: """
      An AVP whose length is wrong takes everything behind it along: the receiver answers 5014, or reads another message than \
      was sent.
      """,
    traps: "Padding that is not zero, and the padding of the last AVP left out, are tolerated.",
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .oddAVP,
    flagged: [
      Example(
        "a number of three octets",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
          SIP-Number-Auth-Items: 0x000001
        HSS -> S: MAA
        """),
      Example(
        "a group that is cut short",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
          SIP-Auth-Data-Item: 0x00000260c0000030000028af41
        HSS -> S: MAA
        """),
    ],
    clean: [
      Example(
        "each as long as it says",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    flow.forEachDiameter { index, message in
      if let fault = AVPFault.first(of: message) {
        report(
          "an AVP of the \(message.name) is malformed: \(fault)", at: [index], observed: fault,
          expected: "lengths that fit")
      }
    }
  }
}

/// The first AVP whose length contradicts its type or what it stands in.
private enum AVPFault {
  static func first(of message: DiameterMessage) -> String? {
    let avps = message.avps
    for avp in message.headers {
      guard let (fault, isInside) = fault(of: avp, in: avps, level: 1) else { continue }
      return isInside ? "\(title(avps.avp(avp))): \(fault)" : fault
    }
    return message.malformed?.reason
  }

  private static func first(in avps: AVPSequence, level: Int) -> String? {
    var walk = avps.makeIterator()
    while let avp = walk.nextHeader() {
      if let (fault, _) = fault(of: avp, in: avps, level: level) { return fault }
    }
    return walk.malformed?.reason
  }

  private static func fault(
    of avp: AVPSequence.Header, in avps: AVPSequence, level: Int
  ) -> (text: String, isInside: Bool)? {
    switch avp.shape {
    case .number where avp.dataCount != 4: ("\(title(avps.avp(avp))) of \(avp.dataCount) octets", false)
    case .group where level < AVPSequence.depthLimit:
      first(in: avps.children(avp), level: level + 1).map { ($0, true) }
    default: nil
    }
  }

  private static func title(_ avp: AVP) -> String { avp.definition?.name ?? "AVP \(avp.code)" }
}
