import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

/// A Cx request with its answer: indices into the flow's messages, and what stands in them.
struct CxPairOfMessages {
  var request: Int
  var answer: Int
  var round: Int?
  var asked: DiameterMessage
  var answered: DiameterMessage
}

extension Flow {
  /// The requests of one command, in order of time.
  func forEachRequest(_ command: CommandCode, _ body: (_ index: Int, _ request: DiameterMessage, _ round: Int?) -> Void)
  {
    for exchange in exchanges {
      guard let index = exchange.request, messages[index].command == command, let request = diameter(index) else {
        continue
      }
      body(index, request, exchange.round)
    }
  }

  /// The answered requests of one command, in order of time.
  func forEachExchange(_ command: CommandCode, _ body: (CxPairOfMessages) -> Void) {
    for exchange in exchanges {
      guard let request = exchange.request, let answer = exchange.answer, messages[request].command == command,
        let asked = diameter(request), let answered = diameter(answer)
      else { continue }
      body(
        CxPairOfMessages(request: request, answer: answer, round: exchange.round, asked: asked, answered: answered))
    }
  }

  /// Every Cx message of this registration, in order of time.
  func forEachDiameter(_ body: (_ index: Int, _ message: DiameterMessage) -> Void) {
    for index in messages.indices where messages[index].command != nil {
      if let message = diameter(index) { body(index, message) }
    }
  }

  /// The first REGISTER of a round that any hop shows.
  func firstRequest(of round: Int) -> Int? {
    var first: Int?
    for number in rounds[round].transactions {
      guard let request = transactions[number].requests.first else { continue }
      if first.map({ request < $0 }) ?? true { first = request }
    }
    return first
  }
}

extension DiameterMessage {
  /// Names of AVPs that are due and missing; empty, as a rule.
  func missing(_ due: [AVPName]) -> [String] {
    var missing: [String] = []
    for name in due where !has(name) { missing.append(AVPDefinition.of(name)?.name ?? "AVP \(name.code)") }
    return missing
  }

  /// How many AVPs of that name stand at the top level.
  func count(_ name: AVPName) -> Int {
    var count = 0
    for avp in avps where avp.code == name.code && avp.vendor == name.vendor { count += 1 }
    return count
  }
}

extension AVPName {
  static let ofUAR: [AVPName] = [.userName, .publicIdentity, .visitedNetworkIdentifier]
  static let ofMAR: [AVPName] = [.userName, .publicIdentity, .sipNumberAuthItems, .sipAuthDataItem, .serverName]
  static let ofSAR: [AVPName] = [.serverName, .serverAssignmentType, .userDataAlreadyAvailable]
}

extension Text {
  /// Of a URI as Cx has it: sip, sips or tel.
  var isPublicIdentity: Bool {
    hasPrefixIgnoringCase("sip:") || hasPrefixIgnoringCase("sips:") || hasPrefixIgnoringCase("tel:")
  }

  /// Host and port of an S-CSCF name; nil where it is no SIP URI.
  var server: SentBy? {
    guard hasPrefixIgnoringCase("sip:") || hasPrefixIgnoringCase("sips:") else { return nil }
    return SIPURI(self)?.sentBy
  }
}

extension SentBy {
  /// The same host; a port that one of them leaves out is no difference.
  func names(_ other: SentBy) -> Bool {
    host.equalsIgnoringCase(other.host) && (port == nil || other.port == nil || port == other.port)
  }
}
