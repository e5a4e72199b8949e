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
    when: .register, needs: [.everyHop(Hop.cx)],
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
      if let fault = AVPFault.first(in: message.avps, level: 1) {
        report(
          "an AVP of the \(message.name) is malformed: \(fault)", at: [index], observed: fault,
          expected: "lengths that fit")
      }
    }
  }
}

/// The first AVP whose length contradicts its type or what it stands in.
private enum AVPFault {
  static func first(in avps: AVPSequence, level: Int) -> String? {
    for avp in avps {
      switch shape(avp) {
      case .number where avp.data.count != 4: return "\(title(avp)) of \(avp.data.count) octets"
      case .group where level < AVPSequence.depthLimit:
        if let fault = first(in: avp.children, level: level + 1) {
          return level == 1 ? "\(title(avp)): \(fault)" : fault
        }
      default: break
      }
    }
    return avps.malformed?.reason
  }

  private enum Shape { case number, group, other }

  private static func title(_ avp: AVP) -> String { avp.definition?.name ?? "AVP \(avp.code)" }

  /// Of the AVPs that a registration has. The dictionary knows them too, at a higher price.
  private static func shape(_ avp: AVP) -> Shape {
    switch (avp.vendor, avp.code) {
    case (0, 258), (0, 259), (0, 266), (0, 268), (0, 277), (0, 298): .number
    case (0, 260), (0, 279), (0, 297): .group
    case (10415, 604), (10415, 605), (10415, 607), (10415, 613), (10415, 614), (10415, 616), (10415, 623),
      (10415, 624), (10415, 633):
      .number
    case (10415, 603), (10415, 612), (10415, 615), (10415, 618), (10415, 632), (10415, 635): .group
    default: .other
    }
  }
}
