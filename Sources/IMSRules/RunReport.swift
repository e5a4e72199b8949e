package import IMSBytes
package import IMSCapture
package import IMSFlows
package import IMSMessages
package import IMSSecrets
package import IMSWire

/// What is said of one input: a file, or standard input.
package struct InputReport: Sendable {
  package var path: String
  /// Why it could not be read at all.
  package var failure: InputError?
  /// The number of the input that the same recorder wrote before it.
  package var continues: Int?
  package var format: String?
  package var packets: UInt64 = 0
  package var bytes: UInt64 = 0
  package var firstTime: Timestamp?
  package var lastTime: Timestamp?
  package var interfaces: [CaptureReader.Interface] = []
  package var issues: [CaptureIssue] = []
  /// Issues beyond those.
  package var furtherIssues: UInt64 = 0

  package init(path: String) { self.path = path }
}

/// How much of the inputs was understood.
package struct Coverage: Sendable {
  package struct NotDecoded: Sendable, Hashable {
    package var what: String
    package var frames: UInt64

    package init(what: String, frames: UInt64) {
      self.what = what
      self.frames = frames
    }
  }

  /// What became of the ESP packets of one association.
  package struct ESP: Sendable, Equatable {
    package var count: ESPCount
    /// The first of them.
    package var wrongFrames: [IssueLog.FrameReference] = []

    package init(count: ESPCount) { self.count = count }
  }

  /// Frames that were taken apart.
  package var frames: UInt64 = 0
  /// Frames that a filter kept out; the inputs' packets include them.
  package var filtered: UInt64 = 0
  package var messages = MessageReader.Counts()
  package var notDecoded: [NotDecoded] = []
  /// In the order of their first packet.
  package var esp: [ESP] = []
  package var issues: [IssueLog.Entry] = []
  /// Messages of registrations that belong to none that is open: late copies, answers to nobody.
  package var strays = 0
  /// From when to when each hop was seen, and where.
  package var hops = HopCoverage()
  /// How the clocks of the capture points stand at the end.
  package var clocks = Clocks()
  /// What bounded tables had to forget, by name.
  package var forgotten: [String: Int] = [:]

  package init() {}

  /// Adds what a bounded table forgot; nothing where it did not.
  package mutating func forget(_ counts: [String: Int]) {
    for (name, count) in counts where count > 0 { forgotten[name, default: 0] += count }
  }

  /// What the message reader met and did not read, among what the dissectors did not.
  package mutating func count(_ reader: MessageReader) {
    messages = reader.counts
    issues += reader.issues.entries
    forget(reader.forgotten)
    var frames: [String: UInt64] = [:]
    for entry in notDecoded { frames[entry.what, default: 0] += entry.frames }
    for entry in reader.notDecoded { frames[entry.name, default: 0] += entry.frames }
    notDecoded = frames.sorted { $0.key < $1.key }.map { NotDecoded(what: $0.key, frames: $0.value) }
  }
}

/// Everything that is said once, after the last registration.
package struct RunReport: Sendable {
  package var inputs: [InputReport] = []
  /// Which of them one recorder wrote one after the other.
  package private(set) var recorders = Recorders()
  package var coverage = Coverage()
  package var registrations = 0
  private var ended = CountedCases<Flow.Outcome>()
  private var found = CountedCases<Severity>()
  /// How many registrations ended so; those that did.
  package var outcomes: [Flow.Outcome: Int] { ended.counts }
  package var findings: [Severity: Int] { found.counts }
  /// Security associations with their keys, where the options ask for them: those that opened a packet first. Key
  /// material: no view prints them.
  package var associations: [SecurityAssociation] = []
  /// What is wrong with the capture as a whole.
  package private(set) var captureFindings: [Finding] = []
  package private(set) var suppressedCaptureFindings: [Suppressed] = []
  /// Findings that are accepted: no severity counts them.
  package private(set) var suppressed = 0
  /// What was demanded of the capture and is not so, a sentence each.
  package var unmet: [String] = []
  /// Entries of the baseline that nothing was found for.
  package var staleBaseline: [FindingPlace] = []
  /// The program was told to stop reading.
  package var wasInterrupted = false

  package init() {}

  package mutating func count(_ report: FlowReport) {
    registrations += 1
    ended.count(report.flow.outcome)
    for finding in report.findings { found.count(finding.severity) }
    suppressed += report.suppressed.count
  }

  /// Called once, when all issues are known: until then they name frames as their recorders count them.
  package mutating func name(_ recorders: Recorders) {
    self.recorders = recorders
    if recorders.isEmpty { return }
    for index in coverage.issues.indices {
      coverage.issues[index].frames = coverage.issues[index].frames.map(recorders.resolved)
    }
    for index in coverage.esp.indices {
      coverage.esp[index].wrongFrames = coverage.esp[index].wrongFrames.map(recorders.resolved)
    }
  }

  /// Called once, when everything else is known.
  package mutating func judge(_ checker: Checker) {
    (captureFindings, suppressedCaptureFindings) = checker.check(self)
    suppressed += suppressedCaptureFindings.count
    for finding in captureFindings { found.count(finding.severity) }
  }
}

/// How often each of some cases was met.
private struct CountedCases<Case: Hashable & Sendable>: Sendable {
  /// In the order in which the cases were first met: there are few.
  private var known: [(value: Case, count: Int)] = []

  mutating func count(_ value: Case) {
    for index in known.indices where known[index].value == value {
      known[index].count += 1
      return
    }
    known.append((value, 1))
  }

  var counts: [Case: Int] { Dictionary(uniqueKeysWithValues: known.map { ($0.value, $0.count) }) }
}
