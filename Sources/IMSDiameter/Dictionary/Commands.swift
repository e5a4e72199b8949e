/// The short names of commands, keyed on the application too: 303 is MAR in Cx and in SWx, and nothing elsewhere.
package enum CommandName {
  struct Row: Sendable {
    let code: UInt32
    let applications: [UInt32]
    let request: String
    let answer: String

    init(_ code: UInt32, _ applications: [UInt32], _ request: String, _ answer: String) {
      self.code = code
      self.applications = applications
      self.request = request
      self.answer = answer
    }
  }

  /// Nil when the command is unknown in this application.
  package static func short(_ command: CommandCode, _ application: ApplicationID, isRequest: Bool) -> String? {
    let row = rows.first {
      $0.code == command.rawValue && ($0.applications.isEmpty || $0.applications.contains(application.rawValue))
    }
    return row.map { isRequest ? $0.request : $0.answer }
  }

  /// Is the command in the table, for some application?
  package static func isKnown(_ command: UInt32) -> Bool { rows.contains { $0.code == command } }

  private static let any: [UInt32] = []
  private static let cx: [UInt32] = [16_777_216]
  private static let cxAndSWx: [UInt32] = [16_777_216, 16_777_265]
  private static let sh: [UInt32] = [16_777_217]
  private static let rx: [UInt32] = [1, 16_777_236]
  private static let s6a: [UInt32] = [16_777_251]

  private static let rows: [Row] = [
    // RFC 6733 §3.1.
    Row(257, any, "CER", "CEA"),
    Row(258, any, "RAR", "RAA"),
    Row(265, rx, "AAR", "AAA"),
    Row(271, any, "ACR", "ACA"),
    Row(272, any, "CCR", "CCA"),
    Row(274, any, "ASR", "ASA"),
    Row(275, any, "STR", "STA"),
    Row(280, any, "DWR", "DWA"),
    Row(282, any, "DPR", "DPA"),
    // TS 29.229 Table 6.1.1.
    Row(300, cx, "UAR", "UAA"),
    Row(301, cxAndSWx, "SAR", "SAA"),
    Row(302, cx, "LIR", "LIA"),
    Row(303, cxAndSWx, "MAR", "MAA"),
    Row(304, cxAndSWx, "RTR", "RTA"),
    Row(305, cxAndSWx, "PPR", "PPA"),
    // TS 29.329 Table 6.1.1.
    Row(306, sh, "UDR", "UDA"),
    Row(307, sh, "PUR", "PUA"),
    Row(308, sh, "SNR", "SNA"),
    Row(309, sh, "PNR", "PNA"),
    // TS 29.272 §7.2.2.
    Row(316, s6a, "ULR", "ULA"),
    Row(317, s6a, "CLR", "CLA"),
    Row(318, s6a, "AIR", "AIA"),
    Row(319, s6a, "IDR", "IDA"),
    Row(320, s6a, "DSR", "DSA"),
    Row(321, s6a, "PUR", "PUA"),
    Row(322, s6a, "RSR", "RSA"),
    Row(323, s6a, "NOR", "NOA"),
  ]
}
