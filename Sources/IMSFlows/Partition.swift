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
  private let timers: Timers
  private(set) var procedures: [Procedure] = []
  /// Messages that belong to no registration and to no open one.
  private(set) var strays: [Int] = []
  /// Hop number of each message of a REGISTER, -1 for the others.
  private(set) var depths: [Int]
  private var superseded: [Int] = []

  /// `messages` are sorted by (time, input, frame).
  init(_ messages: [Message], before: Binding?, timers: Timers = .standard) {
    self.messages = messages
    self.before = before
    self.timers = timers
    depths = Array(repeating: -1, count: messages.count)
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
    var rounds: [RegisterRound] = []
    for index in messages.indices {
      guard let keys = messages[index].keys, keys.method == .register else { continue }
      // A subscriber has a few rounds: the latest is looked at first.
      if let round = rounds.lastIndex(where: { $0.cseq == keys.cseq && $0.callID == keys.callID }) {
        rounds[round].messages.append(index)
      } else {
        rounds.append(
          RegisterRound(
            callID: keys.callID, cseq: keys.cseq, start: messages[index].time, messages: [index], view: .unseen))
      }
    }
    for round in rounds.indices {
      let indices = rounds[round].messages
      let depths = HopDepth.assign(indices, in: messages)
      for (index, depth) in zip(indices, depths) { self.depths[index] = depth }
      rounds[round].view = view(of: indices)
    }
    return rounds
  }

  private func view(of indices: [Int]) -> RoundView {
    let depth = indices.reduce(Int.max) { min($0, depths[$1]) }
    let here = indices.filter { depths[$0] == depth }
    return RoundView(
      depth: depth, requests: here.filter { messages[$0].isSIPRequest },
      finals: here.filter { messages[$0].status >= 200 }
    ) { messages[$0] }
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
    return !round.messages.contains { depths[$0] == 0 && messages[$0].isSIPRequest }
  }

  /// A later REGISTER of the same Call-ID belongs to the same registration while the last answer was an intermediate one.
  private func continues(_ last: RegisterRound, _ next: RegisterRound) -> Bool {
    guard next.cseq > last.cseq else { return next.start - last.start < timers.finalResponseUE }
    guard let final = last.view.final, let status = messages[final].sip?.status else {
      return answersChallenge(next, of: last)
    }
    let wait = next.start - messages[final].time
    switch status {
    case 401, 407:
      return wait <= timers.awaitAuthentication
        && (answersChallenge(next, of: last) || next.view.request == nil || hidesCredentials(next))
    case 423, 494, 420, 421: return wait <= timers.finalResponse
    default: return false
    }
  }

  /// Does the next REGISTER carry the nonce of a challenge that some hop showed for the last one?
  private func answersChallenge(_ next: RegisterRound, of last: RegisterRound) -> Bool {
    next.messages.contains { index in
      guard let sip = messages[index].sip, sip.isRequest else { return false }
      return sip.authorization.contains { $0.nonce.map { isChallenge($0, of: last) } ?? false }
    }
  }

  /// Was every request of this round cut before its Authorization?
  private func hidesCredentials(_ round: RegisterRound) -> Bool {
    round.messages.allSatisfy { index in
      guard let sip = messages[index].sip, sip.isRequest else { return true }
      return messages[index].isTruncated && sip.authorization.isEmpty
    }
  }

  private func isChallenge(_ nonce: Text, of round: RegisterRound) -> Bool {
    round.messages.contains { index in
      messages[index].status > 0 && messages[index].sip?.wwwAuthenticate.contains { $0.nonce == nonce } ?? false
    }
  }

  /// When nothing of this round can follow any more.
  private func closing(_ round: RegisterRound) -> Timestamp {
    let last = round.messages.map { messages[$0].time }.max() ?? round.start
    guard let final = round.view.final, let status = messages[final].sip?.status else {
      return max(round.start + UETimer.finalResponse(of: round, in: messages, timers), last + Timers.linger)
    }
    let time = messages[final].time
    if status == 401 || status == 407 {
      let aka = messages[final].sip?.wwwAuthenticate.contains { Mechanism.isAKA($0.algorithm) } ?? false
      return time + (aka ? timers.awaitAuthentication : timers.awaitDigest) + Timers.linger
    }
    let wait = [420, 421, 423, 494].contains(status) ? timers.finalResponse : Timers.linger
    return max(time + wait, last)
  }

  /// The UE began anew: the registration before is over, but what trails behind it may still come.
  private mutating func endBefore(_ round: RegisterRound, procedure: Int) {
    procedures[procedure].closesAt = min(procedures[procedure].closesAt, round.start + timers.finalResponse)
    superseded.append(procedure)
  }

  /// Did the UE begin a new registration before this one was over?
  func isSuperseded(_ procedure: Int) -> Bool { superseded.contains(procedure) }

  // MARK: Cx

  private func cxPairs() -> [CxPair] {
    var pairs: [CxPair] = []
    var pairing = CxPairing()
    for index in messages.indices {
      guard let diameter = messages[index].diameter else { continue }
      switch pairing.place(diameter, messages[index], next: pairs.count) {
      case .completes(let pair):
        if diameter.isRequest { pairs[pair].request = index } else { pairs[pair].answer = index }
      case .relays(let pair): pairs[pair].relayed.append(index)
      case .opens:
        pairs.append(
          CxPair(
            request: diameter.isRequest ? index : nil, answer: diameter.isRequest ? nil : index,
            time: messages[index].time, command: diameter.command))
      }
    }
    return pairs
  }

  /// Gives each Cx exchange to the SIP registration in whose time it lies; what remains is returned.
  private mutating func assign(_ pairs: [CxPair]) -> [CxPair] {
    let times = procedures.map { ($0.start - Timers.clockSlack, lastSIP($0) + Timers.linger) }
    return pairs.filter { pair in
      guard [.userAuthorization, .multimediaAuth, .serverAssignment].contains(pair.command) else { return true }
      let fitting = times.indices.filter { pair.time >= times[$0].0 && pair.time <= times[$0].1 }
      guard let procedure = choose(fitting, for: pair) else { return true }
      procedures[procedure].messages += pair.all
      return false
    }
  }

  private func lastSIP(_ procedure: Procedure) -> Timestamp {
    // Open procedures still wait for their answer: what lies before the closing time may belong to them.
    let answered = procedure.messages.contains { messages[$0].status >= 200 }
    let last = procedure.messages.reduce(Timestamp.distantPast) { max($0, messages[$1].time) }
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
      let members = pair.all
      let end = members.map { messages[$0].time }.max() ?? pair.time
      let wait = pair.answer == nil ? timers.finalResponse : Timers.linger
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
        strays += pair.all
        continue
      }
      let begins = current.map { ended || pair.time > $0.closesAt || CxStep.begins(pair, in: messages, timers) } ?? true
      if begins, let done = current { procedures.append(done) }
      if begins { current = Procedure(start: pair.time, closesAt: pair.time) }
      current?.messages += pair.all
      ended = CxStep.ends(pair, in: messages)
      let last = pair.answer.map { messages[$0].time } ?? pair.time
      current?.closesAt = last + CxStep.wait(after: pair, in: messages, timers)
    }
    if let current { procedures.append(current) }
  }

  // MARK: NOTIFY

  /// NOTIFYs of the reg event that tell the UE of its de-registration by the network belong to the RTR that caused them.
  private mutating func takeNotifications() {
    let notifications = messages.indices.filter { messages[$0].keys?.method == .notify }
    if notifications.isEmpty { return }
    var claimed = Set<Int>()
    for index in notifications {
      let time = messages[index].time
      guard
        let procedure = procedures.firstIndex(where: {
          $0.isNetworkInitiated && time >= $0.start - Timers.clockSlack && time <= $0.closesAt
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
    var taken = Array(repeating: false, count: messages.count)
    for index in strays { taken[index] = true }
    for procedure in procedures.indices {
      procedures[procedure].messages.sort()
      procedures[procedure].messages.removeRepeats()
      for index in procedures[procedure].messages { taken[index] = true }
    }
    strays += messages.indices.filter { !taken[$0] }
  }
}

extension [Int] {
  /// Leaves one of each run of equal ones.
  fileprivate mutating func removeRepeats() {
    var last: Int?
    removeAll { value in
      defer { last = value }
      return value == last
    }
  }
}
