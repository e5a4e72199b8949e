import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import IMSSecrets
import IMSWire
import TestSupport
import Testing

/// Gm in ESP, opened with the keys that the capture holds.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
struct IPsecTests {
  private static let null = "17a-ipsec-esp-null"
  private static let encrypted = "17b-ipsec-esp-aes"

  private func truths(_ reports: [FlowReport]) -> [Truth] { reports.map { Truth($0) }.sorted() }

  /// Frames of the capture that hold an ESP packet, from 1.
  private func espFrames(_ editor: CaptureEditor) -> Set<UInt32> {
    Set(editor.records.enumerated().filter { $0.element.isESP }.map { UInt32($0.offset + 1) })
  }

  /// Frames whose content was read out of an association.
  private func openedFrames(_ reports: [FlowReport]) -> Set<UInt32> {
    let sightings = reports.flatMap(\.flow.messages).flatMap(\.message.transmissions).flatMap(\.sightings)
    return Set(sightings.filter { $0.spi != 0 }.flatMap(\.frames.all))
  }

  private func sum(_ run: RunReport, _ field: KeyPath<ESPCount, Int>) -> Int {
    run.coverage.esp.reduce(0) { $0 + $1.count[keyPath: field] }
  }

  // MARK: With the keys of the capture

  @Test(arguments: [
    (null, "merged.pcapng", 90), (encrypted, "merged.pcapng", 90), (encrypted, "pcscf.pcap", 30),
  ])
  func opensEveryPacketAndVerifiesIt(_ scenario: String, _ file: String, _ packets: Int) throws {
    let bytes = try Files.scenario(scenario, file)
    let (reports, run) = Lab.run([bytes])
    #expect(truths(reports) == (try Truth.read(scenario)).sorted())
    #expect(sum(run, \.packets) == packets)
    #expect(sum(run, \.opened) == packets)
    #expect(sum(run, \.verified) == packets)
    #expect(openedFrames(reports) == espFrames(try CaptureEditor(bytes)))
    #expect(!run.coverage.notDecoded.contains { $0.what == "ESP" })
    #expect(reports.allSatisfy { $0.flow.view(of: .h0).state == .seen })
    #expect(reports.allSatisfy { $0.flow.seenAt == .h0 })
  }

  @Test func oneWrongByteOfAnICVClosesOnePacket() throws {
    var editor = try CaptureEditor(try Files.scenario(Self.encrypted))
    let index = try #require(editor.records.indices.dropFirst(200).first { editor.records[$0].isESP })
    editor.records[index].bytes[editor.records[index].bytes.count - 5] ^= 0x40
    let (reports, run) = Lab.run([editor.pcapng])
    #expect(truths(reports) == (try Truth.read(Self.encrypted)).sorted())
    let frame = UInt32(index + 1)
    #expect(openedFrames(reports) == espFrames(editor).subtracting([frame]))
    #expect(run.coverage.esp.flatMap(\.wrongFrames).map(\.frame) == [frame])
    #expect((sum(run, \.wrong), sum(run, \.verified), sum(run, \.opaque)) == (1, 89, 0))
    let issue = run.coverage.issues.first { $0.layer == "ESP" }
    #expect(issue?.reason == "ICV wrong")
    #expect(issue?.frames.map(\.frame) == [frame])
  }

  /// The MAAs and the 401s that travel in clear, behind the last ESP packet, with their own stamps.
  private func delayed(_ scenario: String) throws -> [UInt8] {
    var editor = try CaptureEditor(try Files.scenario(scenario))
    let late = editor.records.filter(\.holdsKeys)
    #expect(late.count >= 6)
    editor.records = editor.records.filter { !$0.holdsKeys } + late
    return editor.pcapng
  }

  @Test(arguments: [null, encrypted]) func keysThatComeLateOpenWhatWasParked(_ scenario: String) throws {
    let (reports, run) = Lab.run([try delayed(scenario)])
    #expect(truths(reports) == (try Truth.read(scenario)).sorted())
    #expect(sum(run, \.opened) == 90)
    let prompt = Lab.reports(try Files.scenario(scenario))
    #expect(reports.map(\.flow.messages.count).sorted() == prompt.map(\.flow.messages.count).sorted())
    #expect(reports.flatMap(\.findings).map(\.message).sorted() == prompt.flatMap(\.findings).map(\.message).sorted())
  }

  /// Nothing is closed before its packets could be opened: the capture goes on for minutes before the keys come.
  @Test func aRegistrationWaitsForItsKeys() throws {
    var editor = try CaptureEditor(try delayed(Self.encrypted))
    let end = try #require(editor.records.map(\.time).max())
    let late = editor.records.firstIndex { $0.holdsKeys } ?? 0
    let idle = (1...240).map { second in
      CaptureRecord(
        time: end + Int64(second) * 1_000_000_000,
        bytes: Array(editor.records[0].bytes.prefix(12)) + [0x08, 0x06] + [UInt8](repeating: 0, count: 28))
    }
    editor.records.insert(contentsOf: idle, at: late)
    let (reports, run) = Lab.run([editor.pcapng])
    #expect(sum(run, \.opened) == 90)
    #expect(truths(reports) == (try Truth.read(Self.encrypted)).sorted())
  }

  // MARK: Without

  @Test func withoutKeysTheRestIsSaidToBeOpaque() throws {
    let (reports, run) = Lab.run([try Files.scenario(Self.encrypted, "ue.pcap")])
    #expect(reports.map(\.flow.outcome) == [.partial, .partial])
    #expect(reports.map(\.verdict) == [.inconclusive, .inconclusive])
    #expect(
      Set(reports.map(\.flow.cause)) == [
        "the answer to the challenge and everything after it travelled in ESP that no known key opens"
      ])
    #expect(reports.allSatisfy { $0.flow.view(of: .h0).state == .opaque })
    #expect(reports.flatMap(\.findings).isEmpty)
    #expect(sum(run, \.opaque) == 30)
    #expect(run.coverage.esp.count == 16)
    #expect(run.coverage.esp.allSatisfy { $0.count.opaque == $0.count.packets })
  }

  @Test func withKeysFromElsewhereItTellsTheWholeTruth() throws {
    var options = Options()
    options.associations = try AssociationLines.read(try Self.truthLines())
    let (reports, run) = Lab.run([try Files.scenario(Self.encrypted, "ue.pcap")], options: options)
    #expect(truths(reports) == (try Truth.read(Self.encrypted)).sorted())
    #expect(sum(run, \.verified) == 30)
  }

  /// The keys that the UE recorded, as Wireshark's lines.
  static func truthLines() throws -> String {
    let folder = try #require(Files.lab).appending(path: encrypted)
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: "ue-truth.json")))
    let associations = (json as? [[String: Any]] ?? []).flatMap { $0["sa"] as? [[String: Any]] ?? [] }
    let lines = associations.map { sa in
      let spi = (sa["spi"] as? Int).map { String($0) } ?? ""
      return [
        "IPv4", sa["src"] as? String ?? "", sa["dst"] as? String ?? "", spi, "AES-CBC [RFC3602]",
        "0x\(sa["ck"] as? String ?? "")", "HMAC-SHA-1-96 [RFC2404]", "0x\(sa["ik"] as? String ?? "")",
      ].map { "\"\($0)\"" }.joined(separator: ",")
    }
    #expect(lines.count == 24)
    return lines.joined(separator: "\n")
  }

  /// Keys that nobody needs more than once: those of the UE's log and those that were learned are the same.
  @Test func whatIsLearnedIsWhatTheUERecorded() throws {
    var options = Options()
    options.keepsKeys = true
    let learned = Lab.run([try Files.scenario(Self.encrypted)], options: options).run.associations
    let recorded = try AssociationLines.read(try Self.truthLines())
    #expect(Set(learned) == Set(recorded))
    #expect(try AssociationLines.read(AssociationLines.write(learned)) == learned)
  }

  @Test(.enabled(if: Tshark.isInstalled, Comment(rawValue: Tshark.absence)))
  func tsharkReadsTheSameWithTheLinesThatWereWritten() throws {
    var options = Options()
    options.keepsKeys = true
    let file = try #require(Files.lab).appending(path: Self.encrypted).appending(path: "merged.pcapng")
    let run = Lab.run([try Files.bytes(file)], options: options).run
    let settings = Tshark.decryption(run.associations)
    let rows = try Tshark.rows(
      file.path, filter: "esp && sip", fields: ["frame.number", "sip.Call-ID", "sip.CSeq"], options: settings)
    var theirs: Set<String> = []
    for row in rows { theirs.insert(row.joined(separator: " ")) }
    var ours: Set<String> = []
    for message in MessageLister().collect([.file(try BlockFile(path: file.path))]).messages {
      guard let sip = message.sip else { continue }
      for sighting in message.transmissions.flatMap(\.sightings) where sighting.spi != 0 {
        let cseq = "\(sip.cseq?.number ?? 0) \(sip.cseq?.method.string ?? "")"
        ours.insert("\(sighting.frames.first) \(sip.callID?.string ?? "") \(cseq)")
      }
    }
    #expect(ours.count == 90)
    #expect(theirs == ours)
    let wrong = try Tshark.rows(
      file.path, filter: "esp.icv_bad == 1", fields: ["frame.number"], options: settings)
    #expect(wrong.isEmpty)
  }
}

extension CaptureRecord {
  /// An ESP packet on Ethernet and IPv4.
  fileprivate var isESP: Bool { bytes.count > 34 && bytes[12] == 8 && bytes[13] == 0 && bytes[23] == 50 }

  /// A 401 in clear, or an MAA.
  fileprivate var holdsKeys: Bool {
    guard let packet = transport else { return false }
    let payload = packet.payload
    if payload.starts(with: Array("SIP/2.0 401".utf8)) { return true }
    // Command 303 without the R bit.
    return payload.count > 8 && payload[0] == 1 && payload[4] & 0x80 == 0 && Array(payload[5..<8]) == [0, 1, 0x2f]
  }
}
