import IMSAnalysis
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire
import TestSupport
import Testing

/// Captures of several points whose clocks were put wrong: what is said of the registrations stays, and the clocks are
/// found out.
@Suite struct ClockTests {
  /// How wrong: offsets within ±300 ms, a jitter of 200 µs.
  struct Wrong: Sendable, CustomTestStringConvertible {
    var seed: UInt64
    /// Parts per 10⁹, on every second clock.
    var drift: Int64 = 0
    var testDescription: String { "seed \(seed), drift \(drift) ppb" }

    func retiming(of capture: CaptureEditor) -> Retiming {
      Retiming(
        seed: seed, interfaces: capture.interfaces.count, within: 300_000_000, jitter: 200_000, drift: drift)
    }
  }

  static let wrong = [Wrong(seed: 11), Wrong(seed: 22), Wrong(seed: 33, drift: 20_000)]
  static let captures = ["01b-aka-udp-uar2", "05-rereg-dereg", "13-loss"]

  /// How the records come to the program.
  enum Form: CaseIterable {
    /// One file, by the wrong stamps.
    case merged
    /// One file in the order of the right ones.
    case unsorted
    /// A file for each point.
    case apart

    func files(_ capture: CaptureEditor) -> [[UInt8]] {
      switch self {
      case .unsorted: return [capture.pcapng]
      case .merged:
        var sorted = capture
        sorted.sortByTime()
        return [sorted.pcapng]
      case .apart:
        return capture.interfaces.indices.map { number in
          var one = capture.only(interface: number)
          one.sortByTime()
          return one.pcapng
        }
      }
    }
  }

  /// Everything that is said, but for frames and times, a line each.
  private static func account(_ report: FlowReport) -> [String] {
    let flow = report.flow
    var lines = ["\(flow.kind) \(flow.mechanism) \(flow.outcome) \(flow.finalStatus ?? 0) \(flow.stoppedAt ?? "")"]
    lines += flow.deviations.map { "deviation \($0.kind) \($0.step) \($0.hop.rawValue) \($0.label)" }
    // DNS belongs to nobody: at the same moment, and a jitter decides.
    lines += flow.messages.filter { $0.message.dns == nil }.map {
      "message \(name($0)), sent again \($0.message.retransmissions.count)×"
    }
    lines += report.findings.map { "\($0.severity) \($0.rule) \($0.message): \($0.observed)" }
    lines += report.notObservable.map { "\($0.rule) \($0.reason)" }
    return lines.map { "\(flow.impu?.string.prefix(19) ?? "") \(flow.rounds.first?.cseq ?? 0): \($0)" }
  }

  private static func name(_ placed: FlowMessage) -> String {
    let what = placed.sip?.cseq.map { "CSeq \($0.number) \(placed.isRequest ? "request" : "\(placed.status)")" }
    let diameter = placed.message.diameter.map { "\($0.name) \($0.hopByHop)" }
    return "\(placed.hop?.rawValue ?? "–") \(placed.step ?? "–") \(what ?? diameter ?? "DNS")"
  }

  private static func run(_ files: [[UInt8]]) -> (reports: [FlowReport], run: RunReport) {
    var reports: [FlowReport] = []
    let run = Analyzer().run(files.map { .file(BlockFile(bytes: $0)) }) { reports.append($0) }
    return (reports, run)
  }

  private static func retimed(_ scenario: String, _ wrong: Wrong) throws -> (CaptureEditor, Retiming) {
    var capture = try CaptureEditor(Files.scenario(scenario))
    let clocks = wrong.retiming(of: capture)
    capture.retime(clocks)
    return (capture, clocks)
  }

  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures, wrong)
  func wrongClocksChangeNothingThatIsSaid(_ scenario: String, _ wrong: Wrong) throws {
    let right = Self.run([try Files.scenario(scenario)]).reports.flatMap(Self.account).sorted()
    let (capture, _) = try Self.retimed(scenario, wrong)
    for form in Form.allCases {
      let found = Self.run(form.files(capture)).reports.flatMap(Self.account).sorted()
      let difference = found.difference(from: right)
      #expect(difference.isEmpty, "\(form) \(difference.map { "\($0)" })")
    }
  }

  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures, wrong)
  func theClocksAreFoundOut(_ scenario: String, _ wrong: Wrong) throws {
    let (capture, retiming) = try Self.retimed(scenario, wrong)
    let elapsed = (capture.records.map(\.time).max() ?? 0) - (capture.records.map(\.time).min() ?? 0)
    for form in Form.allCases {
      let clocks = Self.run(form.files(capture)).run.coverage.clocks
      #expect(clocks.readings.count == capture.interfaces.count)
      for reading in clocks.readings where reading.state != .reference {
        func interface(_ point: CapturePoint) -> Int { Int(form == .apart ? point.input : point.interface) }
        let (point, reference) = (interface(reading.point), interface(reading.reference))
        let bounds = [0, elapsed].map {
          retiming.offset(of: point, elapsed: $0) - retiming.offset(of: reference, elapsed: $0)
        }
        let range = (bounds.min() ?? 0) - 1_000_000...(bounds.max() ?? 0) + 1_000_000
        #expect(reference == 0 && range.contains(reading.offset.lowerBound.nanoseconds), "\(form) \(point)")
        #expect(range.contains(reading.offset.upperBound.nanoseconds), "\(form) \(point)")
      }
    }
  }

  /// By the reference's clock every message has its time, and so the times between any two are right.
  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures, wrong)
  func ordersAndLatenciesAreCorrected(_ scenario: String, _ wrong: Wrong) throws {
    func times(_ reports: [FlowReport]) -> [String: Int64] {
      Dictionary(
        reports.map(\.flow).flatMap { flow in
          flow.messages.filter { $0.message.dns == nil }.map { placed in
            (
              "\(flow.impu?.string ?? "") \(Self.name(placed)) \(placed.message.diameter?.hopByHop ?? 0)",
              placed.time.nanoseconds
            )
          }
        }, uniquingKeysWith: min)
    }
    let right = times(Self.run([try Files.scenario(scenario)]).reports)
    let (capture, retiming) = try Self.retimed(scenario, wrong)
    let found = times(Self.run(Form.apart.files(capture)).reports)
    #expect(found.count == right.count)
    for (name, time) in right {
      let moved = try #require(found[name], "\(name)") - time - retiming.offset(of: 0, elapsed: 0)
      #expect(abs(moved) < 1_000_000, "\(name): \(moved) ns")
    }
  }
}
