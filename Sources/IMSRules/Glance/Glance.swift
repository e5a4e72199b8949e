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
  /// Of the messages of REGISTER.
  private(set) var sip: FactTable<SIPFacts>
  /// Of the messages of Diameter.
  private(set) var diameter: FactTable<DiameterFacts>
  private(set) var spellings: Spellings

  /// What stands in a registration of which no message was cut.
  package static func triggers(of flow: Flow) -> TriggerSet {
    var glance = Glance(
      messages: flow.messages.count, registers: flow.index.registerMessages.count, Spellings(digests: flow.digests))
    glance.read(flow)
    if glance.isUncertain(flow) { return .all }
    glance.lookAtMessages(of: flow)
    glance.lookAtTransactions(of: flow)
    glance.lookAtPairs(of: flow)
    glance.lookAtFinals(of: flow)
    glance.lookAtGrants(of: flow)
    glance.lookAtUser(of: flow)
    glance.lookAtVectors(of: flow)
    glance.lookAtAnsweredChallenges(of: flow)
    glance.lookAtAgreements(of: flow)
    glance.lookAtCx(of: flow)
    glance.lookAtProfiles(of: flow)
    glance.lookAtOrder(of: flow)
    return glance.found
  }

  private init(messages: Int, registers: Int, _ spellings: Spellings) {
    self.spellings = spellings
    sip = FactTable(none: SIPFacts(), messages: messages, capacity: registers)
    diameter = FactTable(none: DiameterFacts(), messages: messages, capacity: messages - registers)
  }

  /// What an initializer is given is copied for it, so that it is not one.
  private mutating func read(_ flow: Flow) {
    for index in flow.messages.indices {
      if flow.messages[index].isRegister, let message = flow.messages[index].sip {
        sip.insert(SIPFacts(message, &spellings), index)
      } else if let message = flow.messages[index].diameter {
        diameter.insert(DiameterFacts(message), index)
      }
    }
  }

  var vias: ViaTable { _read { yield spellings.vias } }

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
      guard let asked = diameter.find(flow.exchanges[number].request), asked.command == command else { continue }
      body(asked, diameter.find(flow.exchanges[number].answer), number)
    }
  }
}

/// What was found of some of the messages, by their indices.
struct FactTable<Facts: BitwiseCopyable & Sendable>: Sendable {
  /// The first is that of a message that has none.
  private var facts: [Facts]
  /// Of the messages, 0 for those without facts.
  private var places: [Int32]

  init(none: Facts, messages: Int, capacity: Int) {
    facts = []
    facts.reserveCapacity(capacity + 1)
    facts.append(none)
    places = [Int32](repeating: 0, count: messages)
  }

  mutating func insert(_ new: Facts, _ message: Int) {
    places[message] = Int32(truncatingIfNeeded: facts.count)
    facts.append(new)
  }

  /// How many messages have some, and each of them, in the order of the messages.
  var count: Int { facts.count - 1 }
  func fact(_ number: Int) -> Facts { facts[number + 1] }

  subscript(message: Int) -> Facts { facts[Int(places[message])] }

  /// Nil for a message without facts.
  func find(_ message: Int) -> Facts? { places[message] == 0 ? nil : facts[Int(places[message])] }
  func find(_ message: Int?) -> Facts? { message.flatMap { find($0) } }
}
