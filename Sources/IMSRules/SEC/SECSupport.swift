import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

/// A REGISTER on Gm that answers a challenge with a security agreement.
struct ProtectedAnswer {
  /// The REGISTER and the 401, as indices into the flow's messages.
  var request: Int
  var challenge: Int
  var round: Int
}

extension Condition {
  /// Where the 401 on Gm was not seen, nobody knows; rules that need it say so.
  static let securityAgreed = Condition("a registration with AKA whose challenge offers IPsec") { flow in
    guard flow.mechanism == .aka, ![.networkDeregistration, .thirdParty].contains(flow.kind) else { return false }
    return flow.challengedWithIPsec || !flow.messages.contains { $0.hop == .h0 && $0.status == 401 }
  }
}

extension Flow {
  /// The REGISTERs on Gm that answer a 401 with Security-Server. One that asks for resynchronisation is none: no
  /// association stands yet (TS 24.229 §5.1.1.5.3).
  var protectedAnswers: [ProtectedAnswer] {
    rounds.indices.flatMap { round in
      rounds[round].transactions.map { transactions[$0] }.filter { $0.hop == .h0 }.flatMap(\.requests)
        .compactMap { request in
          challenge(answeredBy: request).map { ProtectedAnswer(request: request, challenge: $0, round: round) }
        }
    }
  }

  /// Rounds that answer such a challenge, seen behind the P-CSCF only.
  var unseenAnswers: [Int] {
    rounds.indices.filter { round in
      !isSeenOnGm(round)
        && rounds[round].transactions.flatMap { transactions[$0].requests }.contains {
          challenge(answeredBy: $0) != nil
        }
    }
  }

  private func challenge(answeredBy request: Int) -> Int? {
    guard answersChallenge(request), let credentials = sip(request)?.authorization,
      !credentials.contains(where: { $0.auts != nil })
    else { return nil }
    return messages.indices.last { index in
      messages[index].hop == .h0 && messages[index].status == 401
        && sip(index)?.wwwAuthenticate.contains { challenge in
          credentials.contains { $0.nonce != nil && $0.nonce == challenge.nonce }
        } ?? false
        && sip(index)?.securityServer.contains(where: \.isIPsec) ?? false
    }
  }

  /// The agreement was made and the answer to the challenge was to be seen on Gm.
  func noteUnseenAnswers(_ report: inout Reporter) {
    guard protectedAnswers.isEmpty else { return }
    if view(of: .h0).state == .opaque {
      report.unobservable(.opaque, on: .h0)
    } else if !unseenAnswers.isEmpty {
      report.unobservable(.noHop, on: .h0)
    } else if outcome == .partial {
      report.unobservable(.noEnd, on: .h0)
    }
  }
}

extension SecurityMechanism {
  /// Entries of the media plane say nothing of the signalling.
  var isOfMedia: Bool { parameters.has("mediasec") }

  /// Mechanism and parameters in one spelling: lower case, parameters in the order of their names, what may be left out
  /// filled in, `q` in thousandths.
  var canonical: String {
    var values: [String: String] = isIPsec ? ["prot": "esp", "mod": "trans", "ealg": "null"] : [:]
    for parameter in parameters {
      let name = parameter.name.lowercased.string
      let value = parameter.unquoted?.lowercased.string ?? ""
      let thousandths = name == "q" ? Double(value).flatMap { (0...1).contains($0) ? Int($0 * 1000) : nil } : nil
      values[name] = thousandths.map(String.init) ?? value
    }
    let text = values.sorted { $0.key < $1.key }.map { $0.value.isEmpty ? $0.key : "\($0.key)=\($0.value)" }
    return ([mechanism.lowercased.string] + text).joined(separator: ";")
  }
}

/// What UE and P-CSCF offered each other with one challenge on Gm, entries of the media plane left out.
struct SecurityOffer {
  /// The REGISTER and the 401, as indices into the flow's messages.
  var request: Int
  var challenge: Int
  var client: [SecurityMechanism]
  var server: [SecurityMechanism]
}

extension Flow {
  /// Of each 401 on Gm with Security-Server.
  var securityOffers: [SecurityOffer] {
    registerMessages.compactMap { index in
      guard messages[index].hop == .h0, messages[index].status == 401, let sip = sip(index) else { return nil }
      let server = sip.securityServer.filter { $0.isIPsec && !$0.isOfMedia }
      guard !server.isEmpty, let request = request(of: index), let register = self.sip(request) else { return nil }
      let client = register.securityClient.filter { $0.isIPsec && !$0.isOfMedia }
      return SecurityOffer(request: request, challenge: index, client: client, server: server)
    }
  }
}
