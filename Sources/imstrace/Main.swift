import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@main
enum Main {
  static func main() {
    Defect.guardProcess()
    occupyStandardStreams()
    run(Array(CommandLine.arguments.dropFirst())).leave()
  }

  /// A closed stream would lend its number to the first file that is opened: a capture would be read as standard input.
  /// What takes its place can be used no more than a closed one.
  private static func occupyStandardStreams() {
    for descriptor in [0, 1, 2] as [Int32] where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
  }

  private static func run(_ arguments: [String]) -> ExitStatus {
    if let mistyped = Suggestion.mistypedVerb(arguments, verbs: IMSTrace.verbs) {
      Complaint.say(mistyped)
      return .usage
    }
    do {
      var command = try parse(arguments)
      try command.run()
      return .success
    } catch let status as ExitStatus {
      return status
    } catch let problem as Problem {
      Complaint.say(problem.text)
      return problem.status
    } catch {
      return parserSaid(error)
    }
  }

  /// A command by its own parser alone: by way of the root every option would be read several times, which takes longer than a
  /// small capture. Help, version and whatever is wrong are the root's matter.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    let isAsked = arguments.contains { $0 == "-h" || $0 == "-help" || $0 == "--version" || $0.hasPrefix("--help") }
    if let first = arguments.first, !isAsked, !first.hasPrefix("-"), first != "help" {
      let verb = IMSTrace.configuration.subcommands.first { $0.configuration.commandName == first }
      let rest = verb == nil ? arguments : Array(arguments.dropFirst())
      if let command = try? (verb ?? CheckCommand.self).parseAsRoot(rest) { return command }
    }
    return try IMSTrace.parseAsRoot(arguments)
  }

  /// Help, version, and what is wrong with the command line.
  private static func parserSaid(_ error: any Error) -> ExitStatus {
    let text = IMSTrace.fullMessage(for: error)
    switch IMSTrace.exitCode(for: error) {
    case .success:
      let output = Output.standard()
      // Only the help of the program itself lists commands; its first line is broken where the terminal is narrow.
      let isRootHelp = text.contains("\nSUBCOMMANDS:")
      output.write((isRootHelp ? IMSTrace.examples + "\n" : "") + text + "\n")
      output.close()
      return .success
    case .validationFailure:
      Complaint.raw(text + "\n")
      return .usage
    default:
      Complaint.say(text)
      return .defect
    }
  }
}

struct IMSTrace: ParsableCommand {
  static let version = "0.1.0"
  static let summary = "Reads captures of an IMS core, joins SIP and Diameter Cx into registrations, and judges them."
  static let examples = """
    EXAMPLES:
      imstrace check core.pcapng
      imstrace ladder core.pcapng --user 001010000000001
      imstrace check --format json ue.pcap pcscf.pcap hss.pcap
      tcpdump -i any -U -w - 'port 5060 or port 3868' | imstrace check -

    """

  // A closure: a key path into the metatypes crashes the compiler (6.3.1).
  static let verbs = configuration.subcommands.compactMap { $0.configuration.commandName }

  static let configuration = CommandConfiguration(
    commandName: "imstrace", abstract: summary,
    discussion: """
      Without a verb it checks: 'imstrace core.pcapng' is 'imstrace check core.pcapng'.

      Exit codes: 0 nothing at or above --fail-on; 1 findings at or above it; 2 wrong usage; 3 an input could not be read \
      or holds no registration; 4 a defect of imstrace; 5 the output could not be written; 130 interrupted, after a \
      report of what was read.
      """,
    version: version,
    subcommands: [
      CheckCommand.self, FlowsCommand.self, LadderCommand.self, DiagramCommand.self, ViaCommand.self, DumpCommand.self,
      RulesCommand.self, ExplainCommand.self, SequenceCommand.self, ProfileCommand.self,
    ],
    defaultSubcommand: CheckCommand.self)
}
