import ArgumentParser
import IMSAnalysis
import IMSFlows
import IMSMessages
import IMSRules
import IMSViews
import IMSWire

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump", abstract: "List the messages of a capture, a line for each time one was sent.",
    discussion: """
      imstrace dump core.pcapng
      imstrace dump core.pcapng --verbose --call-id a84b4c76e66710@10.10.0.2

      Copies of a message at other capture points are one line. With --registration the messages of that registration \
      are listed.
      """)

  @OptionGroup var input: InputOptions

  @Flag(name: [.short, .long], help: "Show headers and AVPs too.")
  var verbose = false

  @OptionGroup var style: StyleOptions

  func run() throws {
    let options = try input.options()
    let session = Session(input)
    let output = Output.standard()
    let style = style.style(for: output)
    var lines = 0
    let run: RunReport
    if input.registration != nil {
      var chosen: FlowReport?
      run = Analyzer(options).run(session.sources) { chosen = $0 }
      let names = InterfaceNames(run.inputs)
      for (message, transmission) in chosen?.flow.sendings ?? [] {
        lines += 1
        session.print(text(message, transmission, lines, run.recorders, style, names), to: output)
      }
    } else {
      run = MessageLister(options).run(session.sources) { line in
        lines += 1
        session.print(text(line.message, line.transmission, line.number, line.recorders, style, line.names), to: output)
      }
    }
    output.close()
    throw ExitStatus.first(of: session.conclude(run, found: lines > 0, sought: .message))
  }

  private func text(
    _ message: Message, _ transmission: Int, _ number: Int, _ recorders: Recorders, _ style: Style,
    _ names: InterfaceNames
  ) -> String {
    let line = MessageLineView.line(
      message, transmission: transmission, number: number, recorders: recorders, style: style,
      interfaceName: { names($0) })
    return line + "\n" + (verbose && transmission == 0 ? MessageLineView.details(message, style: style) : "")
  }
}

extension Flow {
  /// Every transmission of every message, in order of time.
  fileprivate var sendings: [(message: Message, transmission: Int)] {
    messages.map(\.message)
      .flatMap { message in message.transmissions.indices.map { (message: message, transmission: $0) } }
      .sorted { left, right in
        let (a, b) = (
          left.message.transmissions[left.transmission].earliest,
          right.message.transmissions[right.transmission].earliest
        )
        return (a.time, a.point, a.frames.first) < (b.time, b.point, b.frames.first)
      }
  }
}
