import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire
import TestSupport
import Testing

/// What a snap length cut is joined by what stands before the cut, and nothing else is.
@Suite struct CutMessagesTests {
  static let scenarios = [
    "01b-aka-udp-uar2", "03-gm-tcp", "04-ipv6-udp", "05-rereg-dereg", "06-wrong-key", "08-sync-failure",
    "11-sip-digest",
    "13-loss", "16a-fragmented-udp", "31-sipp-ue-aka",
  ]
  static let lengths = [220, 260, 300, 340, 400, 500, 700, 1000]

  private static func cut(_ capture: CaptureEditor, to length: Int) -> [UInt8] {
    var capture = capture
    capture.mapRecords { $0.bytes = Array($0.bytes.prefix(length)) }
    return capture.pcapng
  }

  /// Whose the frames with a SIP message are, as the whole capture says it: by registration of the UE, its Call-ID.
  private static func owners(_ bytes: [UInt8]) -> [UInt32: String] {
    var owners: [UInt32: String] = [:]
    for message in MessageLister().collect([.file(BlockFile(bytes: bytes))]).messages {
      guard let callID = message.callID?.string else { continue }
      message.forEachSighting { for frame in $0.frames.all { owners[frame] = callID } }
    }
    return owners
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: scenarios, lengths)
  func nothingIsJoinedThatDoesNotBelongTogether(_ scenario: String, _ length: Int) throws {
    let capture = try CaptureEditor(Files.scenario(scenario))
    let owners = Self.owners(capture.pcapng)
    for report in Lab.reports(Self.cut(capture, to: length)) {
      var callIDs = Set<String>()
      for message in report.flow.messages.map(\.message) where message.sip != nil {
        message.forEachSighting {
          for frame in $0.frames.all { if let owner = owners[frame] { callIDs.insert(owner) } }
        }
      }
      #expect(callIDs.count <= 1, "\(report.id): \(callIDs.sorted())")
    }
  }

  /// Of a few hundred bytes all SIP of a registration comes together: as many registrations as in the whole capture, and
  /// each with the last final status that its UE was told.
  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
    arguments: [
      ("01b-aka-udp-uar2", 300), ("05-rereg-dereg", 340), ("06-wrong-key", 340), ("13-loss", 340), ("13-loss", 700),
    ])
  func everythingIsJoinedThatItsBytesAllow(_ scenario: String, _ length: Int) throws {
    func told(_ reports: [FlowReport]) -> [String] {
      reports.map { "\($0.flow.impu?.string.prefix { $0 != "@" } ?? "") \($0.flow.finalStatus ?? 0)" }.sorted()
    }
    let capture = try CaptureEditor(Files.scenario(scenario))
    let cut = Lab.reports(Self.cut(capture, to: length))
    #expect(told(cut) == told(Lab.reports(capture.pcapng)))
    #expect(cut.allSatisfy { $0.flow.hops.first { $0.hop == .h2 }?.state != .blind })
  }

  /// UEs that count their branches and tags in the same way are told apart by their addresses.
  @Test func equalBranchesOfTwoUEsJoinNothing() throws {
    let one = """
      UE -> P: REGISTER sip:hims.net
        From: <sip:anybody@hims.net>;tag=1
        Via: SIP/2.0/UDP %;branch=z9hG4bK-1-1-0
      P -> UE: 401 Unauthorized
      UE -> P: REGISTER sip:hims.net
        From: <sip:anybody@hims.net>;tag=1
        Via: SIP/2.0/UDP %;branch=z9hG4bK-1-1-1
      P -> UE: 200 OK
      """
    let text = ["10.10.0.2:5060", "10.10.0.3:5060"].map { one.replacing("%", with: $0) }
    let trace = try TraceText("user alice\n\(text[0])\nuser bob\n\(text[1])")
    let capture = try CaptureEditor(trace.bytes)
    let owners = Self.owners(trace.bytes)
    #expect(Set(owners.values).count == 2)
    for length in [150, 180, 200, 220, 250, 300, 400] {
      for flow in Lab.reports(Self.cut(capture, to: length)).map(\.flow) {
        let frames = flow.messages.flatMap { $0.message.transmissions.flatMap(\.sightings).flatMap(\.frames.all) }
        #expect(Set(frames.compactMap { owners[$0] }).count <= 1, "\(length): \(frames)")
      }
    }
  }

  /// The end of a Call-ID that the cut reached is no Call-ID.
  @Test func aCallIDThatWasCutIsNotShown() throws {
    let trace = try TraceText("UE -> P: REGISTER sip:hims.net\nP -> UE: 401 Unauthorized")
    let capture = try CaptureEditor(trace.bytes)
    let whole = try #require(Lab.reports(trace.bytes).first?.flow.callIDs.first?.string)
    for length in stride(from: 120, through: 700, by: 7) {
      for flow in Lab.reports(Self.cut(capture, to: length)).map(\.flow) {
        #expect(flow.callIDs.allSatisfy { $0.string == whole }, "\(length): \(flow.callIDs)")
        #expect(!flow.cause.contains("CSeq 2147"))
      }
    }
  }
}
