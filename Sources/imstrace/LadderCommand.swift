import ArgumentParser
import IMSAnalysis
import IMSFlows
import IMSRules
import IMSViews

struct LadderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ladder", abstract: "Draw a registration as a ladder.",
    discussion: """
      imstrace ladder core.pcapng --user 001010000000001

      Draws every registration that is selected; without a selection the first one that did not end well, else the first.
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var style: StyleOptions

  func run() throws {
    let options = try input.options()
    let session = Session(input)
    let output = Output.standard()
    let style = style.style(for: output)
    var candidates = Candidates()
    let drawsAll = !options.selection.isEverything
    let run = Analyzer(options).run(session.sources) { report in
      session.countRegistration()
      if drawsAll {
        session.print(LadderView.render(report, others: 0, style: style), to: output)
      } else {
        candidates.consider(report)
      }
    }
    if let chosen = candidates.chosen {
      session.print(LadderView.render(chosen, others: run.registrations - 1, style: style), to: output)
    }
    output.close()
    throw ExitStatus.first(of: session.conclude(run, found: run.registrations > 0))
  }
}
