import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// Tells the authentication mechanism by the signatures of the documented variants (V14–V17 for those without AKA).
enum Mechanism {
  static func of(_ flow: Flow) -> Flow.Mechanism {
    // Nearly always the first challenge says it.
    for index in flow.messages.indices where flow.messages[index].authentication.isOfAKA { return .aka }
    let sip = flow.messages.compactMap(\.sip)
    let diameter = flow.messages.compactMap(\.message.diameter)
    let challenges = sip.flatMap { $0.wwwAuthenticate + $0.authorization }
    if let scheme = ofCx(diameter) { return scheme }
    if sip.contains(where: { $0.securityClient.contains { $0.mechanism.equalsIgnoringCase("tls") } }) { return .tls }
    let protection = challenges.compactMap(\.integrityProtected)
    if protection.contains(where: { $0.hasPrefixIgnoringCase("tls") }) { return .tls }
    if protection.contains(where: { $0.hasPrefixIgnoringCase("ip-assoc") }) { return .digest }
    if sip.contains(where: { $0.securityClient.contains { $0.mechanism.equalsIgnoringCase("ipsec-3gpp") } }) {
      return .aka
    }
    if challenges.contains(where: { $0.algorithm != nil }) { return .digest }
    if sip.contains(where: { !$0.wwwAuthenticate.isEmpty }) { return .digest }
    if let credentials = challenges.first { return (credentials.response?.isEmpty ?? true) ? .unknown : .digest }
    return flow.outcome == .registered && !sip.isEmpty ? .none : .unknown
  }

  private static func ofCx(_ messages: [DiameterMessage]) -> Flow.Mechanism? {
    for item in messages.flatMap(\.authDataItems) {
      if item.children.contains(where: { [625, 626].contains($0.code) }) { return .aka }
      if item.children.contains(where: { $0.code == 635 }) { return .digest }
      guard let scheme = item.children.first(where: { $0.code == 608 })?.data else { continue }
      if scheme.hasPrefixIgnoringCase("Digest-AKA") { return .aka }
      if scheme.equalsIgnoringCase("SIP Digest") { return .digest }
      if scheme.equalsIgnoringCase("Early-IMS-Security") { return .giba }
      if scheme.equalsIgnoringCase("NASS-Bundled") { return .nba }
    }
    return nil
  }
}
