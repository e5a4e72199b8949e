import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

// What the Cx messages tell, alone, in their exchanges, and beside the REGISTERs.

extension Glance {
  mutating func lookAtCx(of flow: Flow) {
    for number in 0..<diameter.count {
      let marks = diameter.fact(number).marks
      note(.oddDiameterHeader, if: marks.contains(.oddHeader))
      note(.oddAVP, if: marks.contains(.oddShape))
      note(.otherApplication, if: marks.contains(.otherApplication))
      note(.oddFlags, if: marks.contains(.oddFlags))
      note(.oddSession, if: marks.contains(.oddSession))
      note(.oddAnswer, if: marks.contains(.oddAnswer))
    }
    lookAtExchanges(of: flow)
    lookAtRequests(of: flow)
    lookAtAnsweredVectors(of: flow)
    lookAtServers(of: flow)
    lookAtTargets(of: flow)
  }

  private mutating func lookAtExchanges(of flow: Flow) {
    for number in flow.exchanges.indices {
      guard let index = flow.exchanges[number].request, let asked = diameter.find(index) else { continue }
      if let answered = diameter.find(flow.exchanges[number].answer) {
        note(.oddSession, if: answered.session != asked.session)
        if answered.command != asked.command {
          note(.oddUAA)
          note(.oddRequestURI)
          note(.otherTarget)
        }
        note(
          .otherAnswer,
          if: answered.command != asked.command || answered.endToEnd != asked.endToEnd
            || answered.isProxiable != asked.isProxiable)
      }
      note(.repeatedCxRequest, if: flow.messages[index].message.sendings > 1)
      for earlier in 0..<number {
        guard let other = diameter.find(flow.exchanges[earlier].request) else { continue }
        note(.oddSession, if: other.session == asked.session)
        note(.repeatedCxRequest, if: other.endToEnd == asked.endToEnd && other.command == asked.command)
      }
    }
  }

  private mutating func lookAtRequests(of flow: Flow) {
    var found = found
    let identities = DiameterFacts.Marks.userName.union(.publicIdentity)
    forEachExchange(of: flow, .userAuthorization) { uar, uaa, _ in
      let due = identities.union(.visitedNetwork)
      found.insert(.deregistration, if: uar.authorizationType ?? 0 != 0)
      found.insert(.oddUAR, if: !uar.marks.contains(due) || uar.marks.contains(.oddIdentity))
      if let uaa { found.insert(.oddUAA, if: !Self.isPlain(uaa, uar.authorizationType ?? 0)) }
    }
    forEachExchange(of: flow, .multimediaAuth) { mar, _, _ in
      let due = identities.union(.serverName)
      let isWhole = mar.marks.contains(due) && mar.items == 1 && mar.numberOfItems ?? 0 > 0
      found.insert(.oddMAR, if: !isWhole || mar.marks.contains(.otherScheme))
    }
    forEachExchange(of: flow, .serverAssignment) { sar, _, _ in
      let due = identities.union(.serverName).union(.assignmentType).union(.dataAvailable)
      found.insert(.oddSAR, if: !sar.marks.contains(due) || sar.marks.contains(.identities))
    }
    self.found = found
  }

  /// A first registration without Server-Name, or a further one with it alone.
  private static func isPlain(_ uaa: DiameterFacts, _ type: UInt32) -> Bool {
    if uaa.marks.contains(.oddAnswer) || type > 1 { return false }
    let hasName = uaa.marks.contains(.serverName)
    if uaa.experimentalCode == 2001 { return !hasName }
    return (uaa.experimentalCode == 2002) == (type == 0) && hasName
      && uaa.marks.isDisjoint(with: .capabilities.union(.oddServerName))
  }

  private mutating func lookAtAnsweredVectors(of flow: Flow) {
    var found = found
    forEachExchange(of: flow, .multimediaAuth) { mar, maa, _ in
      guard let maa else { return }
      found.insert(
        .oddVector, if: maa.items > 1 || !maa.marks.isDisjoint(with: .oddVector.union(.otherScheme)))
      let isAlike =
        (!maa.marks.contains(.userName) || maa.userName == mar.userName)
        && (!maa.marks.contains(.publicIdentity) || maa.publicIdentity == mar.publicIdentity)
      let isOdd =
        !isAlike || maa.numberOfItems.map { $0 != UInt32(clamping: maa.items) } ?? false
        || !mar.marks.union(maa.marks).isDisjoint(with: .otherScheme.union(.resynchronisation))
      found.insert(.oddMAA, if: isOdd)
    }
    self.found = found
  }

  /// The names under which the S-CSCF is known to the HSS.
  private mutating func lookAtServers(of flow: Flow) {
    var name: Fingerprint?
    var challenged = Timestamp.distantFuture
    for number in flow.exchanges.indices {
      guard let request = flow.exchanges[number].request, let asked = diameter.find(request),
        asked.command == .multimediaAuth || asked.command == .serverAssignment
      else { continue }
      if asked.command == .multimediaAuth, let answer = flow.exchanges[number].answer {
        challenged = min(challenged, flow.messages[answer].time)
      }
      guard asked.serverName != .empty else { continue }
      if let name {
        note(.oddServerName, if: name != asked.serverName)
      } else {
        name = asked.serverName
        let isPlain = asked.marks.contains(.plainServerName)
        note(.oddServerName, if: !isPlain && flow.diameter(request)?.serverName?.server == nil)
      }
    }
    for number in flow.exchanges.indices {
      guard let request = flow.exchanges[number].request, flow.messages[request].command == .userAuthorization,
        flow.messages[request].time > challenged
      else { continue }
      let answered = diameter.find(flow.exchanges[number].answer)
      note(.otherServer, if: name == nil || answered?.serverName != name || found.contains(.oddServerName))
    }
  }

  /// Where the I-CSCF sent each REGISTER, and what the HSS had told it.
  private mutating func lookAtTargets(of flow: Flow) {
    for transaction in flow.transactions where transaction.hop == .h2 {
      guard let request = transaction.requests.first else { continue }
      let target = sip[request].requestURI
      for number in flow.rounds[transaction.round].exchanges {
        guard let answer = diameter.find(flow.exchanges[number].answer),
          answer.command == .userAuthorization, answer.serverName != .empty
        else { continue }
        note(.otherTarget, if: answer.serverName != target)
        note(.oddRequestURI, if: answer.serverName != target)
      }
    }
    for copies in flow.index.pairs(.h1, .h2) {
      note(.oddRequestURI, if: sip[copies.inner].requestURI == sip[copies.outer].requestURI)
    }
    lookAtVisitedNetworks(of: flow)
  }

  private mutating func lookAtVisitedNetworks(of flow: Flow) {
    for number in flow.exchanges.indices {
      guard let uar = diameter.find(flow.exchanges[number].request), uar.command == .userAuthorization,
        uar.visitedNetwork != .empty
      else { continue }
      for transaction in flow.transactions.indices where flow.transactions[transaction].hop == .h1 {
        guard let request = flow.transactions[transaction].requests.first,
          sip[request].present.contains(.pVisitedNetworkID)
        else { continue }
        note(.otherVisitedNetwork, if: sip[request].visitedNetwork != uar.visitedNetwork)
      }
    }
  }
}
