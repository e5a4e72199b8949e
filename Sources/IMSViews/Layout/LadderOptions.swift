package import IMSFlows

extension LadderLayout {
  /// What of a registration is drawn.
  package struct Options: Sendable, Equatable {
    package enum Detail: String, Sendable, CaseIterable {
      /// The phases alone.
      case overview
      /// An arrow a message.
      case hop
      /// With the parameters under each arrow.
      case full
    }

    package enum Show: String, Sendable, CaseIterable {
      /// The documented sequence of the variant.
      case expected
      /// The capture, and nothing else.
      case observed
      /// The capture, with what the documented sequence asks for and the findings.
      case overlay
    }

    package var detail: Detail
    package var show: Show
    /// The interfaces of one node alone.
    package var only: Role?
    /// These hops alone; empty for all.
    package var hops: [Hop]
    /// Say beside each message what it is for.
    package var remarks: Bool
    package var revealKeys: Bool

    package init(
      detail: Detail = .hop, show: Show = .overlay, only: Role? = nil, hops: [Hop] = [], remarks: Bool = false,
      revealKeys: Bool = false
    ) {
      self.detail = detail
      self.show = show
      self.only = only
      self.hops = hops
      self.remarks = remarks
      self.revealKeys = revealKeys
    }

    func includes(_ hop: Hop?, _ from: Role?, _ to: Role?) -> Bool {
      if let only, from != only, to != only { return false }
      guard !hops.isEmpty else { return true }
      return hop.map { hops.contains($0) } ?? false
    }

    var filters: Bool { only != nil || !hops.isEmpty }
  }

  /// Whose node it is, as the documented sequence groups its parties.
  package enum Domain: String, Sendable, CaseIterable {
    case userEquipment = "User Equipment"
    case visited = "Visited network"
    case internet = "Internet"
    case home = "Home network"

    init(_ role: Role) {
      switch role {
      case .ue: self = .userEquipment
      case .dhcp, .sgsn, .sgw, .pgw, .pcscf: self = .visited
      case .dns: self = .internet
      case .icscf, .scscf, .agent, .hss, .applicationServer: self = .home
      }
    }
  }

  /// Lanes that stand side by side in one domain; nil for nodes whose role is not known.
  package var groups: [(domain: Domain?, lanes: [Int])] {
    var groups: [(domain: Domain?, lanes: [Int])] = []
    for index in lanes.indices {
      if let last = groups.last, last.domain == lanes[index].domain {
        groups[groups.count - 1].lanes.append(index)
      } else {
        groups.append((lanes[index].domain, [index]))
      }
    }
    return groups
  }
}

extension SequencePass {
  /// Of each REGISTER of the UE; the documented registration where none was seen.
  static func passes(of flow: Flow) -> [SequencePass] {
    if flow.rounds.isEmpty { return Variant.of(flow.variants.first ?? .main).passes }
    return flow.rounds.indices.map { round in
      SequencePass(
        "CSeq \(flow.rounds[round].cseq)", End(of: round, in: flow), MainSequence.pass(of: round, in: flow))
    }
  }
}

extension Step {
  /// Labels for an arrow, the longest first: the status alone where its reason has no room.
  var arrowLabels: [String] {
    func head(_ text: String) -> String { text.split(separator: " ").first.map(String.init) ?? text }
    if what == .refusal, !detail.isEmpty { return [detail, head(detail)] }
    if !detail.isEmpty { return ["\(label) \(detail)", label] }
    let short = what == .query || what == .resolution ? String(label.dropFirst(4)) : head(label)
    return head(label) == label ? [label] : [label, short]
  }
}
