import IMSBytes
import IMSFlows
import IMSMessages
package import IMSRules
import IMSWire

/// The loop: inputs in, one report per registration out, and what is to be said of the whole at the end.
package struct Analyzer {
  /// A packet may come so late: 2 s by which a file may be out of order, and what the clocks of two capture points may
  /// be apart.
  static let hold = Interval.seconds(3)

  private let options: Options

  package init(_ options: Options = Options()) { self.options = options }

  /// `onRegistration` is called for each selected registration as soon as it is judged, in the order in which they end, on
  /// the thread of the caller.
  package func run(_ sources: [FrameLoop.Source], onRegistration: (FlowReport) -> Void) -> RunReport {
    withoutActuallyEscaping(onRegistration) { run(sources, Desk(Judge(options), $0)) }
  }

  private func run(_ sources: [FrameLoop.Source], _ desk: Desk) -> RunReport {
    let shifts = ClockSurvey.shifts(of: sources, options)
    var loop = FrameLoop(sources, options, sieve: MessageReader.sieve, shifts: shifts)
    var messages = MessageReader(outerPaths: loop.outerPaths)
    var joint = Joint(options, desk.judge)
    joint.ledger.recorders = loop.recorders
    // Made once: it is handed on with every frame.
    let take: Lanes.Emit = desk.take
    let waiting = Waiting(sources, joint.lanes.threads, desk)
    loop.run(
      tick: { point, news in
        joint.ledger.tick(point, news.time)
        if news.hasForeignDatagram { messages.pass(at: news.time) }
      },
      deliver: { payload in
        let taken = messages.feed(payload) { joint.take($0) }
        messages.tellLosses { joint.ledger.note($0) }
        return taken
      },
      keys: { joint.takeKeys() }, esp: { joint.ledger.note($0) }, lost: { joint.ledger.note($0) },
      continued: { joint.ledger.recorders = $0 }, ended: { joint.ledger.end(ofRecorder: $0) },
      advance: { newest, streams in
        joint.advance(
          to: newest - Analyzer.hold, clocks: { messages.clockEstimator }, streams: streams, take) + Analyzer.hold
      })
    waiting.end()
    joint.finish(clocks: messages.clocks, take)

    var report = desk.report
    report.inputs = loop.reports
    report.wasInterrupted = loop.wasInterrupted
    loop.census(into: &report.coverage)
    report.coverage.count(messages)
    report.coverage.clocks = joint.ledger.clocks.shifted(by: shifts)
    joint.describe(&report.coverage)
    report.name(loop.recorders)
    report.associations = options.keepsKeys ? loop.associations : []
    report.judge(desk.judge.checker)
    return report
  }
}

/// Numbers registrations in the order in which they ended, counts them and hands on those that were asked for.
final class Desk {
  let judge: Judge
  private(set) var report = RunReport()
  private var number = 0
  private let onRegistration: (FlowReport) -> Void

  init(_ judge: Judge, _ onRegistration: @escaping (FlowReport) -> Void) {
    self.judge = judge
    self.onRegistration = onRegistration
  }

  func take(_ ended: inout Lane.Ended) {
    number += 1
    report.coverage.hops.note(ended.hops)
    guard judge.conclude(&ended.report, isJudged: ended.isJudged, id: number) else { return }
    report.count(ended.report)
    onRegistration(ended.report)
  }
}

/// While an input has nothing to read, what the lanes judged meanwhile is handed on.
///
/// Unchecked: inputs ask it on the thread that reads them, between two frames.
private final class Waiting: @unchecked Sendable {
  private let lanes: LaneThreads?
  private let desk: Desk
  private var before: [(file: BlockFile, isInterrupted: (@Sendable () -> Bool)?)] = []

  init(_ sources: [FrameLoop.Source], _ lanes: LaneThreads?, _ desk: Desk) {
    self.lanes = lanes
    self.desk = desk
    guard lanes != nil else { return }
    for case .file(let file) in sources {
      let isInterrupted = file.isInterrupted
      before.append((file, isInterrupted))
      file.isInterrupted = { [unowned self] in
        self.lanes?.collect(self.desk.take)
        return isInterrupted?() ?? false
      }
    }
  }

  func end() {
    for (file, isInterrupted) in before { file.isInterrupted = isInterrupted }
    before = []
  }
}
