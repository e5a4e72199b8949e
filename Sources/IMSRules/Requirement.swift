package import IMSDiameter
package import IMSFlows
import IMSMessages
import IMSSIP

/// What a registration must be for a rule to apply: its kind, mechanism, outcome, and what the documented sequence expects
/// of it; never that some message is present, which is a `Need`.
///
/// A class: rules that share a condition are told by it, so that it is asked once for all of them.
package final class Condition: Sendable, Equatable {
  package let text: String
  let holds: @Sendable (Flow) -> Bool

  package init(_ text: String, _ holds: @escaping @Sendable (Flow) -> Bool) {
    self.text = text
    self.holds = holds
  }

  package static func == (left: Condition, right: Condition) -> Bool { left === right }

  /// Every procedure that a REGISTER begins.
  package static let register = Condition("every REGISTER of a UE") {
    ![.networkDeregistration, .thirdParty].contains($0.kind)
  }

  /// A grant to an initial REGISTER, or to one of which the capture does not show whether it is one.
  package static let grantedInitially = Condition("a granted initial registration") { flow in
    guard flow.outcome == .registered, ![.giba, .nba].contains(flow.mechanism) else { return false }
    return [.initial, .emergency].contains(flow.kind) || (flow.kind == .refresh && !flow.startSeen)
  }

  package static let granted = Condition("a granted registration or refresh") {
    $0.outcome == .registered && [.initial, .refresh, .emergency, .unknown].contains($0.kind)
  }

  /// Calls of an emergency registration go by way of the P-CSCF's own routing, and barring does not matter there
  /// (TS 24.229 §5.2.10, §5.4.8).
  static let grantedNormally = Condition("a granted registration or refresh, no emergency one") {
    granted.holds($0) && $0.kind != .emergency
  }

  package static let grantedOrDeregistered = Condition("a granted registration, refresh or de-registration") {
    [.registered, .deregistered].contains($0.outcome)
      && [.initial, .refresh, .emergency, .deregistration, .unknown].contains($0.kind)
  }

  /// Credentials are proved by a digest.
  package static let authenticated = Condition("a registration with AKA or SIP Digest") {
    [.aka, .digest].contains($0.mechanism) && ![.networkDeregistration, .thirdParty].contains($0.kind)
  }

  /// AKA, as a challenge, an offered security mechanism or a vector shows.
  package static let aka = Condition("a registration with AKA") {
    $0.mechanism == .aka && ![.networkDeregistration, .thirdParty].contains($0.kind)
  }

  /// The network challenged, on whichever hop that shows.
  package static let challenged = Condition("a registration that was challenged with AKA") { flow in
    flow.mechanism == .aka
      && (flow.index.hasVectors || flow.index.seen.contains { $0.status == 401 })
  }
}

/// What must have been captured for a rule to judge.
package enum Need: Sendable, Equatable {
  /// The beginning of the registration.
  case start
  /// A request or a response of this status class on any one of these hops; nil means any SIP message.
  case message(status: ClosedRange<Int>?, on: [Hop])
  /// A request and its final response on any one of these hops.
  case transaction(on: [Hop])
  /// A Cx request and its answer.
  case exchange(CommandCode)
  /// What the UE should answer: a MAR and its answer, or the key of the subscriber.
  case vector
  /// The hop is seen or visible, so that a missing message is missing.
  case absence(on: Hop)
  /// Judged wherever it was seen; passes only where each of these hops was.
  case everyHop([Hop])
  /// The copies of one request on two neighbouring hops; passes only where each pair was seen.
  case everyPair([HopPair])
  /// So many packets that two capture points saw, in either direction. Asked of the capture by the check itself.
  case sharedPackets(Int)

  package struct HopPair: Sendable, Equatable {
    package var inner: Hop
    package var outer: Hop

    /// From the UE inward.
    package static let sip = [HopPair(.h0, .h1), HopPair(.h1, .h2)]

    package init(_ inner: Hop, _ outer: Hop) {
      self.inner = inner
      self.outer = outer
    }
  }

  /// Does the check run at all without it?
  var isScope: Bool {
    switch self {
    case .everyHop, .everyPair: true
    default: false
    }
  }

  /// Hops whose messages are judged.
  var hops: [Hop] {
    switch self {
    case .start, .sharedPackets: []
    case .message(_, let hops), .transaction(let hops), .everyHop(let hops): hops
    case .exchange(let command): [Ledger.hop(of: command)].compactMap(\.self)
    case .vector: Need.exchange(.multimediaAuth).hops
    case .absence(let hop): [hop]
    case .everyPair(let pairs): pairs.flatMap { [$0.inner, $0.outer] }
    }
  }

  /// The same as a set.
  var hopSet: HopSet {
    switch self {
    case .start, .sharedPackets: return HopSet([])
    case .message(_, let hops), .transaction(let hops), .everyHop(let hops): return HopSet(hops)
    case .vector: return Need.exchange(.multimediaAuth).hopSet
    case .exchange(let command):
      var hops = HopSet([])
      if let hop = Ledger.hop(of: command) { hops.insert(hop) }
      return hops
    case .absence(let hop):
      var hops = HopSet([])
      hops.insert(hop)
      return hops
    case .everyPair(let pairs):
      var hops = HopSet([])
      for pair in pairs {
        hops.insert(pair.inner)
        hops.insert(pair.outer)
      }
      return hops
    }
  }

  package var text: String {
    switch self {
    case .start: "the beginning of the registration"
    case .message(let status, let hops):
      "\(status.map { Need.name($0) } ?? "a SIP message") on \(Need.any(hops))"
    case .transaction(let hops): "request and final response on \(Need.any(hops))"
    case .exchange(let command): "\(Need.name(command)) with its answer on \(Ledger.hop(of: command)?.rawValue ?? "Cx")"
    case .vector: "\(Need.exchange(.multimediaAuth).text), or the key of the subscriber"
    case .absence(let hop): "\(hop.rawValue) captured while the message was due"
    case .everyHop(let hops): "each of \(hops.map(\.rawValue).joined(separator: ", "))"
    case .everyPair(let pairs):
      "the same request on " + pairs.map { "\($0.inner.rawValue) and \($0.outer.rawValue)" }.joined(separator: ", on ")
    case .sharedPackets(let count): "at least \(count) packets that two capture points saw, there and back"
    }
  }

  private static func any(_ hops: [Hop]) -> String { hops.map(\.rawValue).joined(separator: " or ") }

  private static func name(_ status: ClosedRange<Int>) -> String {
    status.count == 1 ? "a \(status.lowerBound)" : "a \(status.lowerBound / 100)xx"
  }

  private static func name(_ command: CommandCode) -> String {
    switch command {
    case .userAuthorization: "UAR"
    case .multimediaAuth: "MAR"
    case .serverAssignment: "SAR"
    case .registrationTermination: "RTR"
    default: "command \(command.rawValue)"
    }
  }
}

/// What an unmet need means for the verdict.
enum Unmet: Equatable {
  case unobservable(Unobservable, Hop?)
  /// The hop was visible and the message was not sent: there is nothing to judge.
  case notSent
}

extension Need {
  /// Nil when the need is met.
  func unmet(by flow: Flow) -> Unmet? {
    switch self {
    case .start: return flow.startSeen ? nil : .unobservable(.noStart, nil)
    case .message(let status, let hops): return isOpen(flow) ? nil : Need.reason(hops, flow, isAnswered: status != nil)
    case .transaction(let hops): return isOpen(flow) ? nil : Need.reason(hops, flow)
    case .exchange: return isOpen(flow) ? nil : Need.reason(hops, flow)
    case .vector:
      return flow.facts.provenVectors.isEmpty ? Need.exchange(.multimediaAuth).unmet(by: flow) : nil
    case .absence(let hop): return Need.blindness(hop, flow)
    case .sharedPackets: return nil
    case .everyHop(let hops):
      for hop in hops { if let unmet = Need.blindness(hop, flow) { return unmet } }
      return nil
    case .everyPair(let pairs):
      for pair in pairs {
        if let unmet = Need.blindness(pair.inner, flow) ?? Need.blindness(pair.outer, flow) { return unmet }
      }
      return nil
    }
  }

  private func isOpen(_ flow: Flow) -> Bool { PreparedNeed(self).isMet(by: flow) }

  /// - Parameter isAnswered: what is needed is an answer, and where each REGISTER has another one none was lost.
  private static func reason(_ hops: [Hop], _ flow: Flow, isAnswered: Bool = false) -> Unmet? {
    // What the HSS refused at the I-CSCF goes no farther.
    if flow.outcome == .rejected, hops.allSatisfy({ $0 == .h2 || $0 == .c2 }), flow.endsAtICSCF { return .notSent }
    if !flow.index.observableHops.isDisjoint(with: HopSet(hops)) {
      for hop in hops {
        guard let loss = flow.loss(on: hop, from: flow.start, to: flow.end) else { continue }
        if !isAnswered || !flow.isAnswered(on: hop) { return .unobservable(loss, hop) }
      }
      return flow.outcome == .partial ? .unobservable(flow.startSeen ? .noEnd : .noStart, hops.first) : .notSent
    }
    let isOpaque = hops.contains { flow.view(of: $0).state == .opaque }
    return .unobservable(isOpaque ? .opaque : .noHop, hops.first)
  }

  private static func blindness(_ hop: Hop, _ flow: Flow) -> Unmet? {
    // What the HSS refused at the I-CSCF goes no farther: nothing was to be seen there.
    if [.h2, .c2].contains(hop), flow.view(of: hop).state == .blind, flow.endsAtICSCF { return nil }
    switch flow.view(of: hop).state {
    case .seen, .visible: return nil
    case .opaque: return .unobservable(.opaque, hop)
    case .blind: return .unobservable(.noHop, hop)
    }
  }
}

extension Flow {
  /// Each REGISTER of the UE was seen there with its final response.
  fileprivate func isAnswered(on hop: Hop) -> Bool {
    rounds.allSatisfy { round in
      round.transactions.contains { transactions[$0].hop == hop && !transactions[$0].finals.isEmpty }
    }
  }
}
