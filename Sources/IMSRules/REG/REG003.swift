import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let REG003 = Rule(
    "REG003", .error, "Granted expiry longer than requested, or zero",
    clauses: [.rfc(3261, "10.2.4"), .rfc(3261, "10.3"), .ts24229("5.4.1.2.2")], since: "0.2",
    why: """
      The registrar may shorten what the UE asked for, never lengthen it: a UE that believes itself registered for less \
      loses nothing, one that is kept longer cannot be rid of. Zero grants nothing.
      """,
    traps: """
      The contact that counts is the one that was asked for, not the first of the list. A border element may shorten the time \
      toward the UE: only noted.
      """,
    when: .granted, needs: [.transaction(on: Hop.sip)], trigger: .oddExpiry,
    flagged: [
      Example(
        "more than was asked for",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=600
        P -> UE: 200 OK         ←
          Contact: <sip:10.10.0.2:5060>;expires=3600
        """)
    ],
    clean: [
      Example(
        "shortened by the registrar",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
          Contact: <sip:10.10.0.2:5060>;expires=7200
        P -> UE: 200 OK
          Contact: <sip:10.10.0.2:5060>;expires=3600
        """)
    ]
  ) { flow, report in
    let judged = flow.grants().compactMap { GrantedExpiry.read($0, flow) }
    guard let wrong = judged.filter({ $0.granted > $0.requested || ($0.granted == 0 && $0.requested > 0) }).last else {
      return
    }
    report(
      wrong.granted == 0 ? "200 with expiry 0" : "\(wrong.granted) s granted, \(wrong.requested) s requested",
      at: [wrong.response, wrong.request], observed: "expires \(wrong.granted)", expected: "1 to \(wrong.requested)")
  }
}

private struct GrantedExpiry {
  var response: Int
  var request: Int
  var requested: UInt64
  var granted: UInt64

  /// Nil where the request asked for no time, or its contact is not in the answer.
  static func read(_ response: Int, _ flow: Flow) -> GrantedExpiry? {
    guard let request = flow.request(of: response), let asked = flow.sip(request), let answer = flow.sip(response),
      let requested = asked.requestedExpiry, let contact = asked.boundContact
    else { return nil }
    guard
      let own = answer.contacts.first(where: {
        $0.uriText == contact.uriText
          || $0.uri.port == contact.uri.port
            && $0.uri.addressOfRecordFingerprint == contact.uri.addressOfRecordFingerprint
      }),
      let granted = own.expires ?? answer.expires
    else { return nil }
    return GrantedExpiry(response: response, request: request, requested: requested, granted: granted)
  }
}
