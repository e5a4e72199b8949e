import Foundation
import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

/// A capture that shows less than another one of the same registrations: it breaks no rule that the whole does not break.
@Suite struct PartialCaptureTests {
  private static let samples = [
    "aka-registration.pcapng", "de-registration.pcapng", "resynchronisation.pcapng", "sip-digest.pcapng",
    "wrong-key.pcapng", "ipv6.pcapng",
  ]

  private static func rules(_ editor: CaptureEditor) -> Set<String> {
    Set(Trace.reports(editor).flatMap { $0.findings.map(\.rule) })
  }

  /// TIM008 speaks of the capture, and may.
  private func expectNoNews(_ editor: CaptureEditor, _ known: Set<String>, _ name: String) {
    let news = Self.rules(editor).subtracting(known)
    #expect(news.isSubset(of: ["TIM008"]), "\(name): \(news.sorted())")
  }

  @Test(arguments: samples) func oneOrTwoOfItsPointsBreakNoOtherRule(sample: String) throws {
    let whole = try Trace.sample(sample)
    let known = Self.rules(whole)
    for first in whole.interfaces.indices {
      for second in first..<whole.interfaces.count {
        var editor = whole
        editor.drop { $0.interface != first && $0.interface != second }
        expectNoNews(editor, known, "points \(first) and \(second)")
      }
    }
  }

  @Test(arguments: samples + ["seed-registration.pcap"])
  func itsBeginningOrItsEndBreaksNoOtherRule(sample: String) throws {
    let whole = try Trace.sample(sample)
    let known = Self.rules(whole)
    let count = whole.records.count
    for place in stride(from: 2, to: count, by: max(2, count / 40)) {
      var (beginning, end) = (whole, whole)
      beginning.records.removeLast(count - place)
      end.records.removeFirst(place)
      expectNoNews(beginning, known, "\(place) packets")
      expectNoNews(end, known, "from packet \(place + 1) on")
    }
  }

  /// What one point cut is the beginning of what the others show, and no message of its own.
  @Test(arguments: samples) func aPointThatCutsShorterThanOthersFindsNothingTwice(sample: String) throws {
    let whole = try Trace.sample(sample)
    func found(_ editor: CaptureEditor) -> [String: Int] {
      Dictionary(Trace.reports(editor).flatMap(\.findings).map { ($0.rule, 1) }, uniquingKeysWith: +)
    }
    let known = found(whole)
    for interface in whole.interfaces.indices {
      for length in stride(from: 700, to: 1560, by: 120) {
        var editor = whole
        editor.mapRecords { if $0.interface == interface { $0.bytes = Array($0.bytes.prefix(length)) } }
        let news = found(editor).filter { $0.value > known[$0.key, default: 0] && $0.key != "TIM008" }
        #expect(news.isEmpty, "point \(interface), \(length) octets: \(news)")
      }
    }
  }

  @Test(arguments: samples) func aSnapLengthBreaksNoOtherRule(sample: String) throws {
    let whole = try Trace.sample(sample)
    let known = Self.rules(whole)
    for length in stride(from: 60, to: 1560, by: 75) {
      var editor = whole
      editor.mapRecords { $0.bytes = Array($0.bytes.prefix(length)) }
      expectNoNews(editor, known, "\(length) octets")
    }
  }

  /// A mirror port that sends each packet twice.
  @Test(arguments: samples, [Int64(0), 100_000, 2_000_000])
  func packetsThatComeTwiceBreakNoOtherRule(sample: String, later: Int64) throws {
    var editor = try Trace.sample(sample)
    let known = Self.rules(editor)
    editor.records += editor.records.map {
      var copy = $0
      copy.time += later
      return copy
    }
    editor.records.sort { $0.time < $1.time }
    expectNoNews(editor, known, "\(later) ns later")
  }

  /// Of each direction between two nodes one point at a time sees nothing.
  @Test(arguments: samples) func aPointThatSeesOneDirectionBreaksNoOtherRule(sample: String) throws {
    let whole = try Trace.sample(sample)
    let plain = Trace.reports(whole)
    let known = Set(plain.flatMap { $0.findings.map(\.rule) })
    for point in whole.interfaces.indices {
      for proxy in [Node.pcscf, Node.icscf, Node.scscf] {
        var editor = whole
        editor.drop { $0.interface == point && $0.transport?.source.host == proxy }
        let reports = Trace.reports(editor)
        let news = Set(reports.flatMap { $0.findings.map(\.rule) }).subtracting(known)
        #expect(news.isEmpty, "from \(proxy) at \(point): \(news.sorted())")
      }
    }
  }

  /// What left toward the UE arrived, where the UE did not ask again: its own point saw nothing of that direction.
  @Test func whatTheUEDidNotAskForAgainHasArrived() throws {
    var editor = try Trace.sample("aka-registration.pcapng")
    editor.drop { $0.interface == 0 && $0.transport?.source.host == Node.pcscf }
    editor.runOn(seconds: 10)
    let report = try #require(Trace.reports(editor).first)
    #expect(report.flow.outcome == .registered && report.flow.lost.isEmpty, "\(report.flow.cause)")
  }

  /// A UE over UDP that does not send its REGISTER again has got the 200, though all points of Gm lost it.
  @Test func aGrantThatNobodyMissesWasLostByTheRecorder() throws {
    var editor = try Trace.sample("aka-registration.pcapng")
    editor.dropPackets(containing: "SIP/2.0 200", from: Node.pcscf)
    editor.runOn(seconds: 200)
    let report = try #require(Trace.reports(editor).first)
    #expect(!report.findings.contains { $0.rule == "SEQ009" } && report.flow.outcome == .partial)
    #expect(report.notObservable.contains { $0.rule == "SEQ009" && $0.reason == .loss })
  }

  /// UE and P-CSCF here, S-CSCF and HSS there, and no packet that both saw: how far the clocks are apart nobody knows.
  @Test(arguments: [Int64(-500), -50, -5, 5, 50, 500])
  func clocksThatCannotBeComparedBreakNoOtherRule(milliseconds: Int64) throws {
    var editor = try Trace.sample("sip-digest.pcapng")
    let known = Self.rules(editor)
    editor.shiftTimes(by: milliseconds * 1_000_000) { $0.interface < 4 }
    editor.records.sort { $0.time < $1.time }
    expectNoNews(editor, known, "\(milliseconds) ms")
  }

  /// What the I-CSCF and the S-CSCF ask because of a REGISTER that no point shows is not held against the one before it.
  @Test(arguments: [3, 4, 5]) func aLostDeregistrationLeavesTheOneBeforeAlone(point: Int) throws {
    let whole = try Trace.sample("sip-digest.pcapng")
    let known = Self.rules(whole)
    for index in whole.records.indices where whole.records[index].transport?.matches("expires=0") ?? false {
      var editor = whole
      editor.drop { $0.interface != point && $0.interface != 6 }
      let lost = whole.records[index]
      editor.drop { $0.time == lost.time && $0.interface == lost.interface }
      expectNoNews(editor, known, "point \(point) without record \(index)")
    }
  }
}

/// The same of captures that are not in every clone.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct PartialLabTests {
  /// The P-CSCF sends a REGISTER again by TCP, with another branch: where the capture begins behind the first one, what follows
  /// from that is none of the second.
  @Test(arguments: [427, 954, 1052]) func whatAnswersAnUnseenSendingIsNotHeldAgainstAnother(start: Int) throws {
    var editor = try CaptureEditor(Files.scenario("13-loss", "merged.pcapng"))
    editor.records.removeFirst(start)
    let found = Set(Trace.reports(editor).flatMap { $0.findings.map(\.rule) })
    #expect(found.isDisjoint(with: ["VIA004", "VIA005", "AUT005"]), "\(found.sorted())")
  }

  /// Seen from the UE and the HSS alone: who had to ask again may have been granted before.
  @Test func aRightAnswerThatIsAskedForAgainMayHaveBeenGranted() throws {
    var editor = try CaptureEditor(Files.scenario("13-loss", "merged.pcapng"))
    editor.drop { $0.interface != 0 && $0.interface != 6 }
    #expect(!Trace.reports(editor).contains { $0.findings.contains { $0.rule == "AUT010" } })
  }

  /// An I-CSCF that has no answer has no S-CSCF to send to, however long it took.
  @Test func anAnswerThatIsLateMayBeLostAsWell() throws {
    var editor = try CaptureEditor(Files.scenario("09e-hss-slow-2s", "merged.pcapng"))
    let known = Set(Trace.reports(editor).flatMap { $0.findings.map(\.rule) })
    editor.drop { $0.transport.map { $0.isDiameter(300) && $0.payload[4] & 0x80 == 0 } ?? false }
    let news = Set(Trace.reports(editor).flatMap { $0.findings.map(\.rule) }).subtracting(known)
    #expect(news.isEmpty, "\(news.sorted())")
  }

  /// A scanner sends CSeq 1 of one Call-ID again and again, each time with another branch and another tag: what answers one of
  /// them says nothing of the next.
  @Test func whatAnswersAnotherRequestIsNotHeldAgainstThisOne() throws {
    let file = try #require(
      Files.captures(in: "public").first { $0.lastPathComponent == "CESNET-ipfixprobe__sip.pcap" })
    let whole = try CaptureEditor(Files.bytes(file))
    let known = Set(Trace.reports(whole).flatMap { $0.findings.map(\.rule) })
    #expect(known.isDisjoint(with: ["HDR007", "VIA005"]))
    for index in whole.records.indices where whole.records[index].transport?.matches("REGISTER sip:") ?? false {
      var editor = whole
      editor.records.remove(at: index)
      let news = Set(Trace.reports(editor).flatMap { $0.findings.map(\.rule) }).subtracting(known)
      #expect(news.isEmpty, "record \(index): \(news.sorted())")
    }
  }
}
