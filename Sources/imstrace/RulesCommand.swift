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

  func run() throws {
    let output = Output.standard()
    output.write(format == .json ? RulesView.json() : RulesView.list())
    output.close()
  }
}
