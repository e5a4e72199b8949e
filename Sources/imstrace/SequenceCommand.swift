import ArgumentParser
import IMSFlows
import IMSViews

struct SequenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequence", abstract: "Draw the documented registration, or a variant of it.",
    discussion: """
      imstrace sequence
      imstrace sequence refresh
      imstrace sequence V7 --remarks
      imstrace sequence network-deregistration -o deregistration.svg

      Takes no capture. Without a variant it lists them, and draws the main sequence.
      """)

  /// What `diagram` writes, and a document for programs.
  enum Format: Equatable, ExpressibleByArgument, CaseIterable {
    case json
    case diagram(DiagramFormat)

    static let allCases = [Format.json] + DiagramFormat.allCases.map(diagram)

    init?(argument: String) {
      guard let format = Self.allCases.first(where: { $0.defaultValueDescription == argument }) else { return nil }
      self = format
    }

    var defaultValueDescription: String {
      switch self {
      case .json: "json"
      case .diagram(let format): format.rawValue
      }
    }

    static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }
  }

  @Argument(help: "By identifier or name, as 'imstrace sequence' lists them: V2, refresh.")
  var variant: String?

  @Option(help: "By default the extension of --output tells it, as in 'diagram'; else text. json: all that is listed.")
  var format: Format?

  @Option(help: "overview: the phases; hop: an arrow a message; full: with what it is for.")
  var detail: LadderLayout.Options.Detail = .hop

  @Option(help: ArgumentHelp("Only the interfaces of this node.", valueName: "role"))
  var only: Role?

  @Option(help: ArgumentHelp("Only these hops, as in 'H1,C1'.", valueName: "hops"))
  var hops: HopList?

  @Flag(help: "Say beside each message what it is for; 'full' does so too.")
  var remarks = false

  @Option(name: .shortAndLong, help: "Write to this file; '-' is standard output.", completion: .file())
  var output: String?

  @OptionGroup var style: StyleOptions

  private var chosenFormat: Format {
    format ?? output.flatMap { DiagramFormat(fileName: $0) }.map(Format.diagram) ?? .diagram(.text)
  }

  private var options: LadderLayout.Options {
    LadderLayout.Options(
      detail: detail, show: .expected, only: only, hops: hops?.hops ?? [], remarks: remarks || detail == .full)
  }

  func run() throws {
    let chosen = try variant.map(named)
    let output = try Output.open(output, inputs: [])
    output.write(text(chosen, style.style(for: output)))
    output.close()
  }

  private func text(_ chosen: Variant?, _ style: Style) -> String {
    let variant = chosen ?? .of(.main)
    switch chosenFormat {
    case .json: return SequenceView.json(chosen.map { [$0] } ?? Variant.all)
    case .diagram(.text):
      let drawn = SequenceView.text(variant, options, style: style)
      return chosen == nil ? SequenceView.list() + "\n" + drawn : drawn
    case .diagram(let format): return DiagramView(format).documented(options, of: variant, style: style)
    }
  }

  private func named(_ text: String) throws -> Variant {
    if let variant = Variant.named(text) { return variant }
    let near = Suggestion.nearest(to: text, among: Variant.all.flatMap { [$0.name, $0.id.rawValue] })
    throw Problem(
      .usage,
      "'\(text)' is no variant of the sequence: "
        + (near.map { "did you mean '\($0)'?" } ?? "'imstrace sequence' lists them"))
  }
}
