import ArgumentParser
import IMSAnalysis
import IMSFlows
import IMSRules
import IMSViews

struct CheckCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, ndjson }
  enum FailOn: String, ExpressibleByArgument, CaseIterable {
    case error, warning, info

    var severity: Severity {
      switch self {
      case .error: .error
      case .warning: .warning
      case .info: .info
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Judge every registration of a capture (the default command).",
    discussion: """
      imstrace check core.pcapng
      imstrace check --format json a.pcap b.pcap
      tcpdump -U -w - 'port 5060 or port 3868' | imstrace check -
      """)

  @OptionGroup var input: InputOptions

  @Option(help: "text for people; json: one document; ndjson: an object a line, each as soon as it is known.")
  var format: Format = .text

  @Option(help: "Exit with 1 when a finding of this severity or a worse one stands.")
  var failOn: FailOn = .error

  @Flag(help: "Findings do not change the exit code.")
  var exitZero = false

  @Flag(help: "Show registrations without findings in full too.")
  var all = false

  @Option(name: [.short, .long], help: "Write the report to this file.", completion: .file())
  var output: String?

  @OptionGroup var style: StyleOptions

  func validate() throws {
    if let output, output == input.writeESPSA { throw ValidationError("--output and --write-esp-sa need two files") }
  }

  func run() throws {
    let options = try input.options()
    let session = Session(input)
    let output = try Output.open(output, inputs: input.files)
    var view = CheckView(self, output)
    session.print(view.begin(), to: output)
    let run = Analyzer(options).run(session.sources) { report in
      session.countRegistration()
      session.print(view.registration(report), to: output)
    }
    session.print(view.end(run), to: output)
    output.close()
    var statuses = session.conclude(run, found: run.registrations > 0)
    let failing = run.findings.contains { $0.key >= failOn.severity && $0.value > 0 }
    if failing, !exitZero { statuses.insert(.findings) }
    throw ExitStatus.first(of: statuses)
  }
}

/// The view that --format chose.
private enum CheckView {
  case text(SummaryView)
  case json(JSONView)

  init(_ command: CheckCommand, _ output: Output) {
    let profile = command.input.profile.profile
    switch command.format {
    case .text: self = .text(SummaryView(style: command.style.style(for: output), showAll: command.all))
    case .json: self = .json(JSONView(.json, profile: profile, version: IMSTrace.version))
    case .ndjson: self = .json(JSONView(.ndjson, profile: profile, version: IMSTrace.version))
    }
  }

  mutating func begin() -> String {
    switch self {
    case .text: return ""
    case .json(var view):
      defer { self = .json(view) }
      return view.begin()
    }
  }

  mutating func registration(_ report: FlowReport) -> String {
    switch self {
    case .text(var view):
      defer { self = .text(view) }
      return view.registration(report)
    case .json(var view):
      defer { self = .json(view) }
      return view.registration(report)
    }
  }

  /// People are told of inputs that cannot be read on standard error only.
  mutating func end(_ run: RunReport) -> String {
    switch self {
    case .text(var view): return run.isUnread ? "" : view.end(run)
    case .json(var view): return view.end(run)
    }
  }
}
