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
    /// Whose it is; nil for a node whose role is not known.
    var domain: String?

    /// For a syntax that knows no groups, from the top.
    var lines: [String] { [title, address, domain ?? ""].filter { !$0.isEmpty } }
  }

  struct Message {
    /// Indices of participants.
    var from: Int
    var to: Int
    /// The label, and what stands under it.
    var lines: [String]
    /// What stands beside it, in short lines; often none.
    var remark: [String]
    var isReply: Bool
    var fate: LadderLayout.Arrow.Fate
    var severity: Severity?
    /// Of the message in its registration.
    var index: Int?
  }

  /// A finding, or what a phase holds.
  struct Note {
    /// Indices of participants, the left one first.
    var from: Int
    var to: Int
    var text: String
    /// Nil for what is no finding.
    var severity: Severity?
    /// Of the finding, from 1.
    var number: Int?
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
  /// Those that are drawn, in their order.
  private(set) var pages: [[Item]] = []
  /// Of the first of them, from 1.
  private let firstPage: Int
  private let pageCount: Int

  /// - Parameter page: that page alone, from 1; nil for all.
  init(_ layout: LadderLayout, title: String, subtitle: String, page: Int? = nil, _ style: Style) {
    self.title = style.text(title)
    self.subtitle = style.text(subtitle)
    participants = layout.lanes.enumerated().map { number, lane in
      Participant(
        id: "n\(number + 1)", title: style.text(lane.title), address: style.text(lane.address),
        domain: lane.domain?.rawValue)
    }
    groups = layout.groups.map { ($0.domain?.rawValue, $0.lanes) }
    let all = layout.pages
    pageCount = all.count
    firstPage = page.map { max(1, min($0, all.count)) } ?? 1
    var told = Set<Int>()
    var pages = all.map { rows in rows.flatMap { DiagramScript.items($0, layout, &told, style) } }
    // Findings of messages that are not drawn.
    for note in layout.notes where !layout.options.filters && !participants.isEmpty && !told.contains(note.number) {
      pages[pages.count - 1].append(.note(Note(note, from: 0, to: participants.count - 1, style)))
    }
    self.pages = page == nil ? pages : [pages[firstPage - 1]]
  }

  private static func items(
    _ row: LadderLayout.Row, _ layout: LadderLayout, _ told: inout Set<Int>, _ style: Style
  ) -> [Item] {
    switch row {
    case .phase(let title): return [.phase(style.text(title))]
    case .summary(let summary):
      return [.note(Note(from: summary.from, to: summary.to, text: style.text(summary.text), severity: nil))]
    case .arrow(let arrow):
      var items: [Item] = [.message(Message(arrow, layout.notes, style))]
      for note in layout.notes where arrow.notes.contains(note.number) && told.insert(note.number).inserted {
        items.append(.note(Note(note, from: min(arrow.from, arrow.to), to: max(arrow.from, arrow.to), style)))
      }
      return items
    }
  }

  /// All that is drawn, for a syntax that knows no pages.
  var items: [Item] { pages.flatMap(\.self) }

  /// "page 2 of 3"; nil where there is one page alone.
  func pageTitle(_ index: Int) -> String? { pageCount > 1 ? "page \(firstPage + index) of \(pageCount)" : nil }

  /// With the number of the page, where there are several.
  func title(ofPage index: Int) -> String { pageTitle(index).map { "\(title), \($0)" } ?? title }
}

extension DiagramScript {
  /// Of a registration, under its outcome.
  init(_ report: FlowReport, _ options: LadderLayout.Options, page: Int? = nil, _ style: Style) {
    let flow = report.flow
    let plain = Style(unicode: style.unicode, colour: false, width: style.width, revealKeys: style.revealKeys)
    self.init(
      LadderLayout(report, options),
      title: "#\(report.id) \(flow.identity) \(flow.outcome.rawValue)\(flow.statusText)", subtitle: flow.cause,
      page: page,
      plain)
  }
}

extension LadderLayout.Arrow {
  /// The longest label of at most `count` characters; the shortest of all where none is.
  func label(within count: Int) -> String { labels.first { $0.count <= count } ?? labels.last ?? "" }
}

extension DiagramScript.Message {
  /// What a label may be long, in characters: lanes stand as far apart as their labels need.
  private static let longest = 26
  /// Characters of a line of a remark.
  static let remarkWidth = 44

  init(_ arrow: LadderLayout.Arrow, _ notes: [LadderLayout.Note], _ style: Style) {
    var words = [style.text(arrow.label(within: Self.longest))]
    if !arrow.frame.isEmpty { words.append("(frame \(arrow.frame))") }
    if arrow.times > 1 { words.append("\(style.unicode ? "×" : "x")\(arrow.times)") }
    words += arrow.notes.map { "!\($0)" } + arrow.remarks.map { style.text($0) }
    self.init(
      from: arrow.from, to: arrow.to, lines: [words.joined(separator: " ")] + arrow.parameters.map { style.text($0) },
      remark: Layout.wrapped(style.text(arrow.remark), Self.remarkWidth),
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
