import ArgumentParser
import IMSViews

struct ViaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "via", abstract: "Show the Via stack of a registration on each hop, side by side.",
    discussion: """
      imstrace via core.pcapng --registration 3
      imstrace via core.pcapng --user 001010000000001 --route

      Requests on their way to the S-CSCF, responses on their way back: what was pushed, popped and changed. Shows every
      registration that is selected; without a selection the first one that did not end well, else the first.
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var work: WorkOptions

  @Flag(help: "Show Route, Path and Service-Route instead.")
  var route = false

  @OptionGroup var style: StyleOptions

  func run() throws {
    throw try RegistrationPrinter(input: input, work: work, style: style).run { report, others, style in
      StackView.render(report, fields: route ? StackLayout.Field.routes : [.via], others: others, style: style)
    }
  }
}
