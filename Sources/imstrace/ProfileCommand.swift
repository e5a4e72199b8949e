import ArgumentParser
import IMSRules
import IMSViews

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Print a profile as the YAML that --config reads.",
    subcommands: [Show.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Print a profile, built in or configured.",
      discussion: """
        imstrace profile show field > imstrace.yaml
        imstrace profile show --config imstrace.yaml
        """)

    @Argument(help: "strict, field, seed or gsma-ir92.")
    var name: ProfileName?

    @Option(help: "What this file makes of its base.", completion: .file())
    var config: String?

    func validate() throws {
      if name == nil, config == nil { throw ValidationError("Name a profile, or a file with --config") }
    }

    func run() throws {
      let profile = try config.map { try ConfigFile.read($0, base: name?.profile) } ?? name?.profile ?? .field
      let output = Output.standard()
      output.write(ProfileView.yaml(profile))
      output.close()
    }
  }
}
