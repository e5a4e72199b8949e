import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let DIA006 = Rule(
    "DIA006", .error, "Application or command mismatch",
    clauses: [.ts29229("5.6"), .ts29229("6.1"), .rfc(6733, "6.11")], since: "0.2",
    why: """
      The commands of Cx are those of SWx and others: the application tells them apart. A peer that keeps to the standard \
      answers 5009 or 3007 to what names none, or two.
      """,
    traps: """
      An answer under another application is no answer for Cx at all: it shows as none (DIA003). Auth- and \
      Acct-Application-Id together are a warning. An answer with the E bit has a grammar of its own, without that group.
      """,
    when: .register, needs: [.everyHop(Hop.cx)], trigger: .otherApplication,
    flagged: [
      Example(
        "no Vendor-Specific-Application-Id",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
          -Vendor-Specific-Application-Id
        HSS -> S: MAA
        """),
      Example(
        "another application inside",
        """
        I -> S: REGISTER
        S -> HSS: MAR             ←
          Vendor-Specific-Application-Id: Vendor-Id=10415, Auth-Application-Id=16777217
        HSS -> S: MAA
        """),
    ],
    clean: [
      Example(
        "Cx of 3GPP",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        """),
      Example(
        "an agent's answer with the E bit",
        """
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA result 3002
          Flags: 0x60
          -Vendor-Specific-Application-Id
        """),
    ]
  ) { flow, report in
    flow.forEachDiameter { index, message in
      // RFC 6733 §7.2: an agent that need not know the application may have written it.
      if message.isError { return }
      guard let group = message.first(.vendorSpecificApplicationID)?.children else {
        report(
          "the \(message.name) has no Vendor-Specific-Application-Id", at: [index], observed: "none",
          expected: "Vendor-Id 10415, Auth-Application-Id 16777216")
        return
      }
      var (vendor, auth, acct): (UInt32?, UInt32?, UInt32?)
      var walk = group.makeIterator()
      while let avp = walk.nextHeader() {
        if avp.vendor != 0 { continue }
        switch avp.code {
        case AVPName.vendorID.code: vendor = vendor ?? group.unsigned32(avp)
        case AVPName.authApplicationID.code: auth = auth ?? group.unsigned32(avp)
        case AVPName.acctApplicationID.code: acct = acct ?? group.unsigned32(avp)
        default: continue
        }
      }
      if vendor == Vendor.tgpp.rawValue, auth == ApplicationID.cx.rawValue, acct == nil { return }
      func text(_ value: UInt32?) -> String { value.map { "\($0)" } ?? "none" }
      let both = auth == ApplicationID.cx.rawValue && vendor == Vendor.tgpp.rawValue
      report(
        both
          ? "the \(message.name) names an application for accounting too"
          : "the \(message.name) names another application than Cx",
        at: [index],
        observed: "Vendor-Id \(text(vendor)), Auth-Application-Id \(text(auth)), Acct-Application-Id \(text(acct))",
        expected: "Vendor-Id 10415, Auth-Application-Id 16777216", severity: both ? .warning : nil)
    }
  }
}
