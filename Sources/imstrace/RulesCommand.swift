import ArgumentParser
import IMSRules
import IMSViews

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct RulesCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(commandName: "rules", abstract: "List the rules.")

  @Option(help: "text: a line each; json: with clauses, family, needs and reasons.")
  var format: Format = .text

  /// Writes docs/rules (`make docs`).
  @Option(help: .hidden)
  var markdown: String?

  func run() throws {
    if let markdown {
      try write(RulesView.index(), to: markdown + "/README.md")
      for rule in Catalogue.rules { try write(RulesView.markdown(rule), to: "\(markdown)/\(rule.id).md") }
      return
    }
    let output = Output.standard()
    output.write(format == .json ? RulesView.json() : RulesView.list())
    output.close()
  }

  private func write(_ text: String, to path: String) throws {
    let output = try Output.open(path, inputs: [])
    output.write(text)
    output.close()
  }
}
