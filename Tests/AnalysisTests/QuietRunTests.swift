import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import Testing

/// Frames that are passed over in runs leave behind what they leave when each is told of on its own.
@Suite struct QuietRunTests {
  /// What whoever is told of frames knows at the end.
  struct Account: Equatable {
    var last: [CapturePoint: Timestamp] = [:]
    var first: [CapturePoint: Timestamp] = [:]
    var beats: [Timestamp] = []
    var coverage = ""
    var counts = MessageReader.Counts()
    /// How often it was told.
    var ticks = 0

    static func == (left: Account, right: Account) -> Bool {
      left.last == right.last && left.first == right.first && left.beats == right.beats
        && left.coverage == right.coverage && left.counts == right.counts
    }
  }

  /// With a filter that lets everything pass each frame is told of.
  private static func read(_ records: [CaptureRecord], filter: FrameFilter?, step: Interval, interfaces: Int) -> Account
  {
    let bytes = CaptureWriter().pcapng(
      records, interfaces: (0..<interfaces).map { CaptureInterface(name: "if\($0)") })
    var options = Options()
    options.filter = filter
    var loop = FrameLoop([.file(BlockFile(bytes: bytes))], options, sieve: MessageReader.sieve)
    var messages = MessageReader(outerPaths: loop.outerPaths, knownMessages: 64)
    var account = Account()
    loop.run(
      tick: { point, news in
        account.ticks += 1
        account.last[point] = max(news.time, account.last[point] ?? .distantPast)
        account.first[point] = min(news.time, account.first[point] ?? .distantFuture)
        if news.hasForeignDatagram { messages.pass(at: news.time) }
      },
      deliver: { payload in messages.feed(payload) { _ in 0 } }, keys: { nil }, esp: { _ in }, lost: { _ in },
      advance: { newest, _ in
        // The first frame at or behind each step.
        if account.beats.last.map({ newest >= $0 + step }) ?? true { account.beats.append(newest) }
        return (account.beats.last ?? newest) + step
      })
    var coverage = Coverage()
    loop.census(into: &coverage)
    account.coverage = "\(coverage.frames) \(coverage.issues) \(coverage.notDecoded) \(messages.forgotten)"
    account.counts = messages.counts
    return account
  }

  private static func compare(
    _ records: [CaptureRecord], step: Interval = .milliseconds(100), interfaces: Int = 1
  ) -> (runs: Account, single: Account) {
    (
      read(records, filter: nil, step: step, interfaces: interfaces),
      read(records, filter: { _, _, _ in .pass }, step: step, interfaces: interfaces)
    )
  }

  private static let media = PacketBuilder.udp(
    from: HostPort("10.0.0.1", 16384), to: HostPort("10.0.0.2", 16384),
    payload: [0x80, 8, 0, 1] + [UInt8](repeating: 0xd5, count: 60))

  private static func options(_ number: Int) -> [UInt8] {
    let text =
      "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK\(number)\r\nFrom: <sip:a@b>;tag=1\r\n"
      + "To: <sip:a@b>\r\nCall-ID: \(number)\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    return PacketBuilder.udp(
      from: HostPort("10.0.0.1", 5060), to: HostPort("10.0.0.2", 5060), payload: Array(text.utf8))
  }

  @Test func runsLeaveBehindWhatSingleFramesDo() {
    // A message in each hundred frames, and the same one again a minute later.
    let records = (0..<20_000).map { number in
      CaptureRecord(
        interface: 0, time: Int64(number) * 10_000_000,
        bytes: number % 100 == 7 ? Self.options(number / 100 % 60) : Self.media)
    }
    let (runs, single) = Self.compare(records)
    #expect(runs == single)
    #expect(single.ticks == records.count)
    #expect(runs.ticks * 3 < single.ticks)
    #expect(runs.counts.sip > 60)
  }

  /// Stamps that go back, stand still, leap a little and leap far; each alone and sixteen in a row.
  @Test func stampsOutOfOrderAreLeftToTheClocks() {
    for leap in [-90, -2, 0, 2, 59, 61, 3600].map({ Int64($0) * 1_000_000_000 }) {
      for length in [1, 2, 15, 16, 40] {
        let records = (0..<400).map { number in
          let isAway = (200..<200 + length).contains(number)
          return CaptureRecord(
            interface: 0, time: 10_000_000_000_000 + Int64(number) * 1_000_000 + (isAway ? leap : 0),
            bytes: number % 50 == 7 ? Self.options(number) : Self.media)
        }
        let (runs, single) = Self.compare(records, step: .milliseconds(10))
        #expect(runs == single, "\(leap) ns, \(length) frames")
      }
    }
  }

  /// A run ends where another interface records.
  @Test func interfacesAreToldApart() {
    let records = (0..<3_000).map { number in
      CaptureRecord(
        interface: number / 7 % 3, time: Int64(number) * 1_000_000,
        bytes: number % 100 == 7 ? Self.options(number) : Self.media)
    }
    let (runs, single) = Self.compare(records, interfaces: 3)
    #expect(runs == single)
    #expect(runs.last.count == 3)
    #expect(runs.ticks * 2 < single.ticks)
  }
}
