import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire
import TestSupport
import Testing

/// The same registration recorded in other ways is the same registration.
@Suite struct StructureTests {
  /// Hop, label and number of capture points of each SIP message of a flow.
  private struct Seen: Hashable {
    var hop: String
    var points: Int
  }

  private func seen(_ reports: [FlowReport]) -> Set<Seen> {
    Set(
      reports.flatMap { report in
        report.flow.messages.filter { $0.message.sip != nil }.map {
          Seen(hop: $0.hop?.rawValue ?? "–", points: Set($0.message.sightings.map(\.point)).count)
        }
      })
  }

  /// Three capture points see Gm and two see Mw, whatever the transport.
  @Test func overTCPEachMessageHasTheSightingsOfEveryPoint() throws {
    let udp = seen(Lab.reports(try Files.sample("aka-registration.pcapng")))
    #expect(udp == [Seen(hop: "H0", points: 3), Seen(hop: "H1", points: 2), Seen(hop: "H2", points: 2)])
    #expect(seen(Lab.reports(try Files.sample("sip-over-tcp.pcapng"))) == udp)
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: ["03-gm-tcp", "04b-ipv6-tcp"])
  func recordedTCPScenariosHaveTheSightingsOfUDP(_ scenario: String) throws {
    let udp = seen(Lab.reports(try Files.scenario("04-ipv6-udp")))
    #expect(seen(Lab.reports(try Files.scenario(scenario))) == udp)
  }

  /// A message by what it is: ends, Call-ID, CSeq, top branch, status.
  private func identities(_ reports: [FlowReport]) -> [String] {
    reports.flatMap { report in
      report.flow.messages.compactMap { placed -> String? in
        guard let sip = placed.message.sip, let keys = placed.message.keys else { return nil }
        let ends = "\(placed.message.source) \(placed.message.destination)"
        return
          "\(ends) \(sip.callID?.string ?? "") \(keys.cseq) \(sip.status ?? 0) \(sip.via.first?.branch?.string ?? "")"
      }
    }.sorted()
  }

  @Test func oneInterfaceForAllGivesTheSameMessages() throws {
    let whole = try Files.sample("sip-over-tcp.pcapng")
    var editor = try CaptureEditor(whole)
    editor.mergeInterfaces()
    #expect(identities(Lab.reports(editor.pcapng)) == identities(Lab.reports(whole)))
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: ["03-gm-tcp", "04b-ipv6-tcp"])
  func oneInterfaceForAllGivesTheSameMessagesOfAScenario(_ scenario: String) throws {
    let whole = try Files.scenario(scenario)
    var editor = try CaptureEditor(whole)
    editor.mergeInterfaces()
    #expect(identities(Lab.reports(editor.pcapng)) == identities(Lab.reports(whole)))
  }

  /// What a registration is, without its addresses.
  private func shape(_ report: FlowReport) -> [String] {
    let flow = report.flow
    let head = "\(flow.kind) \(flow.mechanism) \(flow.outcome) \(flow.finalStatus ?? 0) \(flow.seenAt?.rawValue ?? "")"
    let places = flow.messages.map { placed in
      let ends = [placed.from, placed.to].map { $0?.rawValue ?? "–" }.joined(separator: ">")
      return "\(placed.hop?.rawValue ?? "–") \(placed.step ?? "–") \(ends) \(placed.message.firstSighting.frames.first)"
    }
    let findings = report.findings.map { "\($0.rule) \($0.severity) \($0.frames.map(\.frame))" }
    let rest = report.notObservable.map(\.rule) + report.passed + flow.deviations.map(\.step)
    return [head] + flow.parties.map(\.role.rawValue) + places + findings + rest
  }

  @Test func coreNodesOnOneAddressAreToldApartByPort() throws {
    let apart = try Files.sample("aka-registration.pcapng")
    var editor = try CaptureEditor(apart)
    let one = HostAddress("10.20.0.10")
    editor.replaceAddresses([
      HostAddress("10.20.0.20"): one, HostAddress("10.20.0.30"): one, HostAddress("10.20.0.40"): one,
    ])
    // A node that names another address than it sends from is a finding, and one that goes elsewhere than DNS says.
    editor.editPackets { packet in
      for other: UInt8 in [20, 30] {
        packet.payload = packet.payload.replacing(Array("10.20.0.\(other)".utf8), with: Array("10.20.0.10".utf8))
          .replacing([10, 20, 0, other], with: [10, 20, 0, 10])
      }
    }
    #expect(Lab.reports(editor.pcapng).map { shape($0) } == Lab.reports(apart).map { shape($0) })
  }

  /// The two halves of a REGISTER over TCP arrive in the wrong order, at a point that saw no SYN.
  @Test(arguments: [true, false]) func swappedHalvesOfARegisterAreOneMessage(_ withSYN: Bool) throws {
    var editor = try CaptureEditor(try Files.sample("sip-over-tcp.pcapng"))
    editor.keep(interface: 0)
    if !withSYN { editor.drop { $0.transport.map { !$0.isUDP && $0.payload.isEmpty } ?? false } }
    let before = identities(Lab.reports(editor.pcapng))
    let swapped = editor.splitAndSwapFirstRegister()
    #expect(swapped)
    #expect(identities(Lab.reports(editor.pcapng)) == before)
    #expect(!before.isEmpty)
  }
}

extension CaptureEditor {
  /// Cuts the first TCP segment that holds a whole REGISTER in two and puts the second half first.
  fileprivate mutating func splitAndSwapFirstRegister() -> Bool {
    let start = Array("REGISTER ".utf8)
    guard
      let index = records.firstIndex(where: { record in
        record.transport.map { !$0.isUDP && $0.payload.starts(with: start) && $0.payload.count > 600 } ?? false
      }), let whole = records[index].transport
    else { return false }
    let half = whole.payload.count / 2
    var first = records[index]
    var second = records[index]
    first.bytes = TCPPiece.cut(records[index].bytes, payload: whole.payload.count, 0..<half)
    second.bytes = TCPPiece.cut(records[index].bytes, payload: whole.payload.count, half..<whole.payload.count)
    first.originalLength = first.bytes.count
    second.originalLength = second.bytes.count
    first.time += 1_000
    records.replaceSubrange(index...index, with: [second, first])
    return true
  }
}

/// A part of the payload of an Ethernet/IPv4/TCP frame as a frame of its own.
private enum TCPPiece {
  static func cut(_ frame: [UInt8], payload: Int, _ range: Range<Int>) -> [UInt8] {
    let total = 14 + (Int(frame[16]) << 8 | Int(frame[17]))
    let head = total - payload
    var piece = Array(frame[..<head] + frame[head + range.lowerBound..<head + range.upperBound])
    let length = UInt16(piece.count - 14)
    (piece[16], piece[17]) = (UInt8(length >> 8), UInt8(length & 0xff))
    let sequence = 14 + Int(frame[14] & 15) * 4 + 4
    let number = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(frame[sequence + $1]) } &+ UInt32(range.lowerBound)
    for byte in 0..<4 { piece[sequence + byte] = UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32(byte))) }
    return piece
  }
}
