import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let DIA007 = Rule(
    "DIA007", .warning, "Vendor-Id or flag bits of AVPs wrong",
    clauses: [.ts29229("6.3"), .rfc(6733, "4.1")], since: "0.2",
    why: """
      Without the vendor the code of an AVP means something else; without the M flag a peer may leave unread what it must \
      understand.
      """,
    traps: """
      Judged are the AVPs of the first release of Cx (600 to 626), which all have V and M, and the digest AVPs of the base, \
      which have no vendor. Supported-Features may have M. AVPs of other vendors are theirs.
      """,
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .oddFlags,
    flagged: [
      Example(
        "a digest realm of 3GPP",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA             ←
          SIP-Auth-Data-Item: 0x00000260c0000016000028af5349502044696765737400000000027b8000001c000028af00000068c0000010000028af61626364
        """)
    ],
    clean: [
      Example(
        "V and M",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        """)
    ]
  ) { flow, report in
    flow.forEachDiameter { index, message in
      if let fault = FlagFault.first(of: message) {
        report(
          "\(fault.name) of the \(message.name) \(fault.text)", at: [index], observed: fault.observed,
          expected: fault.expected)
      }
    }
  }
}

private struct FlagFault {
  var name: String
  var text: String
  var observed: String
  var expected: String

  static func first(of message: DiameterMessage) -> FlagFault? {
    let avps = message.avps
    for avp in message.headers {
      if let fault = fault(of: avp, in: avps) { return fault }
    }
    return nil
  }

  private static func first(in avps: AVPSequence) -> FlagFault? {
    var walk = avps.makeIterator()
    while let avp = walk.nextHeader() {
      if let fault = fault(of: avp, in: avps) { return fault }
    }
    return nil
  }

  private static func fault(of avp: AVPSequence.Header, in avps: AVPSequence) -> FlagFault? {
    if avp.code >= 600, avp.code <= 626, avp.vendor == Vendor.tgpp.rawValue || avp.vendor == 0 {
      if let fault = ofCx(avp, avps) { return fault }
      return avp.code == 612 || avp.code == 603 ? first(in: avps.children(avp)) : nil
    }
    if avp.code == 635, avp.vendor == Vendor.tgpp.rawValue { return first(in: avps.children(avp)) }
    // Of other vendors they are theirs.
    guard isOfDigest(avp.code), avp.flags & 0x80 != 0, avp.vendor == Vendor.tgpp.rawValue else { return nil }
    return FlagFault(
      name: title(avps.avp(avp)), text: "has a vendor", observed: "Vendor-Id \(avp.vendor)",
      expected: "an AVP of the base")
  }

  private static func isOfDigest(_ code: UInt32) -> Bool { code == 104 || code == 110 || code == 111 || code == 121 }

  private static func ofCx(_ avp: AVPSequence.Header, _ avps: AVPSequence) -> FlagFault? {
    // 621 and 623 without a vendor are AVPs of overload control (RFC 7683).
    if avp.vendor == 0 {
      if avp.code == 621 || avp.code == 623 { return nil }
      return FlagFault(
        name: "AVP \(avp.code)", text: "has no vendor", observed: "flags 0x\(String(avp.flags, radix: 16))",
        expected: "V and Vendor-Id 10415")
    }
    if avp.flags & 0x40 != 0 { return nil }
    return FlagFault(
      name: title(avps.avp(avp)), text: "lacks the M flag", observed: "flags 0x\(String(avp.flags, radix: 16))",
      expected: "V and M")
  }

  private static func title(_ avp: AVP) -> String { avp.definition?.name ?? "AVP \(avp.code)" }
}
