import IMSBytes
import IMSDiameter
import IMSMessages
import IMSWire

/// Pairs Cx requests with their answers while both are walked in order of time. A stamp may put an answer a little before
/// its request.
///
/// An agent (RFC 6733 §2.8) sends a request on with another Hop-by-Hop Id and the same End-to-End Id: what it receives and
/// what it sends are legs of one exchange.
struct CxPairing {
  /// What a message is to the exchanges before it.
  enum Place {
    case opens
    /// The other half of that exchange.
    case completes(Int)
    /// A further leg of that exchange, or the answer on one.
    case relays(Int)
  }

  private struct Open {
    var key: Fingerprint
    var number: Int
    var time: Timestamp
    var isRelay = false
  }

  /// A request that may be sent on.
  private struct Sent {
    var endToEnd: UInt32
    var command: CommandCode
    var key: Fingerprint
    var number: Int
    var time: Timestamp
    var sender: IPAddress
    /// What the caller knows the message by.
    var index: Int
  }

  private var requests: [Open] = []
  private var answers: [Open] = []
  private var sent: [Sent] = []

  /// Begins anew, in the room that it has.
  mutating func clear() {
    requests.removeAll(keepingCapacity: true)
    answers.removeAll(keepingCapacity: true)
    sent.removeAll(keepingCapacity: true)
  }

  /// A message that opens an exchange gives it the number `next`.
  ///
  /// - Parameters:
  ///   - facts: of a message of Diameter.
  ///   - index: what the caller knows it by.
  ///   - session: the Session-Id of this or an earlier message, by that.
  mutating func place(_ facts: MessageFacts, _ index: Int, next: Int, session: (Int) -> Text?) -> Place {
    let key = facts.exchangeKey
    let time = facts.time
    guard facts.asks, let command = facts.command else {
      for place in requests.indices where requests[place].key == key {
        let request = requests.remove(at: place)
        return request.isRelay ? .relays(request.number) : .completes(request.number)
      }
      answers.append(Open(key: key, number: next, time: time))
      return .opens
    }
    for place in answers.indices where answers[place].key == key {
      if time - answers[place].time < Timers.clockSlack { return .completes(answers.remove(at: place).number) }
      break
    }
    if requests.contains(where: { $0.key == key }) { requests.removeAll { $0.key == key } }
    let sender = facts.source.address
    if let number = relayed(facts, index, session) {
      requests.append(Open(key: key, number: number, time: time, isRelay: true))
      return .relays(number)
    }
    requests.append(Open(key: key, number: next, time: time))
    sent.append(
      Sent(
        endToEnd: facts.endToEnd, command: command, key: key, number: next, time: time, sender: sender, index: index))
    return .opens
  }

  /// The exchange of which this request is a further leg: another node sends it. A node that asks a second HSS asks anew.
  private func relayed(_ facts: MessageFacts, _ index: Int, _ session: (Int) -> Text?) -> Int? {
    for place in sent.indices.reversed()
    where sent[place].endToEnd == facts.endToEnd && sent[place].command == facts.command
      && sent[place].key != facts.exchangeKey && sent[place].sender != facts.source.address
      && (facts.time - sent[place].time).magnitude < Timers.standard.finalResponse
      && session(sent[place].index) == session(index)
    {
      return sent[place].number
    }
    return nil
  }
}
