import ArgumentParser
import IMSViews

struct LadderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ladder", abstract: "Draw a registration as a ladder.",
    discussion: """
      imstrace ladder core.pcapng --user 001010000000001

      Draws every registration that is selected; without a selection the first one that did not end well, else the first.
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var work: WorkOptions
  @OptionGroup var style: StyleOptions

  func run() throws {
    throw try RegistrationPrinter(input: input, work: work, style: style).run { report, others, style in
      LadderView.render(report, others: others, style: style)
    }
  }
}
