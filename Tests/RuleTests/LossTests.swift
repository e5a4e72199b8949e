import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSWire
import TestSupport
import Testing

/// What a capture lacks is no fault of the network: nothing is accused, nothing passes for seen.
@Suite struct LossTests {
  /// TCP segments of the HSS from one command on; a later one shows that something is missing.
  private func isAnswer(_ record: CaptureRecord, _ command: UInt8) -> Bool {
    record.transport.map { packet in
      packet.source.host == Node.hss && packet.payload.count > 20 && packet.payload[4] & 0x80 == 0
        && Array(packet.payload[5..<8]) == [0, 1, command]
    } ?? false
  }

  @Test func aGapBeforeTheAnswerIsNoSilence() throws {
    var editor = try Trace.compliant()
    // The first UAA is lost, the second one shows the gap.
    var isFirst = Set<Int>()
    editor.drop { record in isAnswer(record, 44) && isFirst.insert(record.interface).inserted }
    editor.runOn(seconds: 60)
    let report = try #require(Trace.reports(editor).first)
    #expect(report.findings.map(\.rule) == [])
    #expect(report.notObservable.contains { $0.rule == "DIA003" && $0.reason == .loss && $0.hop == .c1 })
    #expect(report.flow.deviations.isEmpty)
  }

  @Test func damagedTextIsNoSilence() throws {
    var editor = try Trace.compliant()
    editor.editPackets { packet in
      guard packet.matches("SIP/2.0 200", from: Node.icscf) else { return }
      packet.payload[0] ^= 0x80
    }
    editor.runOn(seconds: 200)
    let report = try #require(Trace.reports(editor).first)
    #expect(report.findings.map(\.rule) == [], "\(report.findings.map(\.message))")
    #expect(report.notObservable.contains { $0.rule == "SEQ003" && $0.reason == .loss })
  }

  @Test func aHoleInTheFileIsNoSilence() throws {
    var editor = try Trace.compliant()
    editor.runOn(seconds: 200)
    var bytes = editor.pcapng
    // The last 200 of each capture point, and a block header before it that leads nowhere.
    var offset = 0
    var isDamaged = false
    while offset + 12 <= bytes.count {
      let length = Int(bytes[offset + 4]) | Int(bytes[offset + 5]) << 8 | Int(bytes[offset + 6]) << 16
      let block = bytes[offset..<offset + length]
      if bytes[offset] == 6, block.firstRange(of: Array("SIP/2.0 200".utf8)) != nil {
        for index in offset..<offset + length { bytes[index] = 0xee }
        isDamaged = true
      }
      offset += length
    }
    #expect(isDamaged)
    let report = try #require(Trace.reports(bytes, profile: .strict).first)
    #expect(report.findings.map(\.rule) == [], "\(report.findings.map(\.message))")
    #expect(report.flow.outcome == .partial)
    #expect(report.notObservable.contains { $0.rule == "SEQ003" && $0.reason == .loss })
  }

  /// Without anything missing, the same absence is a fault.
  @Test func silenceIsStillSilence() throws {
    var editor = try Trace.compliant()
    for node in [Node.scscf, Node.icscf, Node.pcscf] { editor.dropPackets(containing: "SIP/2.0 200", from: node) }
    editor.runOn(seconds: 200)
    let report = try #require(Trace.reports(editor).first)
    #expect(report.findings.contains { $0.rule == "SEQ003" })
  }

  /// One stamp of another year changes nothing but what is said of the file.
  @Test(arguments: [Int64(-40_000_000), 70, 4_000, 1_500_000_000]) func anAbsurdStampMovesNothing(seconds: Int64) throws
  {
    let whole = try Trace.compliant()
    let plain = Trace.reports(whole)
    for index in whole.records.indices.dropLast() {
      var editor = whole
      editor.records[index].time = max(0, editor.records[index].time + seconds * 1_000_000_000)
      let reports = Trace.reports(editor)
      #expect(reports.map(\.findings) == plain.map(\.findings), "frame \(index + 1)")
      #expect(reports.map(\.passed) == plain.map(\.passed), "frame \(index + 1)")
      #expect(reports.map(\.notObservable) == plain.map(\.notObservable), "frame \(index + 1)")
      #expect(reports.map(\.flow.cause) == plain.map(\.flow.cause), "frame \(index + 1)")
    }
  }
}
