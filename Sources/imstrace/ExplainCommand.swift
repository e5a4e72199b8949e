import ArgumentParser
import IMSRules
import IMSViews

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say what a rule flags, why, and what it looks like.",
    discussion: "imstrace explain VIA005")

  @Argument(help: "Rules, as 'imstrace rules' lists them.")
  var rules: [String]

  func run() throws {
    let output = Output.standard()
    let chosen = try rules.map { id in
      guard let rule = Catalogue.rule(id) else { throw Problem(.usage, unknown(id)) }
      return rule
    }
    output.write(chosen.map(RulesView.explain).joined(separator: "\n"))
    output.close()
  }

  private func unknown(_ id: String) -> String {
    let near = Suggestion.nearest(to: id, among: Catalogue.rules.map(\.id))
    return "there is no rule '\(id)'" + (near.map { ": did you mean '\($0)'?" } ?? "; 'imstrace rules' lists them")
  }
}
