import IMSAccess
import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// What stands under an arrow of the full view: the header fields and AVPs that the documented sequence draws.
enum MessageParameters {
  /// In the order of the documented sequence: where it goes, the Via stack, the routes, who, the credentials.
  private static let headers: [HeaderName] = [
    .via, .route, .path, .serviceRoute, .maxForwards, .from, .to, .contact, .callID, .cseq, .expires, .require,
    .supported,
    .securityClient, .securityServer, .securityVerify, .authorization, .wwwAuthenticate, .authenticationInfo,
    .pAssociatedURI, .pVisitedNetworkID, .pChargingVector, .contentLength,
  ]
  /// AVPs of the transport say nothing of the registration.
  private static let left: Set<String> = [
    "Session-Id", "Vendor-Specific-Application-Id", "Auth-Session-State", "Origin-Realm", "Destination-Realm",
    "Proxy-Info", "Route-Record",
  ]

  /// "Via: SIP/2.0/UDP …": keys are taken out unless `revealKeys` is set.
  static func lines(of message: Message, revealKeys: Bool) -> [String] {
    switch message.body {
    case .sip(let sip): lines(of: sip, revealKeys)
    case .diameter(let diameter): lines(of: diameter.avps, revealKeys)
    case .dns(let dns): dns.answers.map { "\($0.name.string) \($0.type.name) \($0.data)" }
    case .access(let access): access.detail.isEmpty ? [] : [access.detail]
    case .event: []
    }
  }

  private static func lines(of sip: SIPMessage, _ revealKeys: Bool) -> [String] {
    let target = sip.requestURI.map { ["Request-URI: \($0.string)"] } ?? []
    return target
      + headers.flatMap { name in
        sip.fields.filter { sip.name(of: $0) == name }.map { field in
          let value = sip.value(of: field)
          let shown = revealKeys ? value.unfolded.string : Redaction.redacted(headerValue: value, of: name)
          return "\(name.name): \(shown)"
        }
      }
  }

  private static func lines(of avps: AVPSequence, _ revealKeys: Bool) -> [String] {
    avps.flatMap { avp -> [String] in
      let name = avp.definition?.name ?? "AVP \(avp.code)"
      if left.contains(name) { return [] }
      let isGroup = avp.definition?.type == .grouped && !(avp.isKeyMaterial && !revealKeys)
      guard isGroup else { return ["\(name): \(avp.rendered(revealKeys: revealKeys))"] }
      return lines(of: avp.children, revealKeys)
    }
  }
}
