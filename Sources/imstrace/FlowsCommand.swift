import ArgumentParser
import IMSAnalysis
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSRules
import IMSSIP
import IMSViews

struct FlowsCommand: ParsableCommand {
  enum Key: String, ExpressibleByArgument, CaseIterable {
    case callID = "call-id"
    case sessionID = "session-id"

    func value(of message: Message) -> Text? {
      switch self {
      case .callID: message.callID
      case .sessionID: message.diameter?.sessionID
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "flows", abstract: "List the registrations of a capture, a line each.",
    discussion: """
      imstrace flows core.pcapng
      imstrace flows core.pcapng --by call-id
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var work: WorkOptions

  @Option(help: "Group all messages by this key instead, registrations or not. Holds every message in memory.")
  var by: Key?

  @OptionGroup var style: StyleOptions

  func run() throws {
    let options = try input.setup(work).options
    let session = Session(input)
    let output = Output.standard()
    let style = style.style(for: output)
    if let by {
      throw try group(by, session, options, output, style)
    }
    var isFirst = true
    let run = Analyzer(options).run(session.sources) { report in
      session.countRegistration()
      if isFirst { session.print(FlowsView.header() + "\n", to: output) }
      session.print(FlowsView.line(report, style: style) + "\n", to: output)
      isFirst = false
    }
    output.close()
    throw ExitStatus.first(of: session.conclude(run, found: run.registrations > 0))
  }

  private func group(
    _ key: Key, _ session: Session, _ options: Options, _ output: Output, _ style: Style
  ) throws -> ExitStatus {
    let (messages, run) = messages(session, options)
    var order: [Text] = []
    var groups: [Text: [Message]] = [:]
    for message in messages {
      guard let value = key.value(of: message) else { continue }
      if groups[value] == nil { order.append(value) }
      groups[value, default: []].append(message)
    }
    for value in order {
      let text = GroupView.group(
        key: value.string, messages: groups[value] ?? [], recorders: run.recorders, style: style)
      session.print(text, to: output)
    }
    output.close()
    return ExitStatus.first(of: session.conclude(run, found: !order.isEmpty, sought: .message))
  }

  private func messages(_ session: Session, _ options: Options) -> (messages: [Message], run: RunReport) {
    guard input.registration != nil else {
      return MessageLister(options).collect(session.sources)
    }
    var messages: [Message] = []
    let run = Analyzer(options).run(session.sources) { messages = $0.flow.messages.map(\.message) }
    return (messages, run)
  }
}
