import IMSBytes
import IMSDiameter
import IMSFlows
import IMSSIP

// What the HSS is told of a registration, and what it gives for it.

extension Glance {
  mutating func lookAtProfiles(of flow: Flow) {
    for number in flow.exchanges.indices {
      guard let sar = diameter.find(flow.exchanges[number].request), sar.command == .serverAssignment else { continue }
      let isStored = (1...2).contains(sar.assignmentType ?? 0) && !found.contains(.deregistration)
      note(.oddAssignment, if: !isStored || !isGranted(flow.exchanges[number].round, flow))
      if let answer = flow.exchanges[number].answer { note(.oddProfile, if: !holds(sar, answer, flow)) }
    }
    lookAtAssociatedURIs(of: flow)
  }

  private func isGranted(_ round: Int?, _ flow: Flow) -> Bool {
    guard let round else { return false }
    for number in flow.rounds[round].transactions {
      for final in flow.transactions[number].finals where (200..<300).contains(flow.messages[final].status) {
        return true
      }
    }
    return false
  }

  /// Did an SAA bring a whole profile that holds the identities of its SAR, as they are written there?
  private func holds(_ sar: DiameterFacts, _ answer: Int, _ flow: Flow) -> Bool {
    for number in flow.facts.serviceProfiles.indices where flow.facts.serviceProfiles[number].answer == answer {
      let profile = flow.facts.serviceProfiles[number].profile
      guard profile.fault == nil, profile.profiles > 0, profile.root?.isExactly("IMSSubscription") ?? false,
        profile.privateID.map({ Fingerprint(of: $0) == sar.userName }) ?? true
      else { return false }
      return profile.identities.contains { Fingerprint(of: $0.uri) == sar.publicIdentity }
    }
    return false
  }

  /// Does the registrar's grant name identities of the profile that are not barred?
  private mutating func lookAtAssociatedURIs(of flow: Flow) {
    var grant: Int?
    for index in flow.facts.grants {
      guard let hop = flow.messages[index].hop else { continue }
      if grant.map({ hop >= flow.messages[$0].hop ?? .h0 }) ?? true { grant = index }
    }
    guard let grant else { return }
    guard sip[grant].present.contains(.pAssociatedURI) else { return note(.otherAssociatedURI) }
    guard let profile = flow.serviceProfile?.profile, let message = flow.messages[grant].sip else { return }
    let isPlain =
      !profile.identities.contains { $0.isBarred }
      && message.allAddressesOfRecord(.pAssociatedURI) { address in
        profile.identities.contains { $0.addressOfRecord == address }
      }
    note(.otherAssociatedURI, if: !isPlain)
  }
}
