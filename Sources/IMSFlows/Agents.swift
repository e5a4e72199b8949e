import IMSBytes
import IMSDiameter
import IMSMessages
import IMSWire

/// Diameter agents between a CSCF and the HSS (RFC 6733 §2.8): the legs of an exchange, and who stands between them.
enum Agents {
  static func addLeg(_ index: Int, isRequest: Bool, to number: Int, _ flow: inout Flow) {
    if isRequest {
      flow.exchanges[number].legs.append(Exchange.Leg(request: index, answer: nil))
      return
    }
    let key = flow.messages[index].message.exchangeKey
    let leg = flow.exchanges[number].legs.firstIndex { leg in
      leg.request.map { flow.messages[$0].message.exchangeKey } == key
    }
    if let leg { flow.exchanges[number].legs[leg].answer = index }
  }

  /// From the node that asks to the one that answers: each leg begins where the one before ends.
  static func sort(_ number: Int, _ flow: inout Flow) {
    let exchange = flow.exchanges[number]
    var rest = [Exchange.Leg(request: exchange.request, answer: exchange.answer)] + exchange.legs
    func ends(_ leg: Exchange.Leg) -> (from: IPAddress, to: IPAddress)? {
      leg.request.map { (flow.messages[$0].message.source.address, flow.messages[$0].message.destination.address) }
    }
    let first = rest.firstIndex { leg in
      guard let from = ends(leg)?.from else { return false }
      return !rest.contains { ends($0)?.to == from }
    }
    var sorted = [rest.remove(at: first ?? 0)]
    while !rest.isEmpty {
      let next = rest.firstIndex { ends($0)?.from == ends(sorted[sorted.count - 1])?.to }
      sorted.append(rest.remove(at: next ?? 0))
    }
    flow.exchanges[number].request = sorted[0].request
    flow.exchanges[number].answer = sorted[0].answer
    flow.exchanges[number].legs = Array(sorted.dropFirst())
  }

  /// Puts the agents between the two ends of the hop.
  static func place(_ flow: inout Flow) {
    for exchange in flow.exchanges where !exchange.legs.isEmpty {
      let legs = [Exchange.Leg(request: exchange.request, answer: exchange.answer)] + exchange.legs
      // One that asks a second HSS has two legs beside each other.
      let agents = legs.dropFirst().compactMap { leg in leg.request.map { flow.messages[$0].facts.source.address } }
      for (number, leg) in legs.enumerated() {
        for index in leg.messages {
          let isForward = index == leg.request
          let (source, destination) = (flow.messages[index].facts.source, flow.messages[index].facts.destination)
          if number > 0 { flow.messages[index].setRole(.agent, ofSender: isForward) }
          if agents.contains((isForward ? destination : source).address) {
            flow.messages[index].setRole(.agent, ofSender: !isForward)
          }
        }
      }
    }
  }
}

extension FlowMessage {
  fileprivate mutating func setRole(_ role: Role, ofSender: Bool) { if ofSender { from = role } else { to = role } }
}
