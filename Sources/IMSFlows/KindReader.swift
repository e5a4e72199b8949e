import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// What a registration wants: read from its first REGISTER, from what the subscriber had before, and from Cx.
enum KindReader {
  static func kind(of flow: Flow, isNetworkInitiated: Bool) -> Flow.Kind {
    if isNetworkInitiated { return .networkDeregistration }
    let index = flow.messages.firstIndex { $0.isRegister && $0.isRequest }
    guard let register = index.map({ flow.messages[$0].message }), let first = register.sip else {
      return flow.messages.contains { $0.isSIP } ? .unknown : ofCx(flow)
    }
    if let from = first.from?.uri, let to = first.to?.uri,
      from.addressOfRecordFingerprint != to.addressOfRecordFingerprint,
      first.authorization.isEmpty
    {
      return .thirdParty
    }
    if first.contacts.contains(where: { $0.uri.parameters.has("sos") }) { return .emergency }
    if isDeregistration(first) { return .deregistration }
    // A Contact behind the cut is not missing.
    if first.contacts.isEmpty, !first.isWildcardContact { return register.isTruncated ? .unknown : .fetch }
    return isRefresh(flow, first) ? .refresh : .initial
  }

  static func isDeregistration(_ request: SIPMessage) -> Bool {
    request.isWildcardContact || (request.requestedExpiry == 0 && !request.contacts.isEmpty)
  }

  private static func isRefresh(_ flow: Flow, _ first: SIPMessage) -> Bool {
    if let before = flow.before, before.registered, before.callID == flow.rounds.first?.callID { return true }
    if let type = assignmentTypes(flow).first, flow.before == nil || flow.before?.registered == true {
      return type == 2
    }
    let protected = first.authorization.contains { $0.integrityProtected?.hasPrefixIgnoringCase("yes") ?? false }
    return protected || (flow.before == nil && !flow.startSeen)
  }

  private static func assignmentTypes(_ flow: Flow) -> [UInt32] {
    flow.messages.lazy.filter { $0.command == .serverAssignment }.compactMap {
      $0.message.diameter?.serverAssignmentType
    }
  }

  /// From Server-Assignment-Type and User-Authorization-Type alone.
  private static func ofCx(_ flow: Flow) -> Flow.Kind {
    let requests = flow.messages.compactMap(\.message.diameter).filter(\.isRequest)
    if requests.contains(where: { $0.command == .userAuthorization && $0.userAuthorizationType == 1 }) {
      return .deregistration
    }
    switch assignmentTypes(flow).last {
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
