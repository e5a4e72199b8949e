import IMSAccess
import IMSBytes
package import IMSFlows
import IMSMessages
package import IMSRules
import IMSSIP
import IMSWire

/// A registration as lanes and rows: what every ladder view draws. Only this decides order, lanes and labels.
package struct LadderLayout: Sendable {
  package struct Lane: Sendable, Hashable {
    /// "P-CSCF", or the address of a node whose role is not known.
    package var title: String
    /// "10.20.0.10:5060"; empty when nothing is known.
    package var address: String
    /// Nil for a node whose role is not known.
    package var domain: Domain?
  }

  package struct Arrow: Sendable, Hashable {
    package enum Fate: Sendable, Hashable {
      case seen
      /// Was sent and did not arrive, as far as the capture tells.
      case lost
      /// The documented sequence asks for it, and it was not there.
      case missing
      /// Of the documented sequence alone.
      case expected
    }

    /// Frame number of the earliest sighting, with the number of its input where a second one took part; empty for a
    /// missing message.
    package var frame: String
    /// Since the start of the registration; nil for a missing message.
    package var milliseconds: String?
    /// Of the documented sequence: "E3".
    package var step: String
    /// Answers something, whatever the protocol.
    package var isReply: Bool
    /// Lanes; equal when one node plays both roles.
    package var from: Int
    package var to: Int
    /// From the longest to the shortest.
    package var labels: [String]
    package var fate: Fate
    /// How often it was sent, from 1.
    package var times: Int
    /// Numbers of notes, from 1.
    package var notes: [Int]
    /// "extra", "out of order", "lost"; of the access network, what was asked for or given.
    package var remarks: [String]
    /// "Via: SIP/2.0/UDP …": what the full view writes under the arrow.
    package var parameters: [String] = []
    /// What the step does, and what the capture shows of it; empty where remarks are not asked for.
    package var remark = ""
    /// Index of the message in its registration; nil for what was not seen.
    package var message: Int?
  }

  /// Words across some lanes: what a phase holds, where its messages are not drawn or are none.
  package struct Summary: Sendable, Hashable {
    /// Lanes, the left one first.
    package var from: Int
    package var to: Int
    package var text: String
  }

  package enum Row: Sendable, Hashable {
    case phase(String)
    case arrow(Arrow)
    case summary(Summary)

    var isPhase: Bool { if case .phase = self { true } else { false } }
  }

  /// Findings that differ in their frames only, tied to their arrows by one number.
  package struct Note: Sendable, Hashable {
    /// From 1.
    package var number: Int
    package var severity: Severity
    package var rule: String
    package var title: String
    package var message: String
    package var clauses: [Clause]
    /// How many findings there are, from 1.
    package var count: Int
    package var observed: String
    package var expected: String
    /// Indices of the messages concerned.
    package var messages: [Int]
  }

  package private(set) var lanes: [Lane] = []
  package private(set) var rows: [Row] = []
  package private(set) var notes: [Note] = []

  let options: Options
  private let flow: Flow
  private let namesInputs: Bool
  private var lane: [LaneKey: Int] = [:]

  package init(_ report: FlowReport, _ options: Options = Options()) {
    self.options = options
    flow = report.flow
    namesInputs = flow.namesInputs
    guard options.show != .expected else {
      layExpected(SequencePass.passes(of: flow))
      return
    }
    let groups = options.show == .overlay ? FindingGroup.groups(of: report.findings) : []
    notes = groups.enumerated().map { number, group in
      Note(
        number: number + 1, severity: group.finding.severity, rule: group.finding.rule, title: group.finding.title,
        message: group.finding.message, clauses: group.finding.clauses, count: group.count,
        observed: group.finding.observed, expected: group.finding.expected,
        messages: Set(group.finding.messages).sorted())
    }
    layLanes(
      flow.messages.filter { options.includes($0.hop, $0.from, $0.to) }.flatMap { LadderLayout.ends($0) }
        + deviations.filter { $0.kind == .missing }.flatMap { [.role($0.from), .role($0.to)] })
    layRows(groups)
    dropEmptyPhases()
    if options.detail == .overview { rows = overview }
  }

  /// The documented registration alone, or a variant of it, with no capture behind it.
  package init(documented variant: Variant = .of(.main), _ options: Options = Options()) {
    self.options = options
    flow = Flow(empty: .distantPast)
    namesInputs = false
    layExpected(variant.passes)
  }

  /// Those that are drawn.
  private var deviations: [Deviation] {
    options.show == .overlay
      ? (flow.deviations + flow.unseen).filter { options.includes($0.hop, $0.from, $0.to) } : []
  }

  /// The rows that are messages.
  package var arrows: [Arrow] {
    rows.compactMap { row in
      if case .arrow(let arrow) = row { return arrow }
      return nil
    }
  }
}

// MARK: - Lanes

/// A role, or the address of a node without one.
private enum LaneKey: Hashable, Comparable {
  case role(Role)
  case address(IPAddress)

  static func < (left: LaneKey, right: LaneKey) -> Bool {
    switch (left, right) {
    case (.role(let left), .role(let right)): left < right
    case (.address(let left), .address(let right)): left < right
    case (.role, .address): true
    case (.address, .role): false
    }
  }
}

extension LadderLayout {
  private mutating func layLanes(_ keys: [LaneKey]) {
    for (number, key) in Set(keys).sorted().enumerated() {
      lane[key] = number
      switch key {
      case .role(let role):
        lanes.append(Lane(title: role.rawValue, address: address(of: role), domain: Domain(role)))
      case .address(let address): lanes.append(Lane(title: "\(address)", address: ""))
      }
    }
  }

  private static func ends(_ placed: FlowMessage) -> [LaneKey] {
    [
      placed.from.map { .role($0) } ?? .address(placed.message.source.address),
      placed.to.map { .role($0) } ?? .address(placed.message.destination.address),
    ]
  }

  private func address(of role: Role) -> String {
    if let party = flow.parties.first(where: { $0.role == role }) {
      return party.port.map { "\(Endpoint(party.address, $0))" } ?? "\(party.address)"
    }
    if let sent = flow.messages.first(where: { $0.from == role }) { return "\(sent.message.source.address)" }
    return flow.messages.first { $0.to == role }.map { "\($0.message.destination.address)" } ?? ""
  }
}

// MARK: - Rows

extension LadderLayout {
  private mutating func layRows(_ groups: [FindingGroup]) {
    let phases = Phases(flow)
    let missing = missingByPlace()
    let lost = lostMessages()
    var marks: [Int: [Int]] = [:]
    for (number, group) in groups.enumerated() {
      for index in Set(group.finding.messages) { marks[index, default: []].append(number + 1) }
    }
    var round = -1
    var hasAccess = false
    for index in flow.messages.indices {
      let placed = flow.messages[index]
      if !hasAccess, placed.isAccess {
        hasAccess = true
        rows.append(.phase(Phases.accessTitle(placed)))
      }
      if let next = phases.round[index], next > round {
        round = next
        layAgreement(before: next)
        rows.append(.phase(phases.titles[next]))
      }
      rows += (missing.before[index] ?? []).map { .arrow(arrow(missing: $0)) }
      if options.includes(placed.hop, placed.from, placed.to) {
        rows.append(.arrow(arrow(index, marks: marks[index] ?? [], isLost: lost.contains(index))))
      }
      rows += (missing.after[index] ?? []).map { .arrow(arrow(missing: $0)) }
    }
  }

  private mutating func layAgreement(before round: Int) {
    guard let text = LadderLayout.agreement(before: round, in: flow), let ue = lane[.role(.ue)],
      let pcscf = lane[.role(.pcscf)], options.includes(.h0, .ue, .pcscf)
    else { return }
    rows.append(.phase("IPsec Security Association Establishment"))
    rows.append(.summary(Summary(from: min(ue, pcscf), to: max(ue, pcscf), text: text)))
  }

  private func arrow(_ index: Int, marks: [Int], isLost: Bool) -> Arrow {
    let placed = flow.messages[index]
    let message = placed.message
    let ends = LadderLayout.ends(placed).map { lane[$0] ?? 0 }
    let odd = deviations.filter { $0.message == index && $0.kind != .missing }.map(\.word)
    // What a gateway answers is longer than any arrow.
    let said = message.access.map { $0.detail.isEmpty ? [] : ["\($0.name): \($0.detail)"] } ?? []
    return Arrow(
      frame: flow.firstFrame(of: message, naming: namesInputs),
      milliseconds: TimeText.milliseconds(message.time - flow.start),
      step: placed.step ?? "", isReply: !placed.asks, from: ends[0], to: ends[1], labels: message.arrowLabels,
      fate: isLost ? .lost : .seen, times: message.transmissions.count, notes: marks,
      remarks: odd + (isLost ? ["lost"] : []) + said,
      parameters: options.detail == .full
        ? MessageParameters.lines(of: message, revealKeys: options.revealKeys) : [],
      remark: options.remarks ? StepRemark.text(index, in: flow) : "", message: index)
  }

  private func arrow(missing deviation: Deviation) -> Arrow {
    Arrow(
      frame: "", milliseconds: nil, step: deviation.step, isReply: deviation.from > deviation.to,
      from: lane[.role(deviation.from)] ?? 0, to: lane[.role(deviation.to)] ?? 0,
      labels: LadderLayout.missingLabels(deviation.label), fate: .missing, times: 1, notes: [],
      remarks: flow.unseen.contains(deviation) ? ["packets lost in the capture"] : [],
      remark: options.remarks ? remark(of: deviation) : "")
  }

  /// The longest first.
  private static func missingLabels(_ label: String) -> [String] {
    let short = label.split(separator: " ").first.map(String.init) ?? label
    return (short == label ? ["missing \(label)"] : ["missing \(label)", "missing \(short)"]) + ["\(short)?"]
  }

  private func remark(of deviation: Deviation) -> String {
    let purpose = StepRemark.purpose(of: deviation.step, isReply: deviation.from > deviation.to)
    return [purpose, "Here: it was not seen."].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// Behind the message that they were due after; what was due before everything else of its pass, in front of the first
  /// message that has a step of that pass.
  private func missingByPlace() -> (before: [Int: [Deviation]], after: [Int: [Deviation]]) {
    var before: [Int: [Deviation]] = [:]
    var after: [Int: [Deviation]] = [:]
    for deviation in deviations where deviation.kind == .missing {
      if let index = deviation.message {
        after[index, default: []].append(deviation)
      } else {
        let isGranted = deviation.step.hasPrefix("E")
        let first = flow.messages.firstIndex { placed in
          !placed.isAccess && placed.step.map { $0.hasPrefix("E") == isGranted } ?? false
        }
        before[first ?? 0, default: []].append(deviation)
      }
    }
    return (before, after)
  }

  private mutating func dropEmptyPhases() {
    guard options.filters else { return }
    rows = rows.indices.filter { index in
      !rows[index].isPhase || index + 1 < rows.count && !rows[index + 1].isPhase
    }.map { rows[$0] }
  }

  /// What the documented sequence asks for, whether it was seen or not.
  private mutating func layExpected(_ passes: [SequencePass]) {
    let steps = passes.flatMap(\.steps).filter { options.includes($0.hop, $0.from, $0.to) }
    layLanes(steps.flatMap { [.role($0.from), .role($0.to)] })
    for pass in passes {
      rows.append(.phase(pass.title))
      for step in pass.steps where options.includes(step.hop, step.from, step.to) {
        rows.append(
          .arrow(
            Arrow(
              frame: "", milliseconds: nil, step: step.id, isReply: step.isReply,
              from: lane[.role(step.from)] ?? 0,
              to: lane[.role(step.to)] ?? 0, labels: step.arrowLabels, fate: .expected, times: 1, notes: [],
              remarks: step.presence == .conditional ? ["conditional"] : [],
              remark: options.remarks ? StepRemark.purpose(of: step.id, isReply: step.isReply) : "")))
      }
    }
    dropEmptyPhases()
    if options.detail == .overview { rows = overview }
  }

  /// What is known to be lost, and the final responses of the last round that left the P-CSCF, when nothing reached the UE.
  private func lostMessages() -> Set<Int> {
    let lost = Set(flow.lost.map(\.message))
    guard flow.outcome == .unanswered, flow.seenAt == .h0, let round = flow.rounds.last else { return lost }
    let responses = round.transactions.map { flow.transactions[$0] }.filter { $0.hop == .h0 }.flatMap(\.responses)
    return lost.union(responses.filter { flow.messages[$0].status >= 200 })
  }
}
