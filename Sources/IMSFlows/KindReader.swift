import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// What a registration wants: read from its first REGISTER, from what the subscriber had before, and from Cx.
enum KindReader {
  static func kind(of flow: Flow, isNetworkInitiated: Bool) -> Flow.Kind {
    if isNetworkInitiated { return .networkDeregistration }
    let index = flow.messages.indices.first { flow.messages[$0].isRegister && flow.messages[$0].isRequest }
    guard let index, let first = flow.messages[index].sip else {
      return flow.messages.contains { $0.isSIP } ? .unknown : ofCx(flow)
    }
    if !flow.messages[index].authentication.hasCredentials, let from = first.from, let to = first.to,
      from.uriText != to.uriText, from.uri.addressOfRecordFingerprint != to.uri.addressOfRecordFingerprint
    {
      return .thirdParty
    }
    let contacts = first.contacts
    if contacts.contains(where: { $0.uri.parameters.has("sos") }) { return .emergency }
    if first.takesAway(naming: contacts) { return .deregistration }
    // A Contact behind the cut is not missing.
    if contacts.isEmpty, !first.isWildcardContact {
      return flow.messages[index].facts.isTruncated ? .unknown : .fetch
    }
    if flow.messages[index].facts.isTruncated, hidesExpiry(first, contacts) { return .unknown }
    return isRefresh(flow, first, responds: flow.messages[index].authentication.hasNonce) ? .refresh : .initial
  }

  /// May an expiry of 0 stand behind the cut?
  private static func hidesExpiry(_ register: SIPMessage, _ contacts: [NameAddr]) -> Bool {
    if contacts.contains(where: { ($0.expires ?? 0) > 0 }) || (register.expires ?? 0) > 0 { return false }
    return !register.showsWhole(.contact) || register.expires == nil
  }

  private static func isRefresh(_ flow: Flow, _ first: SIPMessage, responds: Bool) -> Bool {
    if let before = flow.before {
      let isSame = before.callID == flow.rounds.first?.callID
      // Who comes without a nonce when the registration has ended begins anew (TS 24.229 §5.1.1.2).
      if isSame, before.registered { return responds || !hasEnded(before, at: flow.start) }
      // What ended may be that of another device.
      if !isSame, responds, assignmentType(flow, flow.messages.indices) == 2 { return true }
    }
    if flow.before == nil || flow.before?.registered == true, let type = assignmentType(flow, flow.messages.indices) {
      return type == 2
    }
    let protected = first.authorization.contains { $0.integrityProtected?.hasPrefixIgnoringCase("yes") ?? false }
    return protected || (flow.before == nil && !flow.startSeen)
  }

  private static func hasEnded(_ before: Binding, at time: Timestamp) -> Bool {
    before.expiry > 0 && before.grantedAt + .seconds(Int64(before.expiry)) < time
  }

  /// Server-Assignment-Type of the first SAR among these messages that tells one.
  private static func assignmentType(_ flow: Flow, _ indices: some Sequence<Int>) -> UInt32? {
    for index in indices where flow.messages[index].command == .serverAssignment {
      if let type = flow.messages[index].diameter?.serverAssignmentType { return type }
    }
    return nil
  }

  /// From Server-Assignment-Type and User-Authorization-Type alone.
  private static func ofCx(_ flow: Flow) -> Flow.Kind {
    let requests = flow.messages.compactMap(\.message.diameter).filter(\.isRequest)
    if requests.contains(where: { $0.command == .userAuthorization && $0.userAuthorizationType == 1 }) {
      return .deregistration
    }
    switch assignmentType(flow, flow.messages.indices.reversed()) {
    case 1, 9, 10: return .initial
    case 2: return .refresh
    case 5, 7: return .deregistration
    case 4, 6, 8, 11: return .networkDeregistration
    default: break
    }
    let answers = flow.messages.compactMap(\.message.diameter).filter {
      !$0.isRequest && $0.command == .userAuthorization
    }
    return answers.first?.experimentalResult?.code == 2001 ? .initial : .unknown
  }
}
