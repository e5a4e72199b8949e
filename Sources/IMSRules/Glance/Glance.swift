import IMSBytes
import IMSDiameter
package import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

/// Looks over a registration once, for all rules: which of them could have something to say. What it needs of the messages
/// is numbers, each found once.
package struct Glance {
  var found = TriggerSet()
  /// By the indices of the messages.
  private(set) var sip: [SIPFacts]
  private(set) var vias = ViaTable()
  /// By the indices of the messages; nil for what is none of Diameter.
  private(set) var diameter: [DiameterFacts?]
  /// The messages of Diameter.
  private(set) var cx: [Int] = []

  /// What stands in a registration of which no message was cut.
  package static func triggers(of flow: Flow) -> TriggerSet {
    var glance = Glance(flow)
    if glance.isUncertain(flow) { return .all }
    glance.lookAtMessages(of: flow)
    glance.lookAtTransactions(of: flow)
    glance.lookAtPairs(of: flow)
    glance.lookAtFinals(of: flow)
    glance.lookAtGrants(of: flow)
    glance.lookAtUser(of: flow)
    glance.lookAtVectors(of: flow)
    glance.lookAtCx(of: flow)
    return glance.found
  }

  private init(_ flow: Flow) {
    sip = Array(repeating: SIPFacts(), count: flow.messages.count)
    diameter = Array(repeating: nil, count: flow.messages.count)
    // The request before: the copies of one REGISTER come one after the other.
    var request: Int?
    let none = SIPFacts()
    for index in flow.messages.indices {
      if flow.messages[index].isRegister, let message = flow.messages[index].sip {
        sip[index] = SIPFacts(message, &vias, after: request.map { sip[$0] } ?? none)
        if flow.messages[index].isRequest { request = index }
      } else if let message = flow.messages[index].diameter {
        diameter[index] = DiameterFacts(message)
        cx.append(index)
      }
    }
  }

  private func isUncertain(_ flow: Flow) -> Bool {
    for index in flow.index.registerMessages where sip[index].marks.contains(.unknown) { return true }
    return false
  }

  mutating func note(_ trigger: Trigger, if stands: Bool) { found.insert(trigger, if: stands) }
  mutating func note(_ trigger: Trigger) { found.insert(trigger) }

  /// The requests of a Cx command with their answers, as far as they are there.
  func forEachExchange(
    of flow: Flow, _ command: CommandCode, _ body: (_ asked: DiameterFacts, _ answered: DiameterFacts?, Int) -> Void
  ) {
    for number in flow.exchanges.indices {
      guard let request = flow.exchanges[number].request, let asked = diameter[request], asked.command == command else {
        continue
      }
      body(asked, flow.exchanges[number].answer.flatMap { diameter[$0] }, number)
    }
  }
}
