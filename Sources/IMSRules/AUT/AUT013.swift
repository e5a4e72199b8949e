import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT013 = Rule(
    "AUT013", .error, "qop, nc, cnonce inconsistent",
    clauses: [.rfc(7616, "3.4"), .rfc(2617, "3.2.2")], since: "0.2",
    why: """
      With qop the response covers a counter and a word of the UE. A counter that stands still is a replay to every registrar \
      that looks at it; a qop that was not offered cannot be verified.
      """,
    traps: """
      AKA without qop is normal. A UE that leaves qop out where it was offered does as RFC 2069 has it: a warning. The \
      counter is held against earlier answers to the same nonce in this registration; a REGISTER that was sent again counts once.
      """,
    when: .authenticated, needs: [.message(status: 401...401, on: Hop.sip)], trigger: .qop,
    flagged: [
      Example(
        "not what was offered",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
          WWW-Authenticate.qop: "auth"
        UE -> P: REGISTER sip:hims.net   ←
          Authorization.qop: auth-int
          Authorization.nc: 00000001
          Authorization.cnonce: "abc"
        """),
      Example(
        "no counter",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
          WWW-Authenticate.qop: "auth"
        UE -> P: REGISTER sip:hims.net   ←
          Authorization.qop: auth
          Authorization.cnonce: "abc"
        """),
    ],
    clean: [
      Example(
        "no qop",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        """),
      Example(
        "auth of two",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
          WWW-Authenticate.qop: "auth,auth-int"
        UE -> P: REGISTER sip:hims.net
          Authorization.qop: auth
          Authorization.nc: 00000001
          Authorization.cnonce: "abc"
        """),
    ]
  ) { flow, report in
    for answer in flow.facts.answeredChallenges {
      guard let request = answer.request, let given = flow.credentials(of: answer), !(given.response?.isEmpty ?? true),
        let asked = flow.challenges(of: answer).first(where: { $0.nonce == given.nonce }),
        let fault = QopFault(asked, given)
      else { continue }
      report(
        fault.text, at: [request, answer.challenge], observed: fault.observed, expected: fault.expected,
        severity: fault.severity)
    }
    flow.noteCounters(&report)
  }
}

private struct QopFault {
  var text: String
  var observed: String
  var expected: String
  var severity: Severity?

  init?(_ asked: Digest, _ given: Digest) {
    guard let qop = given.qop else {
      guard let offered = asked.qop, !offered.isEmpty else { return nil }
      (text, observed) = ("the answer leaves qop out", "no qop")
      (expected, severity) = ("qop of \(offered)", .warning)
      return
    }
    let offered = (asked.qop ?? "").bytes.split(separator: UInt8(ascii: ",")).map { Text($0).trimmedLWS }
    if !offered.contains(where: { $0.equalsIgnoringCase(qop) }) {
      (text, observed) = ("the answer uses a qop that was not offered", "qop=\(qop)")
      expected = offered.isEmpty ? "no qop" : "one of \(offered.map(\.string).joined(separator: ", "))"
    } else if !(given.nc.map { $0.count == 8 && $0.bytes.allSatisfy { ASCII.hexValue($0) != nil } } ?? false) {
      (text, observed) = ("the answer with qop has no counter", given.nc.map { "nc=\($0)" } ?? "no nc")
      expected = "nc of 8 hexadecimal digits"
    } else if given.cnonce?.isEmpty ?? true {
      (text, observed, expected) = ("the answer with qop has no cnonce", "no cnonce", "cnonce")
    } else {
      return nil
    }
  }
}

extension Flow {
  /// A counter that does not rise from one REGISTER of the UE to the next.
  /// On the hop nearest to the UE.
  private func firstByHop(of round: Int) -> Int? {
    for hop in Hop.sip {
      if let first = firstRequest(of: round, on: hop) { return first }
    }
    return nil
  }

  fileprivate func noteCounters(_ report: inout Reporter) {
    var known: [(nonce: Text, count: Int, index: Int)] = []
    for round in rounds.indices {
      guard let index = firstByHop(of: round),
        let credentials = sip(index)?.authorization.first(where: { $0.nc != nil }), let nonce = credentials.nonce,
        let count = credentials.nc.flatMap({ Int($0.string, radix: 16) })
      else { continue }
      if let last = known.last(where: { $0.nonce == nonce }), count <= last.count {
        report(
          "the counter of the nonce does not rise", at: [index, last.index],
          observed: "nc \(count) after \(last.count)",
          expected: "more than \(last.count)")
      }
      known.append((nonce, count, index))
    }
  }
}
