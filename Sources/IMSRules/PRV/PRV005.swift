import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let PRV005 = Rule(
    "PRV005", .info, "Internal topology or diagnostics visible to the UE",
    clauses: [.ts24229("4.4"), .rfc(3261, "26.1"), .rfc(3261, "20.35")], since: "0.2",
    why: """
      Warnings for the operator's staff, software versions and the name of the HSS tell an attacker what stands behind the \
      P-CSCF.
      """,
    traps: """
      Service-Route, Path and Contact belong to the UE. A product name without a version says nothing. P-User-Database and \
      P-Visited-Network-ID have no business on Gm: a warning. One finding for a header of a registration.
      """,
    when: .register, needs: [.message(status: 100...699, on: [.h0])], trigger: .coreOnGm,
    flagged: [
      Example(
        "a warning for the staff",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized           ←
          Warning: 392 10.20.0.30:6060 "Noisy feedback tells: pid=17"
        """),
      Example(
        "a version",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized           ←
          Server: core (5.6.3 (x86_64/linux))
        """),
      Example(
        "the name of the HSS",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized           ←
          P-User-Database: <aaa://hss1.hims.net>
        """),
    ],
    clean: [
      Example(
        "a name",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          Server: P-CSCF of hims.net
        """)
    ]
  ) { flow, report in
    var reported: Set<String> = []
    for index in flow.registerMessages where flow.messages[index].hop == .h0 && !flow.messages[index].isRequest {
      guard let sip = flow.sip(index), let header = sip.telltale, reported.insert(header.name).inserted else {
        continue
      }
      report(
        "\(header.name) in the \(sip.name) to the UE", at: [index],
        observed: sip.first(header).map { "\(header.name): \($0)" } ?? "", expected: "nothing about the core",
        severity: [.pUserDatabase, .pVisitedNetworkID].contains(header) ? .warning : nil, isShown: true)
    }
  }
}

extension SIPMessage {
  /// The header that says most about the core.
  fileprivate var telltale: HeaderName? {
    if has(.pUserDatabase) { return .pUserDatabase }
    if has(.pVisitedNetworkID) { return .pVisitedNetworkID }
    if first(.warning)?.hasPrefix("392") ?? false { return .warning }
    return first(.server)?.hasVersion ?? false ? .server : nil
  }
}

extension Text {
  /// A digit, a dot and a digit.
  fileprivate var hasVersion: Bool {
    bytes.indices.dropFirst().dropLast().contains { index in
      bytes[index] == 0x2e && ASCII.isDigit(bytes[index - 1]) && ASCII.isDigit(bytes[index + 1])
    }
  }
}
