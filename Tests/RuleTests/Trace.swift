import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import TestSupport

/// The recorded registration that the rule tests alter: every hop, seen from every node (SampleCaptures).
enum Trace {
  static func sample(_ name: String) throws -> CaptureEditor {
    try CaptureEditor(Files.sample(name))
  }

  /// A full registration as recorded, except that the P-CSCF does what it should: it keeps CK and IK to itself, says
  /// that nothing protected the requests, begins a charging record, and forgets nothing that the UE supports.
  static func compliant() throws -> CaptureEditor {
    var editor = try sample("aka-registration.pcapng")
    editor.editPackets { packet in
      guard packet.isUDP, packet.destination.host == UE.address else { return }
      packet.payload = withoutKeys(packet.payload)
    }
    for (from, to) in [(Node.pcscf, Node.icscf), (Node.icscf, Node.scscf)] {
      editor.replaceText(
        ",response=", with: ",integrity-protected=\"no\",response=", in: "REGISTER", from: from, to: to)
      editor.replaceText(
        "P-Visited-Network-ID:",
        with: "P-Charging-Vector: icid-value=\"1\";orig-ioi=\"Type 1home\"\r\nP-Visited-Network-ID:", in: "REGISTER",
        from: from,
        to: to)
    }
    editor.replaceText(
      "Supported: path,gruu,sec-agree", with: "Supported: path,sec-agree", in: "REGISTER", from: UE.address)
    return editor
  }

  private static func withoutKeys(_ payload: [UInt8]) -> [UInt8] {
    var text = String(decoding: payload, as: UTF8.self)
    for name in ["ck", "ik"] {
      guard let start = text.range(of: ", \(name)=\""),
        let end = text.range(of: "\"", range: start.upperBound..<text.endIndex)
      else { continue }
      text.removeSubrange(start.lowerBound..<end.upperBound)
    }
    return Array(text.utf8)
  }

  static func reports(_ editor: CaptureEditor, profile: Profile = .strict) -> [FlowReport] {
    reports(editor.pcapng, profile: profile)
  }

  static func reports(_ bytes: [UInt8], profile: Profile) -> [FlowReport] {
    var options = Options()
    options.profile = profile
    var reports: [FlowReport] = []
    _ = Analyzer(options).run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
    return reports
  }
}

/// The nodes of the recorded registration.
enum UE { static let address = HostAddress("10.10.0.2") }

enum Node {
  static let pcscf = HostAddress("10.20.0.10")
  static let icscf = HostAddress("10.20.0.20")
  static let scscf = HostAddress("10.20.0.30")
  static let hss = HostAddress("10.20.0.40")

  static func ends(of hop: Hop) -> Set<HostAddress> {
    switch hop {
    case .h0: [UE.address, pcscf]
    case .h1: [pcscf, icscf]
    case .h2: [icscf, scscf]
    case .c1: [icscf, hss]
    case .c2: [scscf, hss]
    case .s11, .g1, .d0, .d1, .d2, .a1: []
    }
  }
}

extension CaptureEditor {
  /// Takes every packet between the two nodes of a hop out.
  mutating func cut(_ hop: Hop) {
    let ends = Node.ends(of: hop)
    drop { record in record.transport.map { Set([$0.source.host, $0.destination.host]) == ends } ?? false }
  }

  mutating func dropPackets(containing text: String, from: HostAddress? = nil, to: HostAddress? = nil) {
    drop { $0.transport.map { $0.matches(text, from: from, to: to) } ?? false }
  }

  /// Replaces text in the payloads of the packets that hold `mark`. Over TCP a text of another length may stand only in the
  /// last message of its direction, as it does in this recording.
  @discardableResult
  mutating func replaceText(
    _ old: String, with new: String, in mark: String, from: HostAddress? = nil, to: HostAddress? = nil
  ) -> Int {
    var count = 0
    editPackets { packet in
      guard packet.matches(mark, from: from, to: to), packet.matches(old) else { return }
      packet.payload = packet.payload.replacing(Array(old.utf8), with: Array(new.utf8))
      count += 1
    }
    return count
  }

  /// The capture ran on: a packet of nobody, so much later.
  mutating func runOn(seconds: Int64) {
    guard var last = records.last else { return }
    last.time += seconds * 1_000_000_000
    last.bytes = Array(last.bytes.prefix(12)) + [0x08, 0x06] + Array(repeating: 0, count: 28)
    last.originalLength = last.bytes.count
    for interface in interfaces.indices {
      last.interface = interface
      records.append(last)
    }
  }
}

extension PacketEditor {
  func matches(_ text: String, from: HostAddress? = nil, to: HostAddress? = nil) -> Bool {
    (from == nil || source.host == from) && (to == nil || destination.host == to)
      && (text.isEmpty || payload.firstRange(of: Array(text.utf8)) != nil)
  }
}
