import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// Cuts the messages of one subscriber into registrations. A pure function of the messages, so that it does not matter
/// in which order they arrived or how often it is asked.
///
/// A registration is one procedure: from the REGISTER that begins it to its last final answer, however many challenges
/// and retransmissions lie between. Where SIP was not captured, the Cx requests alone tell it.
struct Partition {
  let messages: [Message]
  /// What the subscriber's last closed registration left behind.
  let before: Binding?
  private(set) var procedures: [Procedure] = []
  /// Messages that belong to no registration and to no open one.
  private(set) var strays: [Int] = []
  private(set) var depths: [Int: Int] = [:]
  private var superseded = Set<Int>()

  /// `messages` are sorted by (time, input, frame).
  init(_ messages: [Message], before: Binding?) {
    self.messages = messages
    self.before = before
    let rounds = registerRounds()
    cutRounds(rounds)
    let pairs = cxPairs()
    var loose = assign(pairs)
    takeNetworkDeregistrations(&loose)
    cutCx(loose)
    takeNotifications()
    sortOut()
  }

  // MARK: SIP

  private mutating func registerRounds() -> [RegisterRound] {
    var groups: [Fingerprint: [UInt32: [Int]]] = [:]
    for (index, message) in messages.enumerated() {
      guard let keys = message.keys, keys.method == .register else { continue }
      groups[keys.callID, default: [:]][keys.cseq, default: []].append(index)
    }
    var rounds: [RegisterRound] = []
    for (callID, byCSeq) in groups {
      for (cseq, indices) in byCSeq {
        let depths = HopDepth.assign(indices, in: messages)
        self.depths.merge(depths) { $1 }
        rounds.append(
          RegisterRound(
            callID: callID, cseq: cseq, start: messages[indices[0]].time, messages: indices,
            view: RoundView(indices, in: messages, depths: depths)))
      }
    }
    return rounds.sorted { ($0.start, $0.messages[0]) < ($1.start, $1.messages[0]) }
  }

  private mutating func cutRounds(_ rounds: [RegisterRound]) {
    var open: [Fingerprint: (procedure: Int, last: RegisterRound)] = [:]
    for round in rounds {
      if let current = open[round.callID], continues(current.last, round) {
        procedures[current.procedure].messages += round.messages
        procedures[current.procedure].lastCSeq = max(procedures[current.procedure].lastCSeq, round.cseq)
        procedures[current.procedure].closesAt = closing(round)
        open[round.callID] = (current.procedure, round.cseq > current.last.cseq ? round : current.last)
      } else if isStraggler(round) {
        strays += round.messages
      } else {
        if let current = open[round.callID] { endBefore(round, procedure: current.procedure) }
        procedures.append(
          Procedure(
            messages: round.messages, start: round.start, closesAt: closing(round), callID: round.callID,
            lastCSeq: round.cseq))
        open[round.callID] = (procedures.count - 1, round)
      }
    }
  }

  /// A copy of something that belongs to a registration that was closed before.
  private func isStraggler(_ round: RegisterRound) -> Bool {
    guard let before, before.callID == round.callID, round.cseq <= before.cseq else { return false }
    return !round.messages.contains { messages[$0].sip?.isRequest == true && depths[$0] == 0 }
  }

  /// A later REGISTER of the same Call-ID belongs to the same registration while the last answer was an intermediate one.
  private func continues(_ last: RegisterRound, _ next: RegisterRound) -> Bool {
    guard next.cseq > last.cseq else { return next.start - last.start < Timers.finalResponseUE }
    guard let final = last.view.final, let status = messages[final].sip?.status else {
      return answersChallenge(next, of: last)
    }
    let wait = next.start - messages[final].time
    switch status {
    case 401, 407:
      return wait <= Timers.awaitAuthentication && (answersChallenge(next, of: last) || next.view.request == nil)
    case 423, 494, 420, 421: return wait <= Timers.finalResponse
    default: return false
    }
  }

  /// Does the next REGISTER carry the nonce of a challenge that some hop showed for the last one?
  private func answersChallenge(_ next: RegisterRound, of last: RegisterRound) -> Bool {
    let nonces = Set(last.messages.flatMap { messages[$0].sip?.wwwAuthenticate.compactMap(\.nonce) ?? [] })
    return next.messages.contains { index in
      guard let sip = messages[index].sip, sip.isRequest else { return false }
      return sip.authorization.contains { $0.nonce.map { nonces.contains($0) } ?? false }
    }
  }

  /// When nothing of this round can follow any more.
  private func closing(_ round: RegisterRound) -> Timestamp {
    let last = round.messages.map { messages[$0].time }.max() ?? round.start
    guard let final = round.view.final, let status = messages[final].sip?.status else {
      return max(round.start + UETimer.finalResponse(of: round, in: messages), last + Timers.linger)
    }
    let time = messages[final].time
    if status == 401 || status == 407 {
      let aka = messages[final].sip?.wwwAuthenticate.contains { Mechanism.isAKA($0.algorithm) } ?? false
      return time + (aka ? Timers.awaitAuthentication : Timers.awaitDigest) + Timers.linger
    }
    let wait = [420, 421, 423, 494].contains(status) ? Timers.finalResponse : Timers.linger
    return max(time + wait, last)
  }

  /// The UE began anew: the registration before is over, but what trails behind it may still come.
  private mutating func endBefore(_ round: RegisterRound, procedure: Int) {
    procedures[procedure].closesAt = min(procedures[procedure].closesAt, round.start + Timers.finalResponse)
    superseded.insert(procedure)
  }

  /// Did the UE begin a new registration before this one was over?
  func isSuperseded(_ procedure: Int) -> Bool { superseded.contains(procedure) }

  // MARK: Cx

  private func cxPairs() -> [CxPair] {
    var pairs: [CxPair] = []
    var pending: [Fingerprint: Int] = [:]
    var early: [Fingerprint: Int] = [:]
    for (index, message) in messages.enumerated() {
      guard let diameter = message.diameter else { continue }
      let key = Router.exchangeKey(diameter, message)
      if diameter.isRequest, let pair = early.removeValue(forKey: key),
        message.time - pairs[pair].time < Timers.clockSlack
      {
        pairs[pair].request = index
      } else if diameter.isRequest {
        pending[key] = pairs.count
        pairs.append(CxPair(request: index, answer: nil, time: message.time, command: diameter.command))
      } else if let pair = pending.removeValue(forKey: key) {
        pairs[pair].answer = index
      } else {
        early[key] = pairs.count
        pairs.append(CxPair(request: nil, answer: index, time: message.time, command: diameter.command))
      }
    }
    return pairs
  }

  /// Gives each Cx exchange to the SIP registration in whose time it lies; what remains is returned.
  private mutating func assign(_ pairs: [CxPair]) -> [CxPair] {
    let sip = procedures.indices
    return pairs.filter { pair in
      guard [.userAuthorization, .multimediaAuth, .serverAssignment].contains(pair.command) else { return true }
      let fitting = sip.filter {
        pair.time >= procedures[$0].start - Timers.clockSlack && pair.time <= lastSIP(procedures[$0]) + Timers.linger
      }
      guard let procedure = choose(fitting, for: pair) else { return true }
      procedures[procedure].messages += [pair.request, pair.answer].compactMap(\.self)
      return false
    }
  }

  private func lastSIP(_ procedure: Procedure) -> Timestamp {
    // Open procedures still wait for their answer: what lies before the closing time may belong to them.
    let answered = procedure.messages.contains { (messages[$0].sip?.status ?? 0) >= 200 }
    let last = procedure.messages.map { messages[$0].time }.max() ?? procedure.start
    return answered ? last : max(last, procedure.closesAt)
  }

  /// Of several, the one whose Call-ID the request names; else the one that began last before the request; else the next.
  private func choose(_ candidates: [Int], for pair: CxPair) -> Int? {
    var candidates = candidates
    if candidates.count > 1, let request = pair.request, let callID = messages[request].diameter?.callID {
      let named = candidates.filter { procedures[$0].callID == Fingerprint(of: callID) }
      if !named.isEmpty { candidates = named }
    }
    let begun = candidates.filter { procedures[$0].start <= pair.time }
    return begun.max { procedures[$0].start < procedures[$1].start }
      ?? candidates.min { procedures[$0].start < procedures[$1].start }
  }

  private mutating func takeNetworkDeregistrations(_ loose: inout [CxPair]) {
    loose.removeAll { pair in
      guard pair.command == .registrationTermination else { return false }
      let members = [pair.request, pair.answer].compactMap(\.self)
      let end = members.map { messages[$0].time }.max() ?? pair.time
      let wait = pair.answer == nil ? Timers.finalResponse : Timers.linger
      var procedure = Procedure(messages: members, start: pair.time, closesAt: end + wait)
      procedure.isNetworkInitiated = true
      procedures.append(procedure)
      return true
    }
  }

  /// Registrations of which only Cx was captured: a Server-Assignment or a refusal ends one, a de-registration and a long
  /// pause begin one.
  private mutating func cutCx(_ loose: [CxPair]) {
    var current: Procedure?
    var ended = false
    for pair in loose {
      guard CxStep.belongs(pair, in: messages) else {
        strays += [pair.request, pair.answer].compactMap(\.self)
        continue
      }
      let begins = current.map { ended || pair.time > $0.closesAt || CxStep.begins(pair, in: messages) } ?? true
      if begins, let done = current { procedures.append(done) }
      if begins { current = Procedure(start: pair.time, closesAt: pair.time) }
      current?.messages += [pair.request, pair.answer].compactMap(\.self)
      ended = CxStep.ends(pair, in: messages)
      let last = pair.answer.map { messages[$0].time } ?? pair.time
      current?.closesAt = last + CxStep.wait(after: pair, in: messages)
    }
    if let current { procedures.append(current) }
  }

  // MARK: NOTIFY

  /// NOTIFYs of the reg event that tell the UE of its de-registration by the network belong to the RTR that caused them.
  private mutating func takeNotifications() {
    var claimed = Set<Int>()
    for (index, message) in messages.enumerated() {
      guard let keys = message.keys, keys.method == .notify else { continue }
      guard
        let procedure = procedures.firstIndex(where: {
          $0.isNetworkInitiated && message.time >= $0.start - Timers.clockSlack && message.time <= $0.closesAt
        })
      else { continue }
      procedures[procedure].messages.append(index)
      claimed.insert(index)
    }
    cutNotifications(except: claimed)
  }

  /// Where Cx was not captured, the NOTIFY is what is seen of a de-registration by the network.
  private mutating func cutNotifications(except claimed: Set<Int>) {
    var groups: [Fingerprint: [Int]] = [:]
    for (index, message) in messages.enumerated() where !claimed.contains(index) {
      guard let keys = message.keys, keys.method == .notify else { continue }
      var key = keys.callID
      key.combine(UInt64(keys.cseq))
      groups[key, default: []].append(index)
    }
    let ending = groups.values.filter { group in group.contains { endsByNetwork(messages[$0]) } }
    for group in ending.sorted(by: { $0[0] < $1[0] }) {
      let times = group.map { messages[$0].time }
      guard let start = times.min(), let end = times.max() else { continue }
      var procedure = Procedure(messages: group, start: start, closesAt: end + Timers.linger)
      procedure.isNetworkInitiated = true
      procedures.append(procedure)
    }
  }

  private func endsByNetwork(_ message: Message) -> Bool {
    switch message.sip.map({ RegistrationEvent($0) }) {
    case .endedByNetwork: return true
    case .ended:
      // Nobody says who ended it: the network, when the UE was registered and did not ask for it.
      let asked = messages.contains { $0.sip.map { $0.isRequest && KindReader.isDeregistration($0) } ?? false }
      let granted = messages.contains { $0.keys?.method == .register && ($0.sip?.status ?? 0) / 100 == 2 }
      return !asked && (granted || before?.registered == true)
    case .goesOn, nil: return false
    }
  }

  /// Sorts the procedures' messages and finds those that belong nowhere.
  private mutating func sortOut() {
    var taken = Set(strays)
    for index in procedures.indices {
      procedures[index].messages = Array(Set(procedures[index].messages)).sorted()
      taken.formUnion(procedures[index].messages)
    }
    strays += messages.indices.filter { !taken.contains($0) }
  }
}
