import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

// What a message tells beside another: a request and its responses, and the copies on two hops.

extension Glance {
  private static let ofAgreement = HeaderSet(.securityClient, .securityVerify)

  mutating func lookAtTransactions(of flow: Flow) {
    // What the UE waited for, and where the I-CSCF sent it.
    var total: Int64 = 0
    var server: Endpoint?
    for number in flow.transactions.indices {
      let transaction = flow.transactions[number]
      guard let request = transaction.requests.first else {
        note(.otherVia)
        continue
      }
      let facts = sip[request]
      note(.openTransaction, if: transaction.finals.isEmpty)
      if let final = transaction.finals.first, let delay = flow.delay(from: request, to: final) {
        note(.lateFinal, if: delay > .milliseconds(500))
        if transaction.hop == .h0 { total &+= delay.nanoseconds }
      }
      if transaction.hop == .h2 {
        let end = flow.messages[request].facts.destination
        note(.severalServers, if: server.map { $0 != end } ?? false)
        server = end
      } else if transaction.round == 0 {
        note(.oddFirstCredentials, if: !asksWithoutAnswer(facts))
      }
      lookAtTop(of: request, facts, transaction, flow)
      for response in transaction.responses { lookAt(response, of: transaction, facts, request, flow) }
      if transaction.hop == .h0 {
        lookAtGm(facts)
      } else {
        lookAtCore(facts, transaction.hop, flow)
      }
      for earlier in 0..<number where flow.transactions[earlier].hop == transaction.hop {
        guard let other = flow.transactions[earlier].requests.first else { continue }
        let isSame =
          flow.transactions[earlier].round == transaction.round
          || flow.messages[other].facts.keys?.topBranch == flow.messages[request].facts.keys?.topBranch
        note(.repeatedRequest, if: isSame)
      }
    }
    note(.slowRegistration, if: total > Interval.seconds(5).nanoseconds)
  }

  /// Are these the credentials of a first REGISTER: whole, and without a response?
  private func asksWithoutAnswer(_ facts: SIPFacts) -> Bool {
    !facts.marks.contains(.responds) && spellings.digest(of: facts)?.isComplete ?? false
  }

  /// The top Via of a request, and what its receiver made of it.
  private mutating func lookAtTop(of request: Int, _ facts: SIPFacts, _ transaction: Transaction, _ flow: Flow) {
    note(.oddTarget, if: transaction.hop != .h2 && facts.marks.contains(.oddTarget))
    guard facts.vias.count > 0 else { return }
    let top = vias[facts.vias[0]]
    let source = flow.messages[request].facts.source
    let isOwn = source.address.isSpelled(by: top.host)
    note(.foreignSentBy, if: top.host != .none && !isOwn)
    let isElsewhere = facts.contactHost != .none && !source.address.isSpelled(by: facts.contactHost)
    note(.foreignContact, if: transaction.hop == .h0 && isElsewhere)
    switch (top.transport, flow.messages[request].facts.transport) {
    case (.udp, .udp), (.tcp, .tcp), (.sctp, .sctp), (.tls, _), (.other, _): break
    default: note(.otherTransport)
    }
    var returned: ViaFacts?
    for response in transaction.responses where returned == nil && sip[response].vias.count > 0 {
      let via = vias[sip[response].vias[0]]
      // A quoted branch is no number here.
      if via.branch == .empty {
        note(.oddReceived)
        note(.oddRport)
      }
      if via.branch == top.branch { returned = via }
    }
    guard let returned else {
      note(.oddReceived)
      if case .empty = top.rport { note(.oddRport) }
      return
    }
    note(.oddReceived, if: returned.hasReceived ? returned.received == .none : !isOwn)
    guard case .empty = top.rport else { return }
    if case .port(let port) = returned.rport, port == source.port, returned.hasReceived { return }
    note(.oddRport)
  }

  private mutating func lookAt(
    _ response: Int, of transaction: Transaction, _ facts: SIPFacts, _ request: Int, _ flow: Flow
  ) {
    let answer = sip[response]
    note(.otherFrom, if: answer.from != facts.from || transaction.requests.count > 1)
    var isSame = answer.vias.count == facts.vias.count && transaction.requests.count == 1
    if isSame, answer.vias != facts.vias {
      for place in 0..<facts.vias.count where !vias.isSamePlace(facts.vias[place], answer.vias[place]) {
        isSame = false
      }
    }
    note(.otherVia, if: !isSame)
    let status = flow.messages[response].status
    if status == 401 || status == 403 {
      note(.refusedAnswer, if: facts.marks.contains(.responds) || transaction.requests.count > 1)
    }
    if case .udp = flow.messages[response].facts.transport {
      var isBack = false
      if case .udp = flow.messages[request].facts.transport {
        isBack = flow.messages[response].facts.destination == flow.messages[request].facts.source
      }
      if !isBack { note(.otherDestination, if: !isProtectedPort(of: response, request, flow)) }
    }
    if transaction.hop != .h0, answer.present.contains(.pChargingVector) {
      note(
        .oddChargingVector, if: answer.chargingIdentifier != facts.chargingIdentifier || transaction.requests.count > 1)
    }
  }

  /// Does a response go to the port that the UE named for its association?
  private func isProtectedPort(of response: Int, _ request: Int, _ flow: Flow) -> Bool {
    let port = flow.messages[response].facts.destination.port
    return flow.messages[request].sip?.securityClient.contains { $0.facts.portS == port } ?? false
  }

  private mutating func lookAtGm(_ facts: SIPFacts) {
    note(.oddPush, if: facts.vias.count != 1)
    note(.oddRequestedExpiry, if: facts.contactExpires ?? facts.expires != 600_000)
    if facts.present.contains(.securityClient) || facts.present.contains(.securityVerify) {
      let required = SIPFacts.Marks.requiresAgreement.union(.proxyRequiresAgreement)
      note(.noAgreementRequired, if: !facts.marks.contains(required))
    }
  }

  private mutating func lookAtCore(_ facts: SIPFacts, _ hop: Hop, _ flow: Flow) {
    note(.noPath, if: !facts.marks.contains(.path))
    note(.pathNotRequired, if: facts.present.contains(.path) && !facts.marks.contains(.requiresPath))
    note(.oddPath, if: facts.marks.contains(.oddRoute) || facts.present.contains(.recordRoute))
    note(
      .agreementInCore,
      if: !facts.present.intersection(Self.ofAgreement).isEmpty
        || !facts.marks.isDisjoint(with: .requiresAgreement.union(.proxyRequiresAgreement)))
    if facts.present.contains(.authorization) {
      let isInIPsec = flow.facts.usesIPsec
      note(
        .noProtectionMark,
        if: !facts.marks.contains(.integrityProtected) || facts.repeated.contains(.authorization)
          || facts.marks.contains(.claimsProtection) && !isInIPsec)
    }
    if hop == .h1 {
      note(.oddVisitedNetwork, if: !facts.marks.contains(.visitedNetwork))
      note(.oddChargingVector, if: facts.chargingIdentifier == .empty)
    }
  }

  // MARK: copies

  /// An access that the UE itself tells is no claim.
  private func claimsTrust(_ request: Int, _ flow: Flow) -> Bool {
    let words = sip[request].present.intersection(.trusted)
    if words.isEmpty { return false }
    let isOfAccess = words.subtracting(HeaderSet(.pAccessNetworkInfo)).isEmpty
    return !isOfAccess || flow.sip(request)?.mentions("network-provided", in: .pAccessNetworkInfo) ?? true
  }

  mutating func lookAtPairs(of flow: Flow) {
    for copies in flow.index.pairs(.h0, .h1) {
      lookAt(copies, flow)
      note(.trustedHeaderOfUE, if: claimsTrust(copies.inner, flow))
    }
    for copies in flow.index.pairs(.h1, .h2) {
      lookAt(copies, flow)
      let (before, after) = (sip[copies.inner], sip[copies.outer])
      note(.alteredPath, if: before.path != after.path)
      note(.oddVisitedNetwork, if: !copies.alike.contains(.pVisitedNetworkID))
      note(.oddChargingVector, if: before.chargingIdentifier != after.chargingIdentifier)
    }
  }

  private mutating func lookAt(_ copies: FlowIndex.Pair, _ flow: Flow) {
    let (before, after) = (sip[copies.inner], sip[copies.outer])
    lookAtVias(before.vias, after.vias, sender: flow.messages[copies.outer].from ?? .pcscf, flow)
    if let received = before.maxForwards, let sent = after.maxForwards {
      let steps = UInt64(max(1, after.vias.count - before.vias.count))
      note(.oddMaxForwards, if: sent >= received || received - sent > steps)
    }
    note(.alteredContact, if: before.contact != after.contact)
    let isAltered =
      before.from != after.from || before.to != after.to || before.bodyCount + after.bodyCount > 0
      || !copies.alike.contains(.supported)
    note(.alteredHeader, if: isAltered)
    if !isAltered, !copies.alike.contains(.authorization), !addsProtectionMark(before, after),
      let old = flow.messages[copies.inner].sip, let new = flow.messages[copies.outer].sip
    {
      note(.alteredHeader, if: old.changedCredential(in: new) != nil)
    }
  }

  /// Did the node between add integrity-protected to the one Authorization, and nothing else?
  private func addsProtectionMark(_ before: SIPFacts, _ after: SIPFacts) -> Bool {
    guard before.digestCount == 1, after.digestCount == 1, let old = spellings.digest(of: before),
      let new = spellings.digest(of: after)
    else { return false }
    return new.adds(integrityProtectedTo: old)
  }

  private mutating func lookAtVias(_ before: ViaNumbers, _ after: ViaNumbers, sender: Role, _ flow: Flow) {
    guard after.count == before.count + 1 else { return note(.oddPush) }
    let top = vias[after[0]].host
    if top != .none {
      var isOwn = false
      for number in flow.parties.indices where flow.parties[number].role == sender {
        isOwn = isOwn || flow.parties[number].address.isSpelled(by: top)
      }
      note(.oddPush, if: !isOwn)
    }
    for place in 0..<before.count where before[place] != after[place + 1] {
      let isReceived =
        place == 0 && vias[before[0]].isPlain && vias[after[1]].isPlain && vias.isSamePlace(before[0], after[1])
      note(.alteredVia, if: !isReceived)
    }
  }

  // MARK: final responses

  mutating func lookAtFinals(of flow: Flow) {
    for (near, far) in [(Hop.h0, Hop.h1), (.h1, .h2)] {
      for pair in flow.index.relayedFinals(near: near, far: far) {
        let (sent, got) = (sip[pair.relayed], sip[pair.received])
        note(.oddPop, if: got.vias.count == 0 ? sent.vias.count > 0 : sent.vias != got.vias.dropFirst)
        note(.alteredServiceRoute, if: got.present.contains(.serviceRoute) && sent.serviceRoute != got.serviceRoute)
      }
      for round in flow.rounds.indices {
        let (sent, got) = (flow.index.finals(of: round, on: near), flow.index.finals(of: round, on: far))
        guard sent.count == 1, got.count == 1 else { continue }
        note(.oddTag, if: sip[sent[0]].toTag != sip[got[0]].toTag)
      }
    }
  }

  mutating func lookAtGrants(of flow: Flow) {
    note(.authenticationInfo, if: flow.mechanism == .digest)
    for grant in flow.facts.grants {
      let answer = sip[grant]
      note(.noServiceRoute, if: !answer.marks.contains(.serviceRoute))
      note(.oddServiceRoute, if: answer.marks.contains(.oddRoute))
      note(.noExpiry, if: answer.marks.contains(.noExpiry))
      note(.alteredContact, if: answer.contactCount > 1)
      note(.authenticationInfo, if: answer.present.contains(.authenticationInfo))
      guard let request = flow.request(of: grant) else {
        note(.otherContact)
        note(.oddExpiry)
        continue
      }
      let asked = sip[request]
      note(.otherPath, if: asked.present.contains(.path) && asked.path != answer.path)
      let isSame = asked.contactCount == 1 && answer.contactCount > 0 && asked.contactURI == answer.contactURI
      note(.otherContact, if: !isSame)
      let granted = answer.contactExpires ?? answer.expires
      let requested = asked.contactExpires ?? asked.expires
      guard isSame, let granted, let requested else {
        note(.oddExpiry)
        continue
      }
      note(.oddExpiry, if: granted > requested || granted == 0)
    }
  }
}
