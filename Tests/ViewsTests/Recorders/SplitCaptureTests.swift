import Foundation
import IMSForge
import TestSupport
import Testing

/// A capture that its recorder wrote into several files gives the report of the one file, but for the numbers of inputs and
/// frames.
@Suite struct SplitCaptureTests {
  /// But one that shows the access network, then the core: its quarters have no two hosts in common.
  static let captures =
    (Files.sampleCaptures + Files.captures(in: "lab")).filter {
      $0.lastPathComponent != "seed-registration-access.pcap"
    }
  static let registration = Files.samples.appending(path: "aka-registration.pcapng")

  @Test(arguments: captures) func fourFilesOfAsManyPackets(_ url: URL) throws {
    var split = try SplitCapture(Files.bytes(url))
    // A handful of packets in a file tells nothing of who wrote it.
    guard split.capture.records.count >= 24 else { return }
    split.cut(4)
    try expectTheSame(split)
  }

  @Test(arguments: captures) func fourFilesOfAsMuchTime(_ url: URL) throws {
    var split = try SplitCapture(Files.bytes(url))
    split.cutByTime(4)
    // Some file may hold nothing, or next to nothing, which tells of a list of interfaces alone who wrote it.
    guard split.capture.interfaces.count > 1 else { return }
    #expect(split.renumberedJSON(SplitCapture.json(split.files)) == SplitCapture.json([split.whole]))
  }

  /// Between any two packets of a registration: segments of TCP, fragments, a request and its answer on Cx.
  @Test(arguments: [
    "aka-registration.pcapng", "cx-over-sctp.pcapng", "sip-over-tcp.pcapng", "ipsec-registration.pcapng",
  ])
  func aBorderBetweenAnyTwoPackets(_ name: String) throws {
    var split = try SplitCapture(Files.sample(name))
    let whole = SplitCapture.json([split.whole])
    let count = split.capture.records.count
    for border in stride(from: 1, to: count, by: count < 150 ? 1 : 13) {
      split.borders = [max(1, border - 2), border, min(count - 1, border + 3)].distinct
      #expect(split.renumberedJSON(SplitCapture.json(split.files)) == whole, "border at packet \(border)")
    }
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func aBorderInADatagramInFragments() throws {
    var split = try SplitCapture(Files.scenario("16a-fragmented-udp"))
    let whole = SplitCapture.json([split.whole])
    for border in 1..<split.capture.records.count {
      split.borders = [border]
      #expect(split.renumberedJSON(SplitCapture.json(split.files)) == whole, "border at packet \(border)")
    }
  }

  @Test(arguments: [false, true]) func aLoadInFourFiles(_ byTime: Bool) throws {
    var records: [CaptureRecord] = []
    RegistrationLoad(count: 300, rate: 100).eachSecond { records += $0 }
    var split = try SplitCapture(CaptureWriter().pcapng(records, interfaces: RegistrationLoad.interfaces))
    if byTime { split.cutByTime(4) } else { split.cut(4) }
    let whole = SplitCapture.json([split.whole])
    for threads in [1, 2, 4] {
      #expect(split.renumberedJSON(SplitCapture.json(split.files, threads: threads)) == whole, "\(threads) lanes")
    }
    split.isPcapng = false
    #expect(split.renumberedJSON(SplitCapture.json(split.files)) == SplitCapture.json([split.whole]))
  }

  /// Whatever the order in which the files are given: packet time tells which comes first.
  @Test func theOrderOfTheFilesIsThatOfTheirPackets() throws {
    var split = try SplitCapture(Files.bytes(Self.registration))
    split.cut(4)
    #expect(SplitCapture.continued(split.files) == [nil, 0, 1, 2])
    #expect(SplitCapture.continued(split.files.reversed()) == [1, 2, 3, nil])
  }

  @Test func aFileWithoutPacketsBetweenIsPassedOver() throws {
    var split = try SplitCapture(Files.bytes(Self.registration))
    split.borders = [60, 60, 100]
    #expect(SplitCapture.continued(split.files) == [nil, nil, 0, 2])
    #expect(split.renumberedJSON(SplitCapture.json(split.files)) == SplitCapture.json([split.whole]))
  }

  private func expectTheSame(_ split: SplitCapture) throws {
    let (whole, files) = ([split.whole], split.files)
    #expect(split.renumberedJSON(SplitCapture.json(files)) == SplitCapture.json(whole))
    // Every view names frames in the same way: a few hundred packets show it.
    guard split.capture.records.count < 500 else { return }
    #expect(split.renumberedText(SplitCapture.summary(files)) == SplitCapture.narrow(SplitCapture.summary(whole)))
    #expect(split.renumberedText(SplitCapture.drawings(files)) == SplitCapture.narrow(SplitCapture.drawings(whole)))
    #expect(split.renumberedText(SplitCapture.dump(files)) == SplitCapture.narrow(SplitCapture.dump(whole)))
  }
}

extension [Int] {
  fileprivate var distinct: [Int] { Set(self).sorted() }
}
