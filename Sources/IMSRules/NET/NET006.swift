import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let NET006 = Rule(
    "NET006", .error, "DNS failure on the path",
    clauses: [.rfc(3263, "4"), .ts24229("5.2.2.1")], since: "0.2",
    why: """
      A proxy finds the next node by its name. Where the name server refuses, fails or says nothing, the registration ends \
      there, whatever the nodes behind are.
      """,
    traps: """
      One type of record may be missing and the next one be there: reported only where the REGISTER went no farther and was \
      refused or not answered, no answer gave an address, and the last was a failure, or the last query was sent again and never \
      answered.
      """,
    when: .register, needs: [.message(status: nil, on: [.h0, .h1])],
    flagged: [
      Example(
        "the name server fails",
        """
        UE -> P: REGISTER sip:hims.net        ←
        P -> DNS: A hims.net
        DNS -> P: SERVFAIL                    ←
        P -> UE: 504 Server Time-out
        """),
      Example(
        "the name server says nothing",
        """
        UE -> P: REGISTER sip:hims.net        ←
        P -> DNS: A hims.net                  ←
        wait 2s
        P -> DNS: A hims.net                  ←
        wait 2s
        P -> UE: 504 Server Time-out
        """),
    ],
    clean: [
      Example(
        "no NAPTR, but an address",
        """
        UE -> P: REGISTER sip:hims.net
        P -> DNS: NAPTR hims.net
        DNS -> P: NXDOMAIN
        P -> DNS: A hims.net
        DNS -> P: A 10.20.0.20
        P -> I: REGISTER sip:hims.net
        I -> P: 403 Forbidden
        P -> UE: 403 Forbidden
        """),
      Example(
        "an address of one family, and a node there that is silent",
        """
        UE -> P: REGISTER sip:hims.net
        P -> DNS: A hims.net
        DNS -> P: A 10.20.0.20
        P -> DNS: AAAA hims.net
        DNS -> P: SERVFAIL
        P -> UE: 504 Server Time-out
        """),
    ]
  ) { flow, report in
    guard flow.outcome == .rejected || flow.outcome == .unanswered, let round = flow.rounds.indices.last else { return }
    for (dns, inner, outer) in [(Hop.d1, Hop.h0, Hop.h1), (.d2, .h1, .h2)] {
      guard let request = flow.firstRequest(of: round, on: inner), flow.requests(of: round, on: [outer]).isEmpty,
        flow.finals(of: round, on: inner).allSatisfy({
          [408, 480, 500, 502, 503, 504].contains(flow.messages[$0].status)
        })
      else { continue }
      let time = flow.messages[request].time
      let last = flow.messages.indices.last {
        flow.messages[$0].hop == dns && flow.messages[$0].isDNS && flow.messages[$0].time >= time
      }
      guard let last, let answer = flow.messages[last].message.dns else {
        report.unobservable(.noHop, on: dns)
        continue
      }
      if !answer.isResponse {
        let queries = flow.queries(like: last, on: dns, since: time)
        let sendings = queries.reduce(0) { $0 + flow.messages[$1].message.sendings }
        // Who asks once may have been answered unseen.
        guard sendings > 1 else {
          report.unobservable(.noHop, on: dns)
          continue
        }
        report(
          "the name server did not answer", at: queries + [request],
          observed: "\(sendings) queries for \(answer.question?.name ?? "")", expected: "an address")
        continue
      }
      guard answer.responseCode != .noError, !flow.isResolved(on: dns, since: time) else { continue }
      report(
        "the name of the next node could not be found", at: [last, request],
        observed: "\(answer.responseCode.name) for \(answer.question?.name ?? "")", expected: "an address")
    }
  }
}

extension Flow {
  /// Did any answer hold an address? That there is none of the other family is no failure (RFC 3263 §4.2).
  fileprivate func isResolved(on hop: Hop, since time: Timestamp) -> Bool {
    messages.contains { message in
      message.hop == hop && message.isDNS && message.time >= time
        && message.message.dns.map { $0.isResponse && $0.responseCode == .noError && $0.hasAddress } ?? false
    }
  }

  /// The queries for the same name and type.
  fileprivate func queries(like query: Int, on hop: Hop, since time: Timestamp) -> [Int] {
    messages.indices.filter { index in
      guard messages[index].hop == hop, messages[index].isDNS, messages[index].time >= time,
        let dns = messages[index].message.dns
      else { return false }
      return !dns.isResponse && dns.question == messages[query].message.dns?.question
    }
  }
}
