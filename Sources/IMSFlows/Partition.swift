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
  let facts: [MessageFacts]
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
    facts = messages.map { MessageFacts($0) }
    self.before = before
    self.timers = timers
    depths = Array(repeating: -1, count: messages.count)
    let rounds = registerRounds()
    cutRounds(rounds)
    let pairs = cxPairs()
    var loose = assign(pairs)
    if !loose.isEmpty {
      takeNetworkDeregistrations(&loose)
      cutCx(loose)
    }
    takeNotifications()
    sortOut()
  }

  // MARK: SIP

  private mutating func registerRounds() -> [RegisterRound] {
    var rounds: [RegisterRound] = []
    for index in facts.indices where facts[index].isRegister {
      guard let keys = facts[index].keys else { continue }
      // A subscriber has a few rounds: the latest is looked at first.
      if let round = rounds.indices.last(where: { rounds[$0].cseq == keys.cseq && rounds[$0].callID == keys.callID }) {
        rounds[round].messages.append(index)
      } else {
        rounds.append(
          RegisterRound(callID: keys.callID, cseq: keys.cseq, start: facts[index].time, messages: [], view: .unseen))
        // Of a request and its answer on three hops, and some more.
        rounds[rounds.count - 1].messages.reserveCapacity(8)
        rounds[rounds.count - 1].messages.append(index)
      }
    }
    for round in rounds.indices {
      HopDepth.assign(rounds[round].messages, of: messages, facts, &depths)
      rounds[round].view = view(of: rounds[round].messages)
    }
    return rounds
  }

  private func view(of indices: [Int]) -> RoundView {
    var depth = Int.max
    for index in indices { depth = min(depth, depths[index]) }
    var requests: [Int] = []
    var finals: [Int] = []
    for index in indices where depths[index] == depth {
      if facts[index].isRequest { requests.append(index) } else if facts[index].status >= 200 { finals.append(index) }
    }
    return RoundView(depth: depth, requests: requests, finals: finals) { messages[$0].transmissions }
  }

  private mutating func cutRounds(_ rounds: [RegisterRound]) {
    // The latest procedure of each Call-ID, with its last round.
    var open: [(callID: Fingerprint, procedure: Int, last: Int)] = []
    for round in rounds.indices {
      let callID = rounds[round].callID
      let place = open.indices.last { open[$0].callID == callID }
      if let place, continues(rounds[open[place].last], rounds[round]) {
        let procedure = open[place].procedure
        procedures[procedure].messages += rounds[round].messages
        procedures[procedure].lastCSeq = max(procedures[procedure].lastCSeq, rounds[round].cseq)
        procedures[procedure].closesAt = closing(rounds[round])
        if rounds[round].cseq > rounds[open[place].last].cseq { open[place].last = round }
      } else if isStraggler(rounds[round]) {
        strays += rounds[round].messages
      } else {
        if let place { endBefore(rounds[round], procedure: open[place].procedure) }
        procedures.append(
          Procedure(
            messages: rounds[round].messages, start: rounds[round].start, closesAt: closing(rounds[round]),
            callID: callID, lastCSeq: rounds[round].cseq))
        let begun = (callID, procedures.count - 1, round)
        if let place { open[place] = begun } else { open.append(begun) }
      }
    }
  }

  /// A copy of something that belongs to a registration that was closed before.
  private func isStraggler(_ round: RegisterRound) -> Bool {
    guard let before, before.callID == round.callID, round.cseq <= before.cseq else { return false }
    return !round.messages.contains { depths[$0] == 0 && facts[$0].isRequest }
  }

  /// A later REGISTER of the same Call-ID belongs to the same registration while the last answer was an intermediate one.
  private func continues(_ last: RegisterRound, _ next: RegisterRound) -> Bool {
    guard next.cseq > last.cseq else { return next.start - last.start < timers.finalResponseUE }
    guard let final = last.view.final, facts[final].status > 0 else { return answersChallenge(next, of: last) }
    let wait = next.start - facts[final].time
    switch facts[final].status {
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
      guard facts[index].isRequest, let sip = messages[index].sip else { return false }
      return sip.authorization.contains { $0.nonce.map { isChallenge($0, of: last) } ?? false }
    }
  }

  /// Was every request of this round cut before its Authorization?
  private func hidesCredentials(_ round: RegisterRound) -> Bool {
    round.messages.allSatisfy { index in
      guard facts[index].isRequest, let sip = messages[index].sip else { return true }
      return facts[index].isTruncated && sip.authorization.isEmpty
    }
  }

  private func isChallenge(_ nonce: Text, of round: RegisterRound) -> Bool {
    round.messages.contains { index in
      facts[index].status > 0 && messages[index].sip?.wwwAuthenticate.contains { $0.nonce == nonce } ?? false
    }
  }

  /// When nothing of this round can follow any more.
  private func closing(_ round: RegisterRound) -> Timestamp {
    var last = Timestamp.distantPast
    for index in round.messages { last = max(last, facts[index].time) }
    guard let final = round.view.final, facts[final].status > 0 else {
      return max(round.start + UETimer.finalResponse(of: round, in: messages, timers), last + Timers.linger)
    }
    let (time, status) = (facts[final].time, facts[final].status)
    if status == 401 || status == 407 {
      let aka = messages[final].sip?.wwwAuthenticate.contains(where: \.isAKA) ?? false
      return time + (aka ? timers.awaitAuthentication : timers.awaitDigest) + Timers.linger
    }
    let isIntermediate = status == 420 || status == 421 || status == 423 || status == 494
    return max(time + (isIntermediate ? timers.finalResponse : Timers.linger), last)
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
    for index in facts.indices {
      guard let command = facts[index].command, let diameter = messages[index].diameter else { continue }
      let isRequest = facts[index].asks
      switch pairing.place(diameter, messages[index], next: pairs.count) {
      case .completes(let pair): if isRequest { pairs[pair].request = index } else { pairs[pair].answer = index }
      case .relays(let pair): pairs[pair].relayed.append(index)
      case .opens:
        pairs.append(
          CxPair(
            request: isRequest ? index : nil, answer: isRequest ? nil : index, time: facts[index].time,
            command: command))
      }
    }
    return pairs
  }

  /// Gives each Cx exchange to the SIP registration in whose time it lies; what remains is returned.
  private mutating func assign(_ pairs: [CxPair]) -> [CxPair] {
    var times: [(from: Timestamp, to: Timestamp)] = []
    times.reserveCapacity(procedures.count)
    for number in procedures.indices {
      times.append((procedures[number].start - Timers.clockSlack, lastSIP(procedures[number]) + Timers.linger))
    }
    var loose: [CxPair] = []
    for pair in pairs.indices {
      let time = pairs[pair].time
      let isOfUE = CxStep.isOfUE(pairs[pair].command)
      func fits(_ number: Int) -> Bool { isOfUE && time >= times[number].from && time <= times[number].to }
      // Nearly always there is one.
      let first = times.indices.first(where: fits)
      let isOnly = first == times.indices.last(where: fits)
      let procedure = isOnly ? first : choose(times.indices.filter(fits), for: pairs[pair])
      if let procedure { pairs[pair].add(to: &procedures[procedure].messages) } else { loose.append(pairs[pair]) }
    }
    return loose
  }

  private func lastSIP(_ procedure: Procedure) -> Timestamp {
    var answered = false
    var last = Timestamp.distantPast
    for index in procedure.messages {
      last = max(last, facts[index].time)
      if facts[index].status >= 200 { answered = true }
    }
    // Open procedures still wait for their answer: what lies before the closing time may belong to them.
    return answered ? last : max(last, procedure.closesAt)
  }

  /// Of several, the one whose Call-ID the request names; else the one that began last before the request; else the next.
  private func choose(_ candidates: [Int], for pair: CxPair) -> Int? {
    var candidates = candidates
    if let request = pair.request, let callID = messages[request].diameter?.callID {
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
    let notifications = facts.indices.filter { facts[$0].keys?.method == .notify }
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
    for index in taken.indices where !taken[index] { strays.append(index) }
  }
}

extension [Int] {
  /// Leaves one of each run of equal ones.
  fileprivate mutating func removeRepeats() {
    if !indices.dropFirst().contains(where: { self[$0] == self[$0 - 1] }) { return }
    var last: Int?
    removeAll { value in
      defer { last = value }
      return value == last
    }
  }
}
