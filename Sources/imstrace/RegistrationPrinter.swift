import IMSAnalysis
import IMSFlows
import IMSRules
import IMSViews

/// Prints every registration that is selected; without a selection the first one that did not end well, else the first.
struct RegistrationPrinter {
  let input: InputOptions
  let work: WorkOptions
  let style: StyleOptions

  /// - Parameter render: of a registration, and how many others there are that are not shown.
  func run(_ render: (FlowReport, Int, Style) -> String) throws -> ExitStatus {
    let options = try input.setup(work).options
    let session = Session(input)
    let output = Output.standard()
    let style = style.style(for: output)
    var candidates = Candidates()
    let drawsAll = !options.selection.isEverything
    let run = Analyzer(options).run(session.sources) { report in
      session.countRegistration()
      if drawsAll {
        session.print(render(report, 0, style), to: output)
      } else {
        candidates.consider(report)
      }
    }
    if let chosen = candidates.chosen {
      session.print(render(chosen, run.registrations - 1, style), to: output)
    }
    output.close()
    return ExitStatus.first(of: session.conclude(run, found: run.registrations > 0))
  }
}
