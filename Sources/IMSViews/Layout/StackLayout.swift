import IMSBytes
package import IMSFlows
package import IMSRules
import IMSSIP

/// The header fields that proxies stack, hop beside hop: what was pushed, popped and changed on the way. What the views of
/// them draw is decided here alone.
package struct StackLayout: Sendable {
  package enum Field: Sendable, Hashable {
    case via, route, path, serviceRoute

    package static let routes: [Field] = [.route, .path, .serviceRoute]

    package var name: String { header.name }

    fileprivate var header: HeaderName {
      switch self {
      case .via: .via
      case .route: .route
      case .path: .path
      case .serviceRoute: .serviceRoute
      }
    }
  }

  package enum Change: Sendable, Hashable {
    /// On the first hop that was seen: there is nothing to compare it with.
    case first
    case pushed
    case kept
    /// How it differs from the hop before: "+received=192.0.2.1", "branch=b (was a)".
    case changed([String])
    /// It stood on top of the hop before, and was taken off as it should.
    case popped
    /// It stood on the hop before, and nobody was to take it off.
    case gone
  }

  /// An entry of a stack on one hop.
  package struct Cell: Sendable, Hashable {
    /// Of `entries`.
    package var entry: Int
    /// As on this hop; of what was taken off, as on the hop before.
    package var text: String
    package var change: Change
  }

  /// A message, and its stack.
  package struct Column: Sendable, Hashable {
    package var hop: Hop
    package var from: String
    package var to: String
    /// "REGISTER", "401 Unauthorized"; "no final response".
    package var label: String
    /// Frame number as the ladder has it; empty for a response that was not seen.
    package var frame: String
    /// A cell a row; nil where the stack has no such entry.
    package var cells: [Cell?] = []
  }

  /// The requests of one round, or their responses, with one header field.
  package struct Table: Sendable, Hashable {
    /// Index of the round.
    package var round: Int
    package var field: Field
    package var isRequest: Bool
    /// From the UE on.
    package var columns: [Column]
    /// The topmost entry first.
    package var rows: Int { columns.first?.cells.count ?? 0 }
  }

  /// Each entry once, as it was first seen, in the order of its first appearance.
  package private(set) var entries: [String] = []
  package private(set) var tables: [Table] = []
  /// "REGISTER (CSeq 1)" by round.
  package private(set) var titles: [String] = []
  private var known: [String: Int] = [:]

  package init(_ report: FlowReport, fields: [Field] = [.via]) {
    let flow = report.flow
    titles = flow.rounds.map { "REGISTER\($0.cseqText)" }
    for round in flow.rounds.indices {
      let legs = Leg.legs(of: round, in: flow)
      for field in fields {
        for isRequest in [true, false] {
          let table = table(round, field, isRequest, legs, flow)
          if table.rows > 0 { tables.append(table) }
        }
      }
    }
  }

  /// "A", "B", … "Z", "AA": how an entry is called.
  package static func letter(_ entry: Int) -> String {
    let last = String(UnicodeScalar(UInt8(65 + entry % 26)))
    return entry < 26 ? last : letter(entry / 26 - 1) + last
  }
}

// MARK: - Legs

/// A transaction on one hop, and the one that caused it.
private struct Leg {
  var hop: Hop
  var request: Int
  /// The first final response.
  var response: Int?
  /// Index of the leg nearer to the UE that it continues.
  var outer: Int?

  static func legs(of round: Int, in flow: Flow) -> [Leg] {
    let transactions = flow.rounds[round].transactions.map { flow.transactions[$0] }.filter { !$0.requests.isEmpty }
      .sorted { ($0.hop, $0.requests[0]) < ($1.hop, $1.requests[0]) }
    var legs: [Leg] = []
    for transaction in transactions {
      let request = transaction.requests[0]
      let before = legs.indices.filter { legs[$0].hop < transaction.hop }
      let nearest = before.map { legs[$0].hop }.max()
      // The last of that hop that came before; messages stand in the order of time.
      let outer = before.filter { legs[$0].hop == nearest }
      legs.append(
        Leg(
          hop: transaction.hop, request: request, response: transaction.finals.first,
          outer: forwarded(by: request, legs, flow) ?? outer.last { legs[$0].request < request } ?? outer.first))
    }
    return legs
  }

  /// The leg whose topmost Via stands below that of this request, on the same hop too where a border element sent it on.
  private static func forwarded(by request: Int, _ legs: [Leg], _ flow: Flow) -> Int? {
    guard let sip = flow.messages[request].sip else { return nil }
    func vias(_ leg: Int) -> Int { flow.messages[legs[leg].request].facts.viaCount }
    return legs.indices.filter { leg in
      vias(leg) < flow.messages[request].facts.viaCount
        && flow.messages[legs[leg].request].sip.map(sip.forwards) ?? false
    }.max { vias($0) < vias($1) }
  }
}

extension StackLayout {
  private mutating func table(
    _ round: Int, _ field: Field, _ isRequest: Bool, _ legs: [Leg], _ flow: Flow
  ) -> Table {
    let stacks = legs.map { leg in
      (isRequest ? leg.request : leg.response).map { flow.messages[$0].sip?.list(field.header) ?? [] } ?? []
    }
    var lists: [[Cell]] = []
    for (number, leg) in legs.enumerated() {
      // A response comes from the leg that its request went on to.
      let before = isRequest ? leg.outer : legs.indices.last { legs[$0].outer == number && legs[$0].response != nil }
      lists.append(
        cells(
          stacks[number], before: before.map { stacks[$0] }, pops: isRequest ? field == .route : field == .via,
          isSeen: isRequest || leg.response != nil))
    }
    let order = StackLayout.order(of: lists)
    let columns = zip(legs, lists).map { leg, list in
      var column = StackLayout.column(leg, isRequest, flow)
      column.cells = order.map { entry in list.first { $0.entry == entry } }
      return column
    }
    return Table(round: round, field: field, isRequest: isRequest, columns: columns)
  }

  private static func column(_ leg: Leg, _ isRequest: Bool, _ flow: Flow) -> Column {
    let placed = (isRequest ? leg.request : leg.response).map { flow.messages[$0] }
    let ends = isRequest ? leg.hop.ends : (client: leg.hop.ends.server, server: leg.hop.ends.client)
    return Column(
      hop: leg.hop, from: (placed?.from ?? ends.client).rawValue, to: (placed?.to ?? ends.server).rawValue,
      label: placed.map { $0.message.arrowLabels.last ?? "" } ?? "no final response",
      frame: placed.map { flow.firstFrame(of: $0.message) } ?? "")
  }

  /// The entries of all columns, each once: what stands above another in a column stands above it here too.
  private static func order(of lists: [[Cell]]) -> [Int] {
    var order: [Int] = []
    for list in lists {
      var place = order.endIndex
      for cell in list.reversed() {
        if let index = order.firstIndex(of: cell.entry) {
          place = index
        } else {
          order.insert(cell.entry, at: place)
        }
      }
    }
    return order
  }
}

// MARK: - Changes

extension StackLayout {
  /// - Parameters:
  ///   - before: the stack on the hop that the message came from; nil where that was not seen.
  ///   - pops: the topmost entry of that is taken off by who sends it on.
  private mutating func cells(_ stack: [Text], before: [Text]?, pops: Bool, isSeen: Bool) -> [Cell] {
    guard isSeen else { return [] }
    let items = stack.map { StackEntry($0) }
    guard let before else { return items.map { Cell(entry: number(of: $0), text: $0.text, change: .first) } }
    let old = before.map { StackEntry($0) }
    var free = Array(old.indices)
    // The same entry first, then what is most like it.
    var matches = [Int?](repeating: nil, count: items.count)
    for isAlike in [StackEntry.isSame, StackEntry.isAlike] {
      for index in items.indices where matches[index] == nil {
        guard let match = free.first(where: { isAlike(items[index], old[$0]) }) else { continue }
        matches[index] = match
        free.removeAll { $0 == match }
      }
    }
    let kept = zip(items, matches).map { item, match -> Cell in
      guard let match else { return Cell(entry: number(of: item), text: item.text, change: .pushed) }
      let differences = item.differences(from: old[match])
      let entry = number(of: old[match])
      known[item.identity] = entry
      return Cell(entry: entry, text: item.text, change: differences.isEmpty ? .kept : .changed(differences))
    }
    let lost = free.map { index in
      Cell(entry: number(of: old[index]), text: old[index].text, change: pops && index == 0 ? .popped : .gone)
    }
    return lost.filter { $0.change == .popped } + kept + lost.filter { $0.change == .gone }
  }

  private mutating func number(of entry: StackEntry) -> Int {
    if let number = known[entry.identity] { return number }
    known[entry.identity] = entries.count
    entries.append(entry.text)
    return entries.count - 1
  }
}

/// A Via, or an address of a route.
private struct StackEntry {
  let text: String
  /// What stays the same as long as nobody breaks it: sent-by and branch, or the URI.
  let identity: String
  /// By which an entry is known again that somebody changed.
  private let place: String
  /// "SIP/2.0/UDP 192.0.2.1:5060", "<sip:p.example>".
  private let head: String
  private let parameters: [(name: String, value: String?)]

  init(_ raw: Text) {
    text = raw.unfolded.string
    if let via = Via(raw) {
      let sentBy = via.sentBy.host.lowercased.string + (via.sentBy.port.map { ":\($0)" } ?? "")
      head = "\(via.protocolName.string)/\(via.version.string)/\(via.transport.string) \(sentBy)"
      place = sentBy
      identity = "via \(sentBy) \(via.branch?.string ?? "")"
      parameters = StackEntry.list(via.parameters)
    } else if let address = NameAddr(raw) {
      head = "<\(address.uriText.string)>"
      place = address.uri.host.lowercased.string + (address.uri.user.map { " \($0.string)" } ?? "")
      identity = "route \(address.uriText.string)"
      parameters = StackEntry.list(address.parameters)
    } else {
      (head, place, identity, parameters) = (text, text, text, [])
    }
  }

  private static func list(_ parameters: Parameters) -> [(name: String, value: String?)] {
    parameters.map { ($0.name.lowercased.string, $0.value?.string) }
  }

  static func isSame(_ left: StackEntry, _ right: StackEntry) -> Bool { left.identity == right.identity }
  static func isAlike(_ left: StackEntry, _ right: StackEntry) -> Bool { left.place == right.place }

  func differences(from old: StackEntry) -> [String] {
    var differences = head == old.head ? [] : ["\(head) (was \(old.head))"]
    for parameter in parameters {
      let before = old.parameters.first { $0.name == parameter.name }
      let spelled = parameter.name + (parameter.value.map { "=\($0)" } ?? "")
      if before == nil {
        differences.append("+\(spelled)")
      } else if let before, before.value != parameter.value {
        differences.append("\(spelled) (was \(before.value ?? "without a value"))")
      }
    }
    for before in old.parameters where !parameters.contains(where: { $0.name == before.name }) {
      differences.append("-\(before.name)" + (before.value.map { "=\($0)" } ?? ""))
    }
    return differences
  }
}
