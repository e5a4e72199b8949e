import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let VIA005 = Rule(
    "VIA005", .error, "Response Via chain differs from the request's",
    clauses: [.rfc(3261, "8.2.6.2"), .rfc(3261, "18.2.1")], since: "0.1",
    why: """
      A response carries the Via entries of its request, equal and in the same order: they are its way back. A changed \
      entry makes a node drop it or send it astray.
      """,
    traps: """
      The receiver of the request may add received, rport and keep values. Header splitting does not matter. A response is \
      compared with the request on its own hop only; where that was not captured nothing can be said: of one with two other \
      branches on top, or with another branch and another transport, it was not, nor where its request has an answer that fits.
      """,
    when: .register, needs: [.transaction(on: Hop.sip)], trigger: .otherVia,
    flagged: [
      Example(
        "the 401 carries another branch",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized      ←
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKother
        """)
    ],
    clean: [
      Example(
        "received and rport were added",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport
        P -> UE: 401 Unauthorized
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport=5060;received=10.10.0.2
        """)
    ]
  ) { flow, report in
    for transaction in flow.transactions {
      for response in transaction.responses {
        guard let request = flow.request(of: response) else {
          report.unobservable(.noStart, on: transaction.hop)
          continue
        }
        guard let sent = flow.sip(request)?.via, let returned = flow.sip(response)?.via else { continue }
        guard let index = ViaStack.firstDifference(sent, returned) else { continue }
        let isAnswered = transaction.responses.contains { other in
          flow.messages[other].status >= 200
            && flow.sip(other).map { ViaStack.firstDifference(sent, $0.via) == nil } ?? false
        }
        if isAnswered || ViaStack.areOfOthers(sent, returned) {
          report.unobservable(.noStart, on: transaction.hop)
          continue
        }
        let node = flow.messages[response].from?.rawValue ?? "sender"
        report(
          "Via \(index + 1) of the \(flow.sip(response)?.status ?? 0) of the \(node) is not the request's",
          at: [response, request], observed: flow.sip(response)?.viaStack ?? "",
          expected: flow.sip(request)?.viaStack ?? "")
      }
    }
  }
}

/// Compares Via stacks entry by entry: sent-by, branch, transport.
private enum ViaStack {
  static func firstDifference(_ sent: [Via], _ returned: [Via]) -> Int? {
    for index in 0..<min(sent.count, returned.count)
    where !sent[index].isSamePlace(as: returned[index]) && !sent[index].isSameEntry(as: returned[index]) {
      return index
    }
    return sent.count == returned.count ? nil : min(sent.count, returned.count)
  }

  /// Two nodes in a row wrote other branches, or one did and names another transport: the response answers another sending of
  /// that REGISTER, which was not captured.
  static func areOfOthers(_ sent: [Via], _ returned: [Via]) -> Bool {
    guard sent.count == returned.count, sent.count > 1, sent[0].branch != returned[0].branch else { return false }
    return sent[1].branch != returned[1].branch || !sent[0].transport.equalsIgnoringCase(returned[0].transport)
  }
}
