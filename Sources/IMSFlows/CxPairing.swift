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
    var diameter: DiameterMessage
    var key: Fingerprint
    var number: Int
    var message: Message
  }

  private var requests: [Open] = []
  private var answers: [Open] = []
  private var sent: [Sent] = []

  /// A message that opens an exchange gives it the number `next`.
  mutating func place(_ diameter: DiameterMessage, _ message: Message, next: Int) -> Place {
    let key = message.exchangeKey
    guard diameter.isRequest else {
      if let place = requests.firstIndex(where: { $0.key == key }) {
        let request = requests.remove(at: place)
        return request.isRelay ? .relays(request.number) : .completes(request.number)
      }
      answers.append(Open(key: key, number: next, time: message.time))
      return .opens
    }
    let early = answers.firstIndex { $0.key == key }
    if let early, message.time - answers[early].time < Timers.clockSlack {
      return .completes(answers.remove(at: early).number)
    }
    requests.removeAll { $0.key == key }
    if let number = relayed(diameter, message, key) {
      requests.append(Open(key: key, number: number, time: message.time, isRelay: true))
      return .relays(number)
    }
    requests.append(Open(key: key, number: next, time: message.time))
    sent.append(Sent(diameter: diameter, key: key, number: next, message: message))
    return .opens
  }

  /// The exchange of which this request is a further leg: another node sends it. A node that asks a second HSS asks anew.
  private func relayed(_ diameter: DiameterMessage, _ message: Message, _ key: Fingerprint) -> Int? {
    sent.last { other in
      other.diameter.endToEnd == diameter.endToEnd && other.diameter.command == diameter.command && other.key != key
        && (message.time - other.message.time).magnitude < Timers.standard.finalResponse
        && other.message.source.address != message.source.address
        && other.diameter.sessionID == diameter.sessionID
    }?.number
  }
}
