import Foundation
import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSForge
import IMSMessages
import IMSSIP
import IMSWire
import TestSupport
import Testing

/// The table of bounds: complete, told in docs/bounds.md, and each of its rows pushed by a test.
@Suite struct BoundsTests {
  /// The test that pushes each bound, as file and function.
  static let pushed: [String: String] = [
    "capture.packet": "CaptureTests/PcapTests.stopsAtAnAbsurdLength",
    "capture.block": "CaptureTests/RecoveryTests.aBlockIsNoLongerThanItMayBe",
    "capture.issues": "CaptureTests/PcapngTests.boundsTheIssues",
    "capture.sought-packet": "CaptureTests/RecoveryTests.aLargePacketIsNotLookedFor",
    "capture.sought": "CaptureTests/RecoveryTests.findsTheNextRecordBehindMuchGarbage",
    "capture.stamp": "CaptureTests/RecoveryTests.aStampMayBeAMinuteOff",
    "capture.blocks-ahead": "CaptureTests/RecoveryTests.itsOwnNextPacketIsNotSoughtForEver",
    "capture.interfaces": "CaptureTests/RecoveryTests.boundsTheInterfaces",
    "recorder.patience": "AnalysisTests/RecorderTests.aFileThatBeginsLateContinuesNothing",
    "recorder.silence": "AnalysisTests/RecorderTests.aSilentRecorderMayBeSilentAgain",
    "recorder.packets-ahead": "AnalysisTests/RecorderTests.looksSoManyPacketsAhead",
    "recorder.conversations": "AnalysisTests/RecorderTests.knowsTheNewestConversations",
    "survey.inputs": "AnalysisTests/Clocks/GrossClockTests.looksAtSoManyInputs",
    "survey.input-bytes": "AnalysisTests/Clocks/GrossClockTests.looksAtSoManyBytes",
    "survey.bytes": "AnalysisTests/Clocks/GrossClockTests.looksAtSoManyBytes",
    "survey.messages": "AnalysisTests/Clocks/GrossClockTests.comparesSoManyMessages",
    "inflate.damages": "InflateTests/InflatingTests.damageOfCountlessMembersIsCounted",
    "inflate.zstd-window": "InflateTests/InflatingTests.refusesAWindowThatNeedsTooMuchMemory",
    "packet.layers": "WireTests/LayerTests.endsAnEndlessStackOfTags",
    "fragments.datagram": "WireTests/FragmentTests.refusesAFragmentBeyond64KiB",
    "fragments.bytes": "WireTests/FragmentTests.boundsTheBytesOfDatagrams",
    "fragments.datagrams": "WireTests/FragmentTests.boundsTheNumberOfDatagrams",
    "pieces.copies": "WireTests/FragmentTests.namesTheFirstCopiesAlone",
    "fragments.patience": "WireTests/FragmentTests.countsWhatStaysUnfinished",
    "esp.parked": "WireTests/ESPTests.givesUpTheOldestWhenTheLotIsFull",
    "esp.patience": "WireTests/ESPTests.forgetsWhatWaitedTooLong",
    "esp.sightings": "WireTests/ESPTests.keepsSoManySightingsUntilTheyAreAskedFor",
    "esp.associations": "WireTests/ESPTests.countsFurtherAssociationsTogether",
    "tcp.streams": "WireTests/TCPTests.boundsTheNumberOfStreams",
    "tcp.held": "WireTests/TCPTests.boundsTheBytesThatWait",
    "tcp.ahead": "WireTests/TCPTests.givesUpAGapWhenTooMuchWaits",
    "tcp.untaken": "WireTests/TCPTests.dropsWhatNobodyTakes",
    "tcp.leap": "WireTests/TCPTests.startsAnewWithANewConnection",
    "tcp.patience": "WireTests/TCPTests.givesUpAGapAfterTwoSeconds",
    "tcp.idle": "WireTests/TCPTests.closesIdleStreams",
    "tcp.closed": "WireTests/TCPTests.forgetsWhatItsSenderClosed",
    "sctp.message": "WireTests/SCTPTests.boundsAMessage",
    "sctp.fragments": "WireTests/SCTPTests.boundsTheFragmentsOfAMessage",
    "sctp.bytes": "WireTests/SCTPTests.boundsWhatWaits",
    "sctp.messages": "WireTests/SCTPTests.boundsWhatWaits",
    "sctp.patience": "WireTests/SCTPTests.givesUpAFragmentAfterThirtySeconds",
    "sip.headers": "AnalysisTests/Damage/BoundsTests.aMessageIsNoLongerThanItMayBe",
    "sip.body": "AnalysisTests/Damage/BoundsTests.aMessageIsNoLongerThanItMayBe",
    "sip.start-line": "AnalysisTests/Damage/BoundsTests.aMessageIsNoLongerThanItMayBe",
    "diameter.message": "AnalysisTests/Damage/BoundsTests.aMessageIsNoLongerThanItMayBe",
    "messages.known": "AnalysisTests/Damage/BoundsTests.knownMessagesAreForgottenOneByOne",
    "messages.appearances": "AnalysisTests/Damage/BoundsTests.appearancesAreForgottenOneByOne",
    "messages.patience": "AnalysisTests/Damage/BoundsTests.aCopyIsKnownForAWhile",
    "messages.endpoints": "AnalysisTests/Damage/BoundsTests.knownMessagesAreForgottenOneByOne",
    "messages.issues": "AnalysisTests/Damage/BoundsTests.issuesAreListedUpToABound",
    "clocks.pairs": "AnalysisTests/Damage/BoundsTests.pairsOfClocksAreBounded",
    "packet.extension-headers": "WireTests/LayerTests.readsIPv6ExtensionHeaders",
    "packet.labels": "WireTests/TunnelTests.endsAnEndlessStackOfLabels",
    "packet.issues": "AnalysisTests/Damage/BoundsTests.kindsOfIssuesOfAnInputAreBounded",
    "packet.losses": "AnalysisTests/Damage/BoundsTests.placesOfLossAreBounded",
    "messages.losses": "AnalysisTests/Damage/BoundsTests.placesOfLossAreBounded",
    "tunnels.ways": "WireTests/GTPUTests.waysForWhichThereIsNoRoomAreCounted",
    "hep.payload": "InflateTests/ZlibTests.refusesWhatUnpacksToTooMuch",
    "esp.keys": "AnalysisTests/Damage/TableBoundsTests.associationsAreForgotten",
    "esp.generations": "AnalysisTests/Damage/TableBoundsTests.generationsAreForgotten",
    "sip.method": "AnalysisTests/Damage/BoundsTests.aMessageIsNoLongerThanItMayBe",
    "sip.scheme": "AnalysisTests/Damage/BoundsTests.aMessageIsNoLongerThanItMayBe",
    "sip.issues": "AnalysisTests/Damage/BoundsTests.issuesOfAMessageAreBounded",
    "diameter.depth": "DiameterTests/MessageTests.nestingIsBounded",
    "dns.pointers": "AccessTests/DNSTests.pointersOfANameAreBounded",
    "keys.waiting": "AnalysisTests/Damage/TableBoundsTests.messagesThatMayHoldKeysWaitInABoundedRoom",
    "keys.remembered": "AnalysisTests/Damage/TableBoundsTests.offersAreForgotten",
    "keys.patience": "AnalysisTests/Damage/TableBoundsTests.offersAreForgotten",
    "flows.open": "ViewsTests/Lanes/MemoryCapTests.theOldestRegistrationsAreClosedFirst",
    "profiles.ends": "BytesTests/CommonEndsTests.soManyAreKnown",
    "profiles.end": "BytesTests/CommonEndsTests.soManyAreKnown",
    "profiles.parts": "AnalysisTests/ProfilePartsTests.remembersAsManyAsItMay",
    "profiles.part": "AnalysisTests/ProfilePartsTests.remembersAsManyAsItMay",
    "lanes.batch": "AnalysisTests/LaneThreadTests.aFullLaneHoldsTheReaderBack",
    "lanes.queue": "AnalysisTests/LaneThreadTests.aFullLaneHoldsTheReaderBack",
    "flows.bindings": "AnalysisTests/Damage/TableBoundsTests.bindingsAreForgotten",
    "flows.identities": "AnalysisTests/Damage/TableBoundsTests.identitiesAndOpenRequestsAreForgotten",
    "flows.early-answers": "AnalysisTests/Damage/TableBoundsTests.answersWaitInABoundedRoom",
    "flows.points": "AnalysisTests/Damage/TableBoundsTests.pointsOfHopsAreBounded",
    "flows.branches": "AnalysisTests/Damage/TableBoundsTests.branchesOfCutMessagesAreForgotten",
    "ledger.points": "AnalysisTests/Damage/TableBoundsTests.capturePointsAreBounded",
    "ledger.nodes": "AnalysisTests/Damage/TableBoundsTests.nodesOfHopsAreBounded",
    "ledger.history": "AnalysisTests/Damage/TableBoundsTests.trafficOfAHopIsRememberedForAWhile",
    "ledger.esp": "AnalysisTests/Damage/TableBoundsTests.hostsWithESPAreBounded",
    "ledger.espHosts": "AnalysisTests/Damage/TableBoundsTests.hostsThatShowESPAreBounded",
    "ledger.dns": "AnalysisTests/Damage/TableBoundsTests.exchangesOfDNSAreBounded",
    "ledger.dns-memory": "AnalysisTests/Damage/TableBoundsTests.exchangesOfDNSAreKeptForAWhile",
    "ledger.events": "AnalysisTests/Damage/TableBoundsTests.eventsAreBounded",
    "ledger.event-memory": "AnalysisTests/Damage/TableBoundsTests.eventsAreKeptForAWhile",
    "ledger.losses": "AnalysisTests/Damage/TableBoundsTests.placesOfLossAreBounded",
    "ledger.loss-memory": "AnalysisTests/Damage/TableBoundsTests.lossesAreKeptForAWhile",
    "ledger.access": "AnalysisTests/Damage/TableBoundsTests.exchangesOfTheAccessNetworkAreBounded",
  ]

  @Test func everyBoundIsPushedByATest() throws {
    #expect(Set(Bounds.table.map(\.name)) == Set(Self.pushed.keys))
    #expect(Set(Bounds.table.map(\.name)).count == Bounds.table.count)
    for (bound, test) in Self.pushed {
      let parts = test.split(separator: ".")
      let file = Files.root.appending(path: "Tests/\(parts[0]).swift")
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.contains("func \(parts[1])("), "\(bound): \(test)")
    }
  }

  /// Every number of the file stands in its table.
  @Test func theTableIsComplete() throws {
    let file = Files.root.appending(path: "Sources/IMSBytes/Bounds.swift")
    let text = try String(contentsOf: file, encoding: .utf8)
    let declared = text.matches(of: /static var \w+: Int/).count
    #expect(declared == Bounds.table.count)
  }

  @Test func thePageHoldsTheTable() throws {
    var page = """
      # Bounds

      What the readers and reassemblers keep or believe at the most, so that memory and time stay bounded whatever comes. The
      numbers stand in `Sources/IMSBytes/Bounds.swift`; this page is made from its table (`RECORD=1 swift test --filter
      BoundsTests`). When a bound bites, the coverage section or the list of an input's issues says so.

      | bound | default | unit | of what | what is said |
      |---|---:|---|---|---|

      """
    for bound in Bounds.table {
      page += "| `\(bound.name)` | \(bound.value) | \(bound.unit) | \(bound.what) | \(bound.says) |\n"
    }
    let file = Files.root.appending(path: "docs/bounds.md")
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try page.write(to: file, atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOf: file, encoding: .utf8)
    #expect(written == page, "record anew: RECORD=1 swift test --filter BoundsTests")
  }

  // MARK: Messages

  /// Reads one stream in segments; the messages it holds.
  private func read(_ payload: [UInt8]) -> (sip: Int, diameter: Int, issues: [String]) {
    var dissector = Dissector(input: 0)
    var reader = MessageReader()
    var number: UInt32 = 0
    var sequence: UInt32 = 1
    for start in stride(from: 0, to: payload.count, by: 60_000) {
      let piece = Array(payload[start..<min(start + 60_000, payload.count)])
      let ends = (HostPort("10.0.0.1", 5060), HostPort("10.0.0.2", 40_000))
      let bytes = PacketBuilder.tcp(TCPBuilder(from: ends.0, to: ends.1, sequence: sequence, payload: piece))
      sequence += UInt32(piece.count)
      number += 1
      feed(bytes, number, &dissector, &reader)
    }
    dissector.finish { reader.feed($0) { _ in 0 } }
    let issues = dissector.census.issues.map(\.reason) + reader.issues.entries.map(\.reason)
    return (reader.counts.sip, reader.counts.diameter, issues)
  }

  private func feed(
    _ bytes: [UInt8], _ number: UInt32, milliseconds: Int64? = nil, interface: UInt16 = 0, _ dissector: inout Dissector,
    _ reader: inout MessageReader
  ) {
    let frame = Frame(
      number: number, time: Timestamp(nanoseconds: 0) + .milliseconds(milliseconds ?? Int64(number)),
      interface: interface, linkType: .ethernet, originalLength: UInt32(bytes.count), fileOffset: 0,
      bytes: bytes.span.bytes)
    dissector.feed(frame) { reader.feed($0) { _ in 0 } }
  }

  private static func options(_ number: Int = 0, uri: String = "sip:a", header: Int = 0, body: Int = 0) -> [UInt8] {
    let head = "OPTIONS \(uri) SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK\(number)\r\nFrom: <sip:a>;tag=1\r\n"
    let filling = String(repeating: "x", count: header)
    let rest = "To: <sip:b>\r\nSubject: \(filling)\r\nContent-Length: \(body)\r\n\r\n"
    // The end of a line, behind which a message may begin.
    let content = body == 0 ? [] : [UInt8](repeating: 0x78, count: body - 1) + [0x0a]
    return Array((head + rest).utf8) + content
  }

  @Test func aMessageIsNoLongerThanItMayBe() {
    let good = Self.options(1)
    #expect(read(good + Self.options(2, header: 60_000) + good).sip == 2)
    #expect(read(good + Self.options(2, body: 1_000_000) + Self.options(3)).sip == 3)
    for bad in [
      Self.options(2, header: 70_000), Self.options(2, body: (1 << 20) + 1),
      Self.options(2, uri: "sip:" + String(repeating: "a", count: 8200)),
      Self.options(2, uri: String(repeating: "a", count: Bounds.sipScheme + 1) + ":a"),
      Array(String(repeating: "A", count: Bounds.sipMethod).utf8) + Self.options(2),
    ] {
      let result = read(good + bad + Self.options(3))
      #expect(result.sip == 2)
      #expect(!result.issues.isEmpty)
    }
    var long = Array("\u{1}".utf8) + [0x10, 0, 4] + [0x80, 0, 1, 0x2c] + [1, 0, 0, 0]
    long += [UInt8](repeating: 0, count: 8) + [0, 0, 1, 7, 0x40, 0, 0, 12] + Array("abcd".utf8)
    let result = read(good + long + [UInt8](repeating: 0, count: 3000) + [0x0a] + Self.options(3))
    #expect(result.diameter == 0)
    #expect(result.sip == 2)
  }

  @Test func knownMessagesAreForgottenOneByOne() {
    var dissector = Dissector(input: 0)
    var reader = MessageReader(knownMessages: 10, knownEndpoints: 4)
    for number in 0..<30 {
      let bytes = PacketBuilder.udp(
        from: HostPort("10.0.0.1", UInt16(5060 + number % 10)), to: HostPort("10.0.0.2", 5060),
        payload: Self.options(number))
      feed(bytes, UInt32(number + 1), &dissector, &reader)
    }
    #expect(reader.counts.sip == 30)
    #expect(reader.forgotten["messages whose copies would be known"] == 20)
    #expect(reader.forgotten["endpoints of messages"].map { $0 > 4 } == true)
    #expect(MessageReader().forgotten.isEmpty)
  }

  @Test func aCopyIsKnownForAWhile() {
    for (milliseconds, messages) in [(39_000, 1), (41_000, 2)] {
      var dissector = Dissector(input: 0)
      var reader = MessageReader()
      let bytes = PacketBuilder.udp(
        from: HostPort("10.0.0.1", 5060), to: HostPort("10.0.0.2", 5060), payload: Self.options())
      feed(bytes, 1, milliseconds: 0, &dissector, &reader)
      feed(bytes, 2, milliseconds: Int64(milliseconds), &dissector, &reader)
      #expect(reader.counts.sip == messages)
    }
  }

  @Test func appearancesAreForgottenOneByOne() {
    var dissector = Dissector(input: 0)
    var reader = MessageReader()
    let bytes = PacketBuilder.udp(
      from: HostPort("10.0.0.1", 5060), to: HostPort("10.0.0.2", 5060), payload: Self.options())
    for number in 0..<Bounds.appearances + 4 {
      feed(bytes, UInt32(number + 1), milliseconds: Int64(number) * 1000, &dissector, &reader)
    }
    #expect(reader.counts.sip == 1)
    #expect(reader.forgotten == ["appearances of messages that came again and again": 4])
  }

  @Test func kindsOfIssuesOfAnInputAreBounded() {
    var census = Census()
    for number in 0..<Bounds.censusIssues + 10 { census.note("SIP", "\(number)", frame: 1) }
    #expect(census.issues.count == Bounds.censusIssues)
    #expect(census.furtherIssues == 10)
  }

  @Test func issuesOfAMessageAreBounded() throws {
    let lines = String(repeating: "a line without its colon\r\n", count: Bounds.sipIssues + 4)
    let bytes = Array("OPTIONS sip:a SIP/2.0\r\n\(lines)\r\n".utf8)
    #expect(try SIPMessage(parsing: bytes.span.bytes, truncated: false).issues.count == Bounds.sipIssues)
  }

  /// Nobody asks for them, so that they pile up: of packets that were cut, and of text that is no message between nodes
  /// that speak SIP.
  @Test func placesOfLossAreBounded() {
    var dissector = Dissector(input: 0)
    var reader = MessageReader()
    let ends = (HostPort("10.0.0.1", 5060), HostPort("10.0.0.2", 5060))
    feed(PacketBuilder.udp(from: ends.0, to: ends.1, payload: Self.options()), 1, &dissector, &reader)
    for number in 0..<UInt32(Bounds.frameLosses + 10) {
      let cut = PacketBuilder.udp(from: ends.0, to: ends.1, payload: [1]).prefix(14 + 20 + 4)
      feed(Array(cut), number + 2, &dissector, &reader)
      let text = Array("no message \(number): ".utf8) + [UInt8](repeating: 0x78, count: 64)
      feed(PacketBuilder.udp(from: ends.0, to: ends.1, payload: text), number + 2, &dissector, &reader)
    }
    #expect(dissector.takeLosses().count == Bounds.frameLosses)
    #expect(dissector.census.lossesLeftOut == 10)
    #expect(reader.takeLosses().count == Bounds.messageLosses)
    #expect(reader.forgotten == ["places of loss": 10])
  }

  @Test func issuesAreListedUpToABound() {
    var log = IssueLog()
    for number in 0..<210 { log.add("SIP", "\(number)", frame: 1, point: CapturePoint(input: 0, interface: 0)) }
    #expect(log.entries.count == Bounds.messageIssues)
    #expect(log.unlisted == 10)
  }

  @Test func pairsOfClocksAreBounded() {
    var dissector = Dissector(input: 0)
    var reader = MessageReader()
    let bytes = PacketBuilder.udp(
      from: HostPort("10.0.0.1", 5060), to: HostPort("10.0.0.2", 5060), identification: 7, payload: Self.options())
    for interface in 0..<UInt16(40) {
      feed(bytes, UInt32(interface) + 1, milliseconds: 5, interface: interface, &dissector, &reader)
    }
    // Of the latest marks only.
    #expect(reader.forgotten["pairs of capture points whose clocks are compared"].map { $0 > 0 } == true)
  }
}
