import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

// What one message tells by itself.

extension FlowMessage {
  fileprivate var isOverTCP: Bool { if case .tcp = facts.transport { true } else { false } }
}

extension Glance {
  private static let mandatory = HeaderSet(.via, .to, .from, .callID, .cseq)
  private static let ofCharging = HeaderSet(.pChargingVector, .pChargingFunctionAddresses)
  private static let ofCore = HeaderSet(.pUserDatabase, .pVisitedNetworkID, .warning, .server)

  mutating func lookAtMessages(of flow: Flow) {
    var challengedOn = HopSet([])
    var isChallenged = false
    for index in flow.index.registerMessages {
      let facts = sip[index]
      let isRequest = flow.messages[index].isRequest
      let isOnGm = flow.messages[index].hop == .h0
      note(.missingHeader, if: !Self.mandatory.subtracting(facts.present).isEmpty)
      note(.repeatedHeader, if: !facts.repeated.intersection(.single).isEmpty)
      let hasLength = facts.present.contains(.contentLength)
      note(
        .oddLength,
        if: facts.marks.contains(.oddLength) || facts.bodyCount > 0 && !facts.present.contains(.contentType)
          || !hasLength && flow.messages[index].isOverTCP)
      note(.unreadable, if: facts.marks.contains(.unreadable) || flow.messages[index].status == 420)
      note(.issues, if: facts.marks.contains(.issues))
      note(.oddTag, if: facts.marks.contains(.noTag))
      note(.keyElsewhere, if: facts.marks.contains(.freeText))
      note(.qop, if: facts.marks.contains(.counts))
      note(.oddDigest, if: facts.marks.contains(.oddDigest))
      note(.oddAlgorithm, if: facts.marks.contains(.otherAlgorithm))
      isChallenged = isChallenged || flow.messages[index].status == 401 || flow.messages[index].status == 407
      if flow.messages[index].status == 401 {
        note(.oddChallenge, if: !facts.marks.contains(.challenge))
        note(.oddAlgorithm, if: !facts.marks.contains(.challenge))
        if let hop = flow.messages[index].hop {
          note(.challengedTwice, if: challengedOn.contains(hop))
          challengedOn.insert(hop)
        }
      }
      if isRequest {
        lookAtRequest(facts)
        note(.repetition, if: flow.messages[index].message.sendings > 1)
        if isOnGm { note(.claimOfUE, if: facts.marks.contains(.integrityProtected)) }
      } else if isOnGm {
        note(.chargingOnGm, if: !Self.ofCharging.intersection(facts.present).isEmpty)
        note(.coreOnGm, if: !Self.ofCore.intersection(facts.present).isEmpty)
      }
      if facts.marks.contains(.key) {
        let isChallenge = flow.messages[index].status == 401
        note(.keyElsewhere, if: !isChallenge)
        note(.keyOnGm, if: isChallenge && isOnGm)
      }
    }
    note(.unchallenged, if: !isChallenged)
  }

  private mutating func lookAtRequest(_ facts: SIPFacts) {
    note(.missingHeader, if: !facts.present.contains(.maxForwards))
    note(.oddBranch, if: facts.marks.contains(.oddBranch))
    note(.oddMaxForwards, if: facts.marks.contains(.oddMaxForwards))
    note(.oddCSeq, if: facts.marks.contains(.oddCSeq))
    note(.oddTag, if: facts.marks.contains(.toTag))
    note(.largeRequest, if: facts.marks.contains(.large))
    note(.userOfDigits, if: facts.marks.contains(.userOfDigits))
    note(.deregistration, if: facts.contactCount == 0 || facts.contactExpires ?? facts.expires == 0)
    note(.route, if: facts.present.contains(.route))
    note(.wildcardContact, if: facts.marks.contains(.asterisk))
    note(.otherIdentity, if: facts.marks.contains(.otherIdentity))
    note(.unanswered, if: spellings.digest(of: facts)?.isUnanswered ?? false)
  }

  /// Challenges and vectors.
  mutating func lookAtVectors(of flow: Flow) {
    let facts = flow.facts
    let count = facts.authenticationVectors.count
    note(.challengedTwice, if: count > 1 || facts.answeredChallenges.count > 1)
    note(.otherNonce, if: count > 1 || facts.subscriber != nil)
    let isOfAKA = facts.authenticationVectors.indices.contains { facts.authenticationVectors[$0].challenge.count == 32 }
    note(.oddAlgorithm, if: flow.index.hasVectors && !isOfAKA)
    var areKnown = count == 1
    for index in facts.nonces.indices {
      guard let octets = facts.nonces[index].octets, octets.count >= 32 else {
        note(.oddNonce)
        areKnown = false
        continue
      }
      note(.oddNonce, if: facts.nonces[index].text.count == 64)
      let isKnown = facts.authenticationVectors.indices.contains {
        facts.authenticationVectors[$0].challenge.elementsEqual(octets[..<32])
      }
      note(.otherNonce, if: !isKnown)
      areKnown = areKnown && isKnown
    }
    lookAtKeys(areKnown ? facts.authenticationVectors[0] : nil, flow)
  }

  // MARK: of the UE

  /// Contacts that differ may name one device all the same: that of a protected REGISTER has another port.
  private func isOneInstance(_ first: Int, _ second: Int, _ flow: Flow) -> Bool {
    guard let instance = flow.messages[first].sip?.plainInstance else { return false }
    return flow.messages[second].sip?.plainInstance == instance
  }

  /// The user and the device that the REGISTERs name, and what the HSS is asked for.
  mutating func lookAtUser(of flow: Flow) {
    var first: Int?
    var identity = Fingerprint.empty
    var hasPlus = false
    for index in flow.index.registerMessages where flow.messages[index].isRequest {
      guard let keys = flow.messages[index].facts.keys else { return note(.otherCxIdentity) }
      hasPlus = hasPlus || sip[index].marks.contains(.plus)
      if let first {
        let isOtherUser = sip[index].username != sip[first].username
        let isOtherContact = hasPlus && sip[index].contact != sip[first].contact
        note(.otherDevice, if: isOtherUser || isOtherContact && !isOneInstance(first, index, flow))
        note(.otherCxIdentity, if: isOtherUser || keys.toAOR != identity)
      } else {
        first = index
        identity = keys.toAOR
        note(.otherCxIdentity, if: sip[index].username == .empty)
      }
    }
    guard let first else { return }
    let user = sip[first].username
    for number in 0..<diameter.count {
      let facts = diameter.fact(number)
      if !facts.marks.contains(.request) { continue }
      let isOther =
        facts.marks.contains(.publicIdentity) && facts.publicIdentity != identity
        || facts.marks.contains(.userName) && facts.userName != user
      note(.otherCxIdentity, if: isOther)
    }
  }
}
