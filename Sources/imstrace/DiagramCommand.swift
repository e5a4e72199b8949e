import ArgumentParser
import IMSAnalysis
import IMSFlows
import IMSRules
import IMSViews

struct DiagramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagram", abstract: "Draw a registration for a document, a ticket or a web page.",
    discussion: """
      imstrace diagram core.pcapng --user 001010000000001 -o registration.svg
      imstrace diagram core.pcapng --format mermaid --only I-CSCF --detail full
      imstrace diagram --seed --format plantuml

      Draws one registration: of those that are selected the first that did not end well, else the first.
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var work: WorkOptions

  @Option(help: "By default the extension of --output tells it: txt, mmd, puml, msc, fdl, wsd, svg, html; else text.")
  var format: DiagramFormat?

  @Option(help: "overview: the phases; hop: an arrow a message; full: with the parameters under each arrow.")
  var detail: LadderLayout.Options.Detail = .hop

  @Option(help: "expected: the documented sequence; observed: the capture; overlay: both, with the findings.")
  var show: LadderLayout.Options.Show = .overlay

  @Option(help: ArgumentHelp("Only the interfaces of this node.", valueName: "role"))
  var only: Role?

  @Option(help: ArgumentHelp("Only these hops, as in 'H1,C1'.", valueName: "hops"))
  var hops: HopList?

  @Flag(help: "Say beside each message what it is for and what the capture shows of it; 'full' does so too.")
  var remarks = false

  @Option(help: ArgumentHelp("Only this page of a long registration, from 1.", valueName: "n"))
  var page: Int?

  @Option(
    name: .customLong("fdl-version"),
    help: ArgumentHelp("4: the form of EventStudio 4; 8: that of EventStudio 8 and later.", valueName: "4|8"))
  var fdlVersion = 8

  @Flag(help: "Draw the documented registration alone; takes no capture.")
  var seed = false

  @Option(name: .shortAndLong, help: "Write to this file; '-' is standard output.", completion: .file())
  var output: String?

  @OptionGroup var style: StyleOptions

  func validate() throws {
    if seed, !input.files.isEmpty { throw ValidationError("--seed takes no capture") }
    if fdlVersion != 4, fdlVersion != 8 { throw ValidationError("--fdl-version is 4 or 8") }
    if let page, page < 1 { throw ValidationError("pages are numbered from 1") }
    if page != nil, chosenFormat == .html { throw ValidationError("--page is of diagrams: html draws all of it") }
  }

  private var options: LadderLayout.Options {
    LadderLayout.Options(
      detail: detail, show: show, only: only, hops: hops?.hops ?? [], remarks: remarks || detail == .full,
      revealKeys: style.revealKeys)
  }

  private var view: DiagramView { DiagramView(chosenFormat, page: page, isOldFDL: fdlVersion == 4) }

  private var chosenFormat: DiagramFormat { format ?? output.flatMap { DiagramFormat(fileName: $0) } ?? .text }

  func run() throws {
    if seed { return try drawDocumented() }
    var setup = try input.setup(work)
    let session = Session(input)
    let output = try Output.open(output, inputs: input.files)
    let style = style.style(for: output)
    var page = chosenFormat == .html ? HTMLReport(options, style: style) : nil
    // A page shows the whole capture too.
    if page != nil { setup.options.selection = Selection() }
    let selection = input.selection
    var candidates = Candidates()
    var selected = 0
    let run = Analyzer(setup.options).run(session.sources) { report in
      session.countRegistration()
      page?.count(report)
      guard selection.includes(report.flow, id: report.id) else { return }
      selected += 1
      candidates.consider(report)
    }
    if let chosen = candidates.chosen {
      try requirePage(of: chosen)
      page?.draw(chosen)
      session.print(
        page?.page(run, idle: setup.idle, profile: setup.profileText)
          ?? view.render(chosen, options, others: selected - 1, style: style), to: output)
    }
    output.close()
    throw ExitStatus.first(of: session.conclude(run, found: selected > 0))
  }

  private func requirePage(of report: FlowReport) throws {
    let layout = LadderLayout(report, options)
    // A page shows the whole capture all the same.
    if layout.lanes.isEmpty, chosenFormat != .html {
      throw ValidationError("of registration \(report.id) nothing is left to draw")
    }
    guard let page else { return }
    let count = layout.pages.count
    if page > count { throw ValidationError("there is no page \(page) of \(count)") }
  }

  private func drawDocumented() throws {
    let output = try Output.open(output, inputs: [])
    output.write(view.documented(options, style: style.style(for: output)))
    output.close()
  }
}

extension DiagramFormat: ExpressibleByArgument {}
extension LadderLayout.Options.Detail: ExpressibleByArgument {}
extension LadderLayout.Options.Show: ExpressibleByArgument {}

extension Role: ExpressibleByArgument {
  /// In any spelling that a hosts file may have.
  public init?(argument: String) { self.init(spelling: argument) }
  public static var allValueStrings: [String] { allCases.map(\.rawValue) }
}

/// "H1,C1"
struct HopList: ExpressibleByArgument {
  var hops: [Hop]

  init?(argument: String) {
    let names = argument.split(separator: ",").map { $0.trimmingPrefix(" ").uppercased() }
    hops = names.compactMap { Hop(rawValue: $0) }
    if hops.isEmpty || hops.count < names.count { return nil }
  }
}
