import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// Cuts the messages of one subscriber into registrations. A function of the messages and of who is known to ask the HSS, so that it
/// does not matter in which order they arrived or how often it is asked. One is used for subscriber after subscriber: its lists keep their
/// room, and lists of lists are one list with ranges.
///
/// A registration is one procedure: from the REGISTER that begins it to its last final answer, however many challenges
/// and retransmissions lie between. Where SIP was not captured, the Cx requests alone tell it.
struct Partition {
  private(set) var messages: [Message] = []
  private(set) var facts: [MessageFacts] = []
  /// Of each message its security agreement, its credentials and challenges.
  private(set) var readings: [SIPReadings?] = []
  private(set) var authentication: [AuthenticationFacts] = []
  /// The credentials and challenges of all messages.
  private(set) var digests = DigestTable()
  private var reader = HeaderReader()
  /// What the subscriber's last closed registration left behind.
  private var before: Binding?
  let timers: Timers
  private(set) var procedures: [Procedure] = []
  /// Messages that belong to no registration and to no open one.
  private(set) var strays: [Int] = []
  /// Hop number of each message of a REGISTER, -1 for the others.
  private(set) var depths: [Int] = []
  /// When the UE began a new registration before one was over, of the procedures of which it did.
  private var superseded: [(procedure: Int, time: Timestamp)] = []

  /// Of each message the procedure that it belongs to: `free` for none so far, `stray` for none at all.
  private(set) var owners: [Int32] = []
  private static let free: Int32 = -1
  private static let stray: Int32 = -2
  /// The messages of each procedure.
  private var members = IndexGroups()
  private(set) var rounds: [RegisterRound] = []
  /// Of each message its round, -1 for none.
  private var roundNumbers: [Int32] = []
  /// The messages of each round.
  private(set) var roundMembers = IndexGroups()
  /// Room for the requests of one round.
  private var requests: [Int] = []
  private(set) var pairs: [CxPair] = []
  private var pairing = CxPairing()

  private var boundary: MwBoundary
  private(set) var clocks = Clocks()

  init(timers: Timers, hosts: Hosts) {
    self.timers = timers
    boundary = MwBoundary(hosts: hosts)
  }

  /// Begins anew. What the messages say is read here and not when they come: most wait for seconds, and what is read of one takes
  /// more room than the message.
  ///
  /// - Parameter messages: sorted by (time, input, frame).
  mutating func cut(_ messages: [Message], before: Binding?, _ ledger: Ledger) {
    clear()
    clocks = ledger.clocks
    self.messages = messages
    self.before = before
    for message in messages {
      let facts = MessageFacts(message)
      boundary.note(facts)
      self.facts.append(facts)
      readings.append(message.readings(by: &reader))
      authentication.append(message.authentication(&digests))
    }
    depths.append(contentsOf: repeatElement(-1, count: messages.count))
    owners.append(contentsOf: repeatElement(Partition.free, count: messages.count))
    findRounds(ledger)
    cutRounds()
    pairCx()
    if assignPairs() {
      takeNetworkDeregistrations()
      cutCx()
    }
    takeNotifications()
    sortOut()
  }

  /// Lets the messages go.
  mutating func clear() {
    messages = []
    boundary.clear()
    // The registrations keep it.
    digests = DigestTable()
    readings.removeAll(keepingCapacity: true)
    authentication.removeAll(keepingCapacity: true)
    facts.removeAll(keepingCapacity: true)
    depths.removeAll(keepingCapacity: true)
    owners.removeAll(keepingCapacity: true)
    procedures.removeAll(keepingCapacity: true)
    strays.removeAll(keepingCapacity: true)
    superseded.removeAll(keepingCapacity: true)
    rounds.removeAll(keepingCapacity: true)
    pairs.removeAll(keepingCapacity: true)
  }

  // MARK: what was cut

  /// The numbers of the procedures, in the order in which they began.
  var inOrder: IndexList {
    let order = IndexList(procedures.indices)
    return order.count < 2 ? order : IndexList(order.sorted { procedures[$0].start < procedures[$1].start })
  }

  /// The messages of a procedure, in order.
  func messages(of procedure: Int) -> ArraySlice<Int> { members[procedure] }

  /// Does it hold a message from before this one?
  func began(_ procedure: Int, before limit: MessageID?) -> Bool {
    guard let limit else { return false }
    return members[procedure].contains { messages[$0].id < limit }
  }

  /// When its last message was sent.
  func end(of procedure: Int) -> Timestamp {
    members[procedure].reduce(procedures[procedure].start) { max($0, facts[$1].time) }
  }

  // MARK: SIP

  private mutating func findRounds(_ ledger: Ledger) {
    roundNumbers.removeAll(keepingCapacity: true)
    for index in facts.indices {
      guard facts[index].isRegister, let keys = facts[index].keys else {
        roundNumbers.append(-1)
        continue
      }
      // A subscriber has a few rounds: the latest is looked at first.
      var round = rounds.count - 1
      while round >= 0, rounds[round].cseq != keys.cseq || rounds[round].callID != keys.callID { round -= 1 }
      // Nobody sends a request again so late: whoever does counts anew (RFC 3261 §17.1.2.2).
      if round >= 0, facts[index].isRequest, facts[index].time - rounds[round].last > timers.finalResponseUE {
        round = -1
      }
      if round >= 0, beginsAnew(index, round) { round = -1 }
      if round < 0 {
        round = rounds.count
        let time = facts[index].time
        rounds.append(RegisterRound(number: round, callID: keys.callID, cseq: keys.cseq, start: time, last: time))
      }
      rounds[round].last = max(rounds[round].last, facts[index].time)
      if facts[index].status >= 200 {
        rounds[round].answered = max(rounds[round].answered, facts[index].time)
        if facts[index].viaCount <= 1 { rounds[round].status = facts[index].status }
      }
      roundNumbers.append(Int32(round))
    }
    roundMembers.fill(roundNumbers, count: rounds.count)
    for round in rounds.indices {
      let members = roundMembers[round]
      HopDepth.assign(members, of: messages, facts, boundary, ledger, &depths, &requests)
      rounds[round].view = view(of: members)
    }
  }

  /// Whoever restarts counts anew too, with the same Call-ID maybe: a REGISTER of the UE under a branch of its own, when that of this
  /// number has long had its answer. Who sends again keeps the branch (RFC 3261 §17.1.1.2), and who lacks the challenge, or answers it
  /// by the same number, does not begin anew.
  @inline(__always)
  private func beginsAnew(_ index: Int, _ round: Int) -> Bool {
    guard facts[index].isRequest, facts[index].viaCount == 1, rounds[round].status >= 200,
      facts[index].time - rounds[round].answered > Timers.clockSlack, HopDepth.comesFromUE(messages[index])
    else { return false }
    let isChallenge = [401, 407].contains(rounds[round].status)
    if isChallenge, !rounds.contains(where: { $0.callID == rounds[round].callID && $0.cseq > rounds[round].cseq }) {
      return false
    }
    return !roundNumbers.indices.contains { other in
      roundNumbers[other] == Int32(round)
        && (facts[other].sharesBranch(with: facts[index]) || facts[other].status > 0 && answers(index, other))
    }
  }

  private func view(of members: ArraySlice<Int>) -> RoundView {
    var depth = Int.max
    for index in members { depth = min(depth, depths[index]) }
    var requests = IndexList()
    var finals = IndexList()
    for index in members where depths[index] == depth {
      if facts[index].isRequest { requests.append(index) } else if facts[index].status >= 200 { finals.append(index) }
    }
    let messages = messages
    return RoundView.view(at: depth, requests: requests, finals: finals) { messages[$0] }
  }

  private mutating func cutRounds() {
    for round in rounds.indices {
      // The latest procedure of the Call-ID, with its last round.
      let callID = rounds[round].callID
      let open = procedures.lastIndex { $0.callID == callID }
      if let open, continues(procedures[open].lastRound, round) {
        own(round, open)
        procedures[open].closesAt = closing(round)
        procedures[open].lastCSeq = max(procedures[open].lastCSeq, rounds[round].cseq)
        if rounds[round].cseq > rounds[procedures[open].lastRound].cseq { procedures[open].lastRound = round }
      } else if isStraggler(round) {
        for index in roundMembers[round] { setAside(index) }
      } else {
        if let open { endBefore(round, procedure: open) }
        procedures.append(
          Procedure(
            start: rounds[round].start, closesAt: closing(round), callID: callID, lastCSeq: rounds[round].cseq,
            lastRound: round, depth: roundMembers[round].first.map { depths[$0] } ?? -1))
        own(round, procedures.count - 1)
      }
    }
  }

  private mutating func own(_ round: Int, _ procedure: Int) {
    for index in roundMembers[round] { owners[index] = Int32(procedure) }
    procedures[procedure].last = max(procedures[procedure].last, rounds[round].last)
    if rounds[round].isAnswered { procedures[procedure].isAnswered = true }
  }

  private mutating func setAside(_ index: Int) {
    owners[index] = Partition.stray
    strays.append(index)
  }

  /// A copy of something that belongs to a registration that was closed before.
  @inline(__always)  // A call would copy the partition.
  private func isStraggler(_ round: Int) -> Bool {
    guard let before, before.callID == rounds[round].callID, rounds[round].cseq <= before.cseq else { return false }
    for index in roundMembers[round] where depths[index] == 0 && facts[index].isRequest { return false }
    return true
  }

  /// When nothing of this round can follow any more.
  @inline(__always)
  func closing(_ number: Int) -> Timestamp {
    let last = rounds[number].last
    guard let final = rounds[number].view.final, facts[final].status > 0 else {
      let wait = UETimer.finalResponse(of: rounds[number], in: messages, timers)
      return max(rounds[number].start + wait, last + Timers.linger)
    }
    let (time, status) = (facts[final].time, facts[final].status)
    if status == 401 || status == 407 {
      let aka = authentication[final].asksForAKA
      return time + (aka ? timers.awaitAuthentication : timers.awaitDigest) + Timers.linger
    }
    let isIntermediate = status == 420 || status == 421 || status == 423 || status == 494
    return max(time + (isIntermediate ? timers.finalResponse : Timers.linger), last)
  }

  /// The UE began anew: the registration before is over, but what trails behind it may still come.
  private mutating func endBefore(_ round: Int, procedure: Int) {
    procedures[procedure].closesAt = min(procedures[procedure].closesAt, rounds[round].start + timers.finalResponse)
    superseded.append((procedure, rounds[round].start))
  }

  /// When the UE began a new registration, of the same Call-ID, before this one was over.
  func superseded(_ procedure: Int) -> Timestamp? { superseded.first { $0.procedure == procedure }?.time }

  // MARK: Cx

  private mutating func pairCx() {
    pairing.clear()
    let messages = messages
    for index in facts.indices {
      guard let command = facts[index].command else { continue }
      let isRequest = facts[index].asks
      let place = pairing.place(facts[index], index, next: pairs.count) { messages[$0].diameter?.sessionID }
      switch place {
      case .completes(let pair): if isRequest { pairs[pair].request = index } else { pairs[pair].answer = index }
      case .relays(let pair): pairs[pair].relayed.append(index)
      case .opens:
        pairs.append(
          CxPair(
            request: isRequest ? index : nil, answer: isRequest ? nil : index, time: facts[index].time,
            command: command))
      }
    }
  }

  /// Gives each Cx exchange to the SIP registration in whose time it lies. Does any remain?
  private mutating func assignPairs() -> Bool {
    for number in procedures.indices {
      let start = procedures[number].start - Timers.clockSlack
      procedures[number].reach = start...max(start, lastSIP(procedures[number]) + Timers.linger)
    }
    var isDone = true
    for pair in pairs.indices {
      let time = pairs[pair].time
      let isOfUE = CxStep.isOfUE(pairs[pair].command)
      func fits(_ procedure: Procedure) -> Bool { isOfUE && procedure.reach.contains(time) }
      if isOfUE, CxStep.isTimeout(pairs[pair], in: messages) {
        if let procedure = challenged(before: pair) { give(pair, to: procedure) } else { isDone = false }
        continue
      }
      // Nearly always there is one.
      let first = procedures.firstIndex(where: fits)
      let isOnly = first == procedures.lastIndex(where: fits)
      let procedure = isOnly ? first : choose(procedures.indices.filter { fits(procedures[$0]) }, for: pair)
      if let procedure { give(pair, to: procedure) } else { isDone = false }
    }
    return !isDone
  }

  /// The one whose last REGISTER was challenged, and that still waits for the answer when the S-CSCF says that none came.
  private func challenged(before pair: Int) -> Int? {
    let time = pairs[pair].time
    let waiting = procedures.indices.filter { number in
      guard !procedures[number].isNetworkInitiated, let final = rounds[procedures[number].lastRound].view.final,
        facts[final].status == 401
      else { return false }
      return procedures[number].start <= time && time <= procedures[number].closesAt
    }
    let name = pairs[pair].request.flatMap { messages[$0].diameter?.userName }
    let own = name.map { name in waiting.filter { !isOfAnother(than: name, $0) } } ?? waiting
    return own.count < 2 ? own.first : choose(own, for: pair)
  }

  /// Was there a REGISTER, of a registration that is closed maybe?
  private func beganBefore(_ time: Timestamp) -> Bool {
    before != nil || procedures.contains { $0.callID != nil && $0.start < time }
  }

  private mutating func give(_ number: Int, to procedure: Int) {
    pairs[number].isPlaced = true
    let pair = pairs[number]
    pair.forEach { owners[$0] = Int32(procedure) }
    // A node may have given up on the HSS: whether that answers is still to be seen.
    if pair.answer == nil, superseded(procedure) == nil {
      procedures[procedure].closesAt = max(procedures[procedure].closesAt, pair.time + timers.finalResponse)
    }
  }

  private func lastSIP(_ procedure: Procedure) -> Timestamp {
    // Open procedures still wait for their answer: what lies before the closing time may belong to them.
    procedure.isAnswered ? procedure.last : max(procedure.last, procedure.closesAt)
  }

  private mutating func takeNetworkDeregistrations() {
    for number in pairs.indices where !pairs[number].isPlaced && pairs[number].command == .registrationTermination {
      let pair = pairs[number]
      var end = Timestamp.distantPast
      pair.forEach { end = max(end, messages[$0].time) }
      let wait = pair.answer == nil ? timers.finalResponse : Timers.linger
      procedures.append(Procedure(start: pair.time, closesAt: end + wait, isNetworkInitiated: true))
      give(number, to: procedures.count - 1)
    }
  }

  /// Registrations of which only Cx was captured: a Server-Assignment or a refusal ends one, a de-registration and a long
  /// pause begin one.
  private mutating func cutCx() {
    var current: Int?
    var ended = false
    var last: Int?
    for number in pairs.indices where !pairs[number].isPlaced {
      let pair = pairs[number]
      let isLate = current == nil && CxStep.isTimeout(pair, in: messages) && beganBefore(pair.time)
      guard !isLate, CxStep.belongs(pair, in: messages) else {
        pair.forEach { setAside($0) }
        continue
      }
      let begins =
        current.map {
          let goesOn = last.map { CxStep.repeats(pair, pairs[$0], in: messages) } ?? false
          return ended && !goesOn || pair.time > procedures[$0].closesAt || CxStep.begins(pair, in: messages, timers)
        } ?? true
      if begins {
        current = procedures.count
        procedures.append(Procedure(start: pair.time, closesAt: pair.time))
      }
      guard let procedure = current else { continue }
      give(number, to: procedure)
      ended = CxStep.ends(pair, in: messages)
      let end = pair.answer.map { messages[$0].time } ?? pair.time
      procedures[procedure].closesAt = end + CxStep.wait(after: pair, in: messages, timers)
      last = number
    }
  }

  // MARK: NOTIFY

  /// NOTIFYs of the reg event that tell the UE of its de-registration by the network belong to the RTR that caused them.
  private mutating func takeNotifications() {
    var isNotified = false
    for index in facts.indices where facts[index].keys?.method == .notify {
      isNotified = true
      let time = messages[index].time
      let procedure = procedures.firstIndex {
        $0.isNetworkInitiated && time >= $0.start - Timers.clockSlack && time <= $0.closesAt
      }
      if let procedure { owners[index] = Int32(procedure) }
    }
    if isNotified { cutNotifications() }
  }

  /// Where Cx was not captured, the NOTIFY is what is seen of a de-registration by the network.
  private mutating func cutNotifications() {
    let free = messages.indices.filter { owners[$0] == Partition.free }
    for end in NotifiedEnd.all(in: messages, among: free, wasRegistered: before?.registered == true) {
      for index in end.notifications { owners[index] = Int32(procedures.count) }
      procedures.append(Procedure(start: end.start, closesAt: end.end + Timers.linger, isNetworkInitiated: true))
    }
  }

  /// Lists the procedures' messages and finds those that belong nowhere.
  private mutating func sortOut() {
    members.fill(owners, count: procedures.count)
    for index in owners.indices where owners[index] == Partition.free { strays.append(index) }
  }
}
