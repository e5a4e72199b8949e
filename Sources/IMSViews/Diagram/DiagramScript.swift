import IMSFlows
import IMSRules

/// A layout as the lines of a diagram: what every diagram syntax writes, in its order, with the texts as they may be shown.
/// Writers decide nothing but spelling.
struct DiagramScript {
  struct Participant {
    /// "n1": fit for every syntax.
    var id: String
    var title: String
    var address: String
  }

  struct Message {
    /// Indices of participants.
    var from: Int
    var to: Int
    /// The label, and what stands under it.
    var lines: [String]
    var isReply: Bool
    var fate: LadderLayout.Arrow.Fate
    var severity: Severity?
    /// Of the message in its registration.
    var index: Int?
  }

  struct Note {
    /// Indices of participants, the left one first.
    var from: Int
    var to: Int
    var text: String
    var severity: Severity
    /// Of the finding, from 1.
    var number: Int
  }

  enum Item {
    case phase(String)
    case message(Message)
    case note(Note)
  }

  var title: String
  var subtitle: String
  var participants: [Participant]
  /// Participants that stand side by side in one domain.
  var groups: [(title: String?, members: [Int])]
  var items: [Item] = []

  init(_ layout: LadderLayout, title: String, subtitle: String, _ style: Style) {
    self.title = style.text(title)
    self.subtitle = style.text(subtitle)
    participants = layout.lanes.enumerated().map { number, lane in
      Participant(
        id: "n\(number + 1)", title: style.text(lane.title), address: style.text(lane.address))
    }
    groups = layout.groups.map { ($0.domain?.rawValue, $0.lanes) }
    var told = Set<Int>()
    for row in layout.rows {
      switch row {
      case .phase(let title): items.append(.phase(style.text(title)))
      case .arrow(let arrow):
        items.append(.message(Message(arrow, layout.notes, style)))
        for note in layout.notes where arrow.notes.contains(note.number) && told.insert(note.number).inserted {
          let (left, right) = (min(arrow.from, arrow.to), max(arrow.from, arrow.to))
          items.append(.note(Note(note, from: left, to: right, style)))
        }
      }
    }
    // Findings of messages that are not drawn.
    for note in layout.notes where !layout.options.filters && !participants.isEmpty && !told.contains(note.number) {
      items.append(.note(Note(note, from: 0, to: participants.count - 1, style)))
    }
  }
}

extension DiagramScript {
  /// Of a registration, under its outcome.
  init(_ report: FlowReport, _ options: LadderLayout.Options, _ style: Style) {
    let flow = report.flow
    let plain = Style(unicode: style.unicode, colour: false, width: style.width, revealKeys: style.revealKeys)
    self.init(
      LadderLayout(report, options),
      title: "#\(report.id) \(flow.identity) \(flow.outcome.rawValue)\(flow.statusText)", subtitle: flow.cause, plain)
  }
}

extension LadderLayout.Arrow {
  /// The longest label of at most `count` characters; the shortest of all where none is.
  func label(within count: Int) -> String { labels.first { $0.count <= count } ?? labels.last ?? "" }
}

extension DiagramScript.Message {
  /// What a label may be long, in characters: lanes stand as far apart as their labels need.
  private static let longest = 32

  init(_ arrow: LadderLayout.Arrow, _ notes: [LadderLayout.Note], _ style: Style) {
    var words = [style.text(arrow.label(within: Self.longest))]
    if !arrow.frame.isEmpty { words.append("(frame \(arrow.frame))") }
    if arrow.times > 1 { words.append("\(style.unicode ? "×" : "x")\(arrow.times)") }
    words += arrow.notes.map { "!\($0)" } + arrow.remarks.map { style.text($0) }
    self.init(
      from: arrow.from, to: arrow.to, lines: [words.joined(separator: " ")] + arrow.parameters.map { style.text($0) },
      isReply: arrow.isReply, fate: arrow.fate,
      severity: notes.filter { arrow.notes.contains($0.number) }.map(\.severity).max(), index: arrow.message)
  }
}

extension DiagramScript.Note {
  fileprivate init(_ note: LadderLayout.Note, from: Int, to: Int, _ style: Style) {
    self.init(from: from, to: to, text: note.text(style), severity: note.severity, number: note.number)
  }
}

extension LadderLayout.Note {
  /// "!1 error VIA006: the P-CSCF did not … (RFC 3261 §16.7)".
  fileprivate func text(_ style: Style) -> String {
    let clauses = Clause.list(clauses)
    let times = count > 1 ? " ×\(count)" : ""
    let said = "!\(number) \(severity.rawValue) \(rule)\(times): \(message)"
    return style.text(said + (clauses.isEmpty ? "" : " (\(clauses))"))
  }
}
