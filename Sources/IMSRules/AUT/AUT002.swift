import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT002 = Rule(
    "AUT002", .error, "Authorization of the first REGISTER missing or incomplete",
    clauses: [.ts24229("5.1.1.2.2")], since: "0.2",
    why: """
      With the first REGISTER the UE tells its private identity, by which the HSS finds the key. Where it is missing the \
      network guesses from the public one, and guesses wrong for every ISIM whose identities differ.
      """,
    traps: """
      A UE without Security-Client may mean to use SIP Digest or GIBA: nothing is missed there. A nonce and a response of an \
      earlier registration are a warning.
      """,
    when: .firstAKA, needs: [.message(status: nil, on: [.h0, .h1]), .start],
    trigger: .oddFirstCredentials,
    flagged: [
      Example(
        "none, though IPsec is offered",
        """
        UE -> P: REGISTER sip:hims.net        ←
          -Authorization
        P -> UE: 401 Unauthorized
        """),
      Example(
        "no response",
        """
        UE -> P: REGISTER sip:hims.net        ←
          -Authorization.response
        P -> UE: 401 Unauthorized
        """),
    ],
    clean: [
      Example(
        "empty nonce and response",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    guard flow.rounds.indices.contains(0),
      let index = flow.firstRequest(of: 0, on: .h0) ?? flow.firstRequest(of: 0, on: .h1),
      let sip = flow.sip(index)
    else { return }
    guard let credentials = sip.authorization.first else {
      guard sip.has(.securityClient) else { return }
      report(
        "the first REGISTER has no Authorization", at: [index], observed: "Security-Client and no Authorization",
        expected: "Authorization with the private identity")
      return
    }
    var parts: [String] = []
    if credentials.username?.isEmpty ?? true { parts.append("username") }
    if credentials.realm == nil { parts.append("realm") }
    if credentials.uri == nil { parts.append("uri") }
    if credentials.nonce == nil { parts.append("nonce") }
    if credentials.response == nil { parts.append("response") }
    if !parts.isEmpty {
      let missing = parts.joined(separator: ", no ")
      report(
        "the Authorization of the first REGISTER has no \(missing)", at: [index], observed: "no \(missing)",
        expected: "username, realm, uri, an empty nonce and an empty response")
    } else if let username = credentials.username, !username.bytes.contains(UInt8(ascii: "@")) {
      report(
        "the username of the first REGISTER is no private identity", at: [index], observed: "username \(username)",
        expected: "user@realm")
    } else if !(credentials.response?.isEmpty ?? true), credentials.auts == nil,
      !flow.messages[index].message.sightings.contains(where: { $0.spi != 0 })
    {
      // One of which no answer was seen may have been granted: then this is its refresh.
      if let before = flow.before, before.isUnanswered, before.callID == flow.rounds[0].callID {
        return report.unobservable(.loss, on: .h0)
      }
      report(
        "the first REGISTER answers a challenge of an earlier registration", at: [index],
        observed: "a nonce and a response", expected: "an empty nonce and an empty response", severity: .warning)
    }
  }
}

extension Condition {
  static let firstAKA = Condition("an initial registration with AKA") {
    guard $0.mechanism == .aka else { return false }
    // An emergency registration is refreshed with its credentials, as any other.
    let isKnown = $0.before.map { [callID = $0.rounds.first?.callID] in $0.registered && $0.callID == callID } ?? false
    return $0.kind == .initial || $0.kind == .emergency && !isKnown
  }
}
