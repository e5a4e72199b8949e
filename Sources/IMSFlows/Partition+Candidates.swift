import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

// Which of several registrations of one subscriber a Cx exchange belongs to.
extension Partition {
  /// The one whose Call-ID or User-Name the request names; else the one whose REGISTER waits for such an exchange; else the one that
  /// began last before the request; else the next.
  ///
  /// - Parameter number: of the exchange. Those before it have their registration.
  func choose(_ candidates: [Int], for number: Int) -> Int? {
    let pair = pairs[number]
    var candidates = candidates
    if let request = pair.request, let diameter = messages[request].diameter {
      if let callID = diameter.callID {
        let named = candidates.filter { procedures[$0].callID == Fingerprint(of: callID) }
        if !named.isEmpty { candidates = named }
      }
      if let name = diameter.userName {
        let own = candidates.filter { !isOfAnother(than: name, $0) }
        if !own.isEmpty { candidates = own }
      }
      candidates = fitting(candidates, pair, diameter)
    }
    return waiting(among: candidates, number) ?? begun(among: candidates, pair)
  }

  /// Whatever the clocks say, who asks for a de-registration got one; where they cannot be compared, who asks for a registration got none.
  private func fitting(_ candidates: [Int], _ pair: CxPair, _ question: DiameterMessage) -> [Int] {
    let type = question.serverAssignmentType ?? 0
    let isOfOne = question.userAuthorizationType == 1 || type == 5 || type == 7
    let isOfNone = pair.command == .userAuthorization || type == 1 || type == 2
    guard isOfOne || isOfNone && candidates.contains(where: { clockDoubt(pair, $0) > RoundFinder.tolerance }) else {
      return candidates
    }
    let own = candidates.filter { takesAway($0) == isOfOne }
    return own.isEmpty ? candidates : own
  }

  /// What an I-CSCF asks stands before the REGISTER that it sends on, which may be the first thing seen of a registration.
  private func begun(among candidates: [Int], _ pair: CxPair) -> Int? {
    func isEarlier(_ one: Int, _ other: Int) -> Bool { procedures[one].start < procedures[other].start }
    let begun = candidates.filter { procedures[$0].start <= pair.time }.max(by: isEarlier)
    let next = candidates.filter { procedures[$0].start > pair.time }.min(by: isEarlier)
    guard let begun, let next else { return begun ?? next }
    guard procedures[begun].isAnswered, procedures[begun].last < pair.time else { return begun }
    if pair.command == .userAuthorization, procedures[next].depth == 2 { return next }
    // By clocks that nobody can compare the next may have begun before: the nearer one then.
    let wait = procedures[next].start - pair.time
    return wait < min(pair.time - procedures[begun].last, clockDoubt(pair, next)) ? next : begun
  }

  /// How much later than a question the REGISTER that caused it may seem to have come.
  private func clockDoubt(_ pair: CxPair, _ procedure: Int) -> Interval {
    guard let question = pair.request ?? pair.answer,
      let first = messages.indices.first(where: { owners[$0] == Int32(procedure) && facts[$0].isRegister })
    else { return .zero }
    let isKnown = clocks.compares(messages[question].firstPoint, messages[first].firstPoint)
    return isKnown ? RoundFinder.tolerance : Partition.clockDoubt
  }

  /// Clocks that are off by more are looked for before (docs/decisions/0026).
  private static let clockDoubt = Interval.seconds(1)

  /// A node asks the HSS when a REGISTER comes to it, not when it has long been silent.
  private static let promptness = Interval.seconds(2)

  /// The one with the REGISTER that came first, of those that are not answered at that time and have had no such exchange. Better than
  /// that is one that came just now, then one that went to the node that asks, then one that came as far at all, then one that asks for
  /// just this: a vector is for a REGISTER that is to be challenged, an assignment for one that answers a challenge.
  private func waiting(among candidates: [Int], _ number: Int) -> Int? {
    let pair = pairs[number]
    var best: (procedure: Int, fit: Int, start: Timestamp)?
    for round in rounds.indices {
      guard let member = roundMembers[round].first, candidates.contains(Int(owners[member])) else { continue }
      let end = rounds[round].isAnswered ? rounds[round].last : .distantFuture
      // What is seen first between I-CSCF and S-CSCF comes after what the I-CSCF asks.
      if pair.command == .userAuthorization, depths[member] == 2 { continue }
      guard rounds[round].start <= pair.time, pair.time <= end else { continue }
      let isServed = pairs[..<number].contains { other in
        other.command == pair.command && other.time >= rounds[round].start
          && (other.request ?? other.answer).map { owners[$0] == owners[member] } ?? false
      }
      if isServed { continue }
      let place = nearness(of: round, to: pair)
      let fit = (isRecent(round, at: pair.time) ? 8 : 0) + 2 * place + (isDue(pair.command, in: round) ? 1 : 0)
      if let best, best.fit > fit || best.fit == fit && best.start <= rounds[round].start { continue }
      best = (Int(owners[member]), fit, rounds[round].start)
    }
    return best?.procedure
  }

  /// Was its REGISTER sent, on whichever hop, not long before?
  private func isRecent(_ round: Int, at time: Timestamp) -> Bool {
    roundMembers[round].contains { index in
      facts[index].isRequest
        && messages[index].transmissions.contains { $0.time <= time && time - $0.time < Self.promptness }
    }
  }

  /// 2 for a REGISTER that has come to the node that asks, by its address; 1 for one that has come as far, else 0.
  private func nearness(of round: Int, to pair: CxPair) -> Int {
    let node = pair.request.map { facts[$0].source.address } ?? pair.answer.map { facts[$0].destination.address }
    let depth = pair.command == .userAuthorization ? 1 : 2
    var nearness = 0
    for index in roundMembers[round] where facts[index].isRequest && facts[index].time <= pair.time {
      if facts[index].destination.address == node { return 2 }
      if depths[index] >= depth { nearness = 1 }
    }
    return nearness
  }

  private func isDue(_ command: CommandCode, in round: Int) -> Bool {
    let responds = roundMembers[round].contains { facts[$0].isRequest && authentication[$0].responds }
    return switch command {
    case .multimediaAuth: !responds
    case .serverAssignment: responds
    default: true
    }
  }

  private func takesAway(_ procedure: Int) -> Bool {
    messages.indices.contains { index in
      owners[index] == Int32(procedure) && facts[index].isRequest && messages[index].sip?.takesAway ?? false
    }
  }

  /// Do its REGISTERs carry credentials, and those of another user?
  func isOfAnother(than name: Text, _ procedure: Int) -> Bool {
    var isNamed = false
    for index in messages.indices where owners[index] == Int32(procedure) && facts[index].isRequest {
      for digest in messages[index].sip?.authorization ?? [] {
        guard let user = digest.username, !user.isEmpty else { continue }
        if user == name { return false }
        isNamed = true
      }
    }
    return isNamed
  }
}
