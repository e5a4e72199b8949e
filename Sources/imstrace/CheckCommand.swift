import ArgumentParser
import IMSAnalysis
import IMSFlows
import IMSRules
import IMSViews

struct CheckCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, ndjson, sarif, junit, github, markdown }
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
    commandName: "check",
    // Parsed by itself it need not look for a request of completions first, which takes as long as the rest.
    _superCommandName: "imstrace",
    abstract: "Judge every registration of a capture (the default command).",
    discussion: """
      imstrace check core.pcapng
      imstrace check --format json a.pcap b.pcap
      tcpdump -U -w - 'port 5060 or port 3868' | imstrace check -
      imstrace check --expect registered --baseline known.txt --format junit -o report.xml core.pcapng
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var work: WorkOptions

  @Option(
    help: """
      text for people; json: one document; ndjson: an object a line, each as soon as it is known; sarif, junit, github \
      (annotations) and markdown for code hosts.
      """)
  var format: Format = .text

  @Option(help: "Exit with 1 when a finding of this severity or a worse one stands.")
  var failOn: FailOn = .error

  @Flag(help: "Findings do not change the exit code.")
  var exitZero = false

  @OptionGroup var gate: GateOptions

  @Option(
    help: ArgumentHelp(
      "In SARIF, show results at this file of the repository: most code hosts want lines, and a capture has none.",
      valueName: "file"))
  var sarifAnchor: String?

  @Flag(help: "Show registrations without findings in full too.")
  var all = false

  @Option(name: [.short, .long], help: "Write the report to this file.", completion: .file())
  var output: String?

  @OptionGroup var style: StyleOptions

  func validate() throws {
    let written = [output, input.writeESPSA, gate.writeBaseline].compactMap(\.self)
    if Set(written).count < written.count {
      throw ValidationError("--output, --write-esp-sa and --write-baseline need files of their own")
    }
    if sarifAnchor != nil, format != .sarif { throw ValidationError("--sarif-anchor goes with --format sarif") }
  }

  func run() throws {
    var setup = try input.setup(work)
    setup.options.suppressions = try gate.suppressions(setup.options.rules)
    let session = Session(input)
    let output = try Output.open(output, inputs: input.files)
    var view = view(setup, output)
    var watch = Watch(gate, setup.options)
    session.print(view.begin(), to: output)
    var run = Analyzer(setup.options).run(session.sources) { report in
      session.countRegistration()
      watch.note(report)
      session.print(view.registration(report), to: output)
    }
    watch.conclude(&run, isWhole: input.selection.isEverything)
    let found = run.registrations > 0 || gate.expectRegistrations == 0
    session.print(end(of: &view, run), to: output)
    output.close()
    var statuses = session.conclude(run, found: found)
    if let path = gate.writeBaseline,
      let status = watch.writeBaseline(path, inputs: input.files, stale: run.staleBaseline)
    {
      statuses.insert(status)
    }
    run.unmet.forEach { Complaint.say($0) }
    run.staleBaseline.forEach { Complaint.say($0.staleText) }
    let failing = run.findings.contains { $0.key >= failOn.severity && $0.value > 0 } || !run.unmet.isEmpty
    if failing, !exitZero { statuses.insert(.findings) }
    throw ExitStatus.first(of: statuses)
  }

  /// The view that --format chose.
  private func view(_ setup: Setup, _ output: Output) -> any ReportView {
    let (profile, version) = (setup.options.profile, IMSTrace.version)
    switch format {
    case .text:
      return SummaryView(
        style: style.style(for: output), showAll: all, idle: setup.idle, profile: setup.profileText)
    case .json: return JSONView(.json, profile: profile, version: version, idle: setup.idle)
    case .ndjson: return JSONView(.ndjson, profile: profile, version: version, idle: setup.idle)
    case .sarif:
      return SARIFView(
        profile: profile, rules: setup.options.rules, version: version, anchor: sarifAnchor,
        hasBaseline: gate.baseline != nil)
    case .junit: return JUnitView(failOn: failOn.severity)
    case .github: return AnnotationView()
    case .markdown: return MarkdownView(profile: profile)
    }
  }

  /// People are told of inputs that cannot be read on standard error only.
  private func end(of view: inout any ReportView, _ run: RunReport) -> String {
    format == .text && run.isUnread ? "" : view.end(run)
  }
}
