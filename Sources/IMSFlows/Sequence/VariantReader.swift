import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// Tells which variants of the documented sequence a registration is, by what was seen of it. None where its beginning was
/// not, or where nothing tells.
///
/// The first of them that knows how a round ended gives its table, so that what is seldom goes before what is usual:
/// what was refused, what was asked for, how it was proven, who took part.
struct VariantReader {
  let flow: Flow

  func variants() -> [Variant.ID] {
    switch flow.kind {
    case .thirdParty: return [.thirdParty]
    case .networkDeregistration: return [byNetwork]
    default: break
    }
    guard !flow.rounds.isEmpty else { return [] }
    var found = refusals
    if let asked { found.append(asked) }
    if let mechanism { found.append(mechanism) }
    // Each costs a look at messages that most registrations need not have.
    if isCombined { found.append(.v1) }
    if hasBorder { found.append(.v19) }
    if hasOutbound { found.append(.v20) }
    let isMain = found.isEmpty && flow.kind == .initial && flow.mechanism == .aka
    if isMain { found = Self.main }
    if flow.messages.indices.contains(where: { flow.messages[$0].isAccess }) { found.append(.access) }
    return found
  }

  private static let main: [Variant.ID] = [.main]

  // MARK: the network of itself

  private var byNetwork: Variant.ID {
    let types = flow.messages.lazy.filter { $0.command == .serverAssignment && $0.asks }
      .compactMap { $0.message.diameter?.serverAssignmentType }
    switch types.first {
    case 8: return .v5c
    case 4, 6: return .v5b
    default: return .v5a
    }
  }

  // MARK: refusals

  private var refusals: [Variant.ID] {
    var found: [Variant.ID] = []
    let challenges = challengedRounds
    if challenges > 1, isResynchronised { found.append(.v7) }
    if isReselected { found.append(.v10) }
    if hasFinal(423) { found.append(.v11) }
    if hasFinal(305) { found.append(.v12) }
    guard flow.outcome != .registered, flow.outcome != .deregistered else { return found }
    if let byHSS { found.append(byHSS) }
    if found.isEmpty, let proof = failedProof(challenges) { found.append(proof) }
    return found
  }

  private func hasFinal(_ status: Int) -> Bool {
    flow.transactions.contains { transaction in transaction.finals.contains { flow.messages[$0].status == status } }
  }

  /// By the last word of the HSS on who the UE is: what was asked again and answered is forgotten.
  private var byHSS: Variant.ID? {
    let exchange = flow.exchanges.last { exchange in
      exchange.request.map { flow.messages[$0].command == .userAuthorization } ?? false
    }
    guard let exchange else { return nil }
    guard let answer = exchange.answer.flatMap({ flow.messages[$0].message.diameter }) else {
      return flow.outcome == .rejected && flow.view(of: exchange.hop).losses.isEmpty ? .v13 : nil
    }
    if answer.isSuccess { return nil }
    if answer.resultCode == 5003 { return .v8 }
    switch answer.experimentalResult?.code {
    case 5001, 5002: return .v8
    case 5004: return .v9
    default: return .v13
    }
  }

  private func failedProof(_ challenges: Int) -> Variant.ID? {
    guard challenges > 0, let last = flow.rounds.indices.last, flow.mechanism == .aka || flow.mechanism == .digest
    else {
      return nil
    }
    let end = SequencePass.End(of: last, in: flow)
    if flow.outcome == .abandoned, flow.rounds.count == 1 { return .v6d }
    guard last > 0, flow.outcome == .rejected || flow.outcome == .abandoned else { return nil }
    if end == .answerRefused {
      func isOnMw(_ round: Int) -> Bool { flow.rounds[round].transactions.contains { flow.transactions[$0].hop > .h0 } }
      let status = flow.finalStatus ?? 0
      if status == 494 || (isOnMw(0) && !isOnMw(last) && flow.view(of: .h1).state == .seen) { return .v6e }
      return status == 403 ? .v6a : nil
    }
    guard let credentials = firstRequest(of: last)?.authorization.first, credentials.auts == nil else { return nil }
    let isEmpty = credentials.response?.isEmpty ?? true
    if isEmpty, !(credentials.nonce?.isEmpty ?? true) { return .v6c }
    return end == .challenged && !isEmpty ? .v6a : nil
  }

  private var challengedRounds: Int {
    flow.rounds.indices.count { round in
      flow.rounds[round].transactions.contains { number in
        flow.transactions[number].finals.contains { flow.messages[$0].status == 401 }
      }
    }
  }

  private var isResynchronised: Bool {
    flow.rounds.indices.dropFirst().contains { round in
      firstRequest(of: round)?.authorization.contains { $0.auts != nil } ?? false
    }
  }

  /// One REGISTER at several S-CSCFs, one after the other.
  private var isReselected: Bool {
    flow.rounds.indices.contains { flow.isReselected(in: $0) }
  }

  private func firstRequest(of round: Int) -> SIPMessage? {
    for number in flow.rounds[round].transactions {
      if let request = flow.transactions[number].requests.first, let sip = flow.messages[request].sip { return sip }
    }
    return nil
  }

  // MARK: what is asked for

  private var asked: Variant.ID? {
    switch flow.kind {
    case .fetch: .v21
    case .emergency: .v18
    case .deregistration: .v4
    case .refresh: challengedRounds > 0 ? .v3 : .v2
    case .initial, .unknown, .thirdParty, .networkDeregistration: nil
    }
  }

  // MARK: how it is proven

  private var mechanism: Variant.ID? {
    switch flow.mechanism {
    case .giba: .v14
    case .digest: says("tls-pending") || says("tls-yes") ? .v16 : .v15
    case .tls: isConnectedByTLS ? .v17c : .v16
    case .nba: .v17a
    case .none, .unknown: isTrusted ? .v17b : nil
    case .aka: nil
    }
  }

  private func says(_ word: Text) -> Bool {
    flow.rounds.indices.contains { round in
      flow.rounds[round].transactions.contains { number in
        flow.transactions[number].requests.contains { index in
          flow.messages[index].sip?.authorization.contains { $0.integrityProtected?.equalsIgnoringCase(word) ?? false }
            ?? false
        }
      }
    }
  }

  private var isConnectedByTLS: Bool { says("tls-connected") }
  private var isTrusted: Bool { says("auth-done") }

  // MARK: who takes part

  private var isCombined: Bool {
    if flow.transactions.contains(where: { $0.hop == .h2 }) { return false }
    func address(_ hop: Hop) -> IPAddress? {
      flow.exchanges.lazy.filter { $0.hop == hop }.compactMap(\.request).first.map {
        flow.messages[$0].message.source.address
      }
    }
    guard let server = address(.c2) else { return false }
    return address(.c1) == server
  }

  private var hasBorder: Bool { !flow.borders.isEmpty }

  private var hasOutbound: Bool {
    guard let first = firstRequest(of: 0), first.mentions("reg-id", in: .contact) else { return false }
    return first.contacts.contains { $0.parameters.has("reg-id") }
  }
}

extension Flow {
  /// Did this REGISTER go to several S-CSCFs, one after the other?
  func isReselected(in round: Int) -> Bool {
    let sent = rounds[round].transactions.filter { transactions[$0].hop == .h2 }
    if sent.count < 2 { return false }
    return Set(sent.compactMap { transactions[$0].requests.first }.map { messages[$0].message.destination }).count > 1
  }

  /// Its transactions with several S-CSCFs of which none took it: silent, gone, or without room; empty where one did.
  package func deadServers(in round: Int) -> [Transaction] {
    guard isReselected(in: round) else { return [] }
    let tried = rounds[round].transactions.map { transactions[$0] }.filter { $0.hop == .h2 && !$0.requests.isEmpty }
    let areDead = tried.allSatisfy { transaction in
      transaction.finals.isEmpty
        || transaction.finals.contains { index in
          let status = messages[index].status
          return (300..<400).contains(status) || (500..<600).contains(status) || status == 408 || status == 480
        }
    }
    return areDead ? tried : []
  }
}
