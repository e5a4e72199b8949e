import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let RTE009 = Rule(
    "RTE009", .warning, "Request-URI on H2 is not the S-CSCF",
    clauses: [.ts24229("5.3.1.2")], since: "0.2",
    why: """
      The I-CSCF puts the name of the S-CSCF into the Request-URI: the one that the HSS named, or the one it selected. An S-CSCF \
      that finds another name there may take the REGISTER for another's.
      """,
    traps: """
      An I-CSCF that leaves the home domain and sends the REGISTER to the S-CSCF by Route or address is only noted. The uri of \
      the credentials keeps the domain: it is not compared. Where the HSS left the choice to the I-CSCF any other name is right.
      """,
    when: .register, needs: [.message(status: nil, on: [.h2])], trigger: .oddRequestURI,
    flagged: [
      Example(
        "another name than the HSS gave",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA 2002
          Server-Name: sip:scscf1.hims.net:6060
        I -> S: REGISTER sip:scscf7.hims.net:6060     ←
        """),
      Example(
        "the home domain is left",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net                 ←
        """),
    ],
    clean: [
      Example(
        "the name that the HSS gave",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA 2002
          Server-Name: sip:scscf1.hims.net:6060
        I -> S: REGISTER sip:scscf1.hims.net:6060
        """),
      Example(
        "the choice of the I-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        I -> S: REGISTER sip:scscf7.hims.net:6060
        """),
    ]
  ) { flow, report in
    for transaction in flow.transactions where transaction.hop == .h2 {
      guard let request = transaction.requests.first, let text = flow.sip(request)?.requestURI, let uri = SIPURI(text)
      else { continue }
      let received = flow.pairs(Need.HopPair(.h1, .h2)).first { $0.outer == request }?.inner
      if let received, flow.sip(received)?.requestURI == text {
        // A node behind the I-CSCF leaves what that wrote.
        if flow.messages[received].to == flow.messages[request].to || !flow.isHomeDomain(uri, of: request) { continue }
        report(
          "the I-CSCF left the Request-URI as it was", at: [request, received], observed: text.string,
          expected: "the URI of the S-CSCF", severity: .info)
        continue
      }
      guard let (name, answer) = flow.serverName(for: request, round: transaction.round), let named = SIPURI(name),
        !named.host.equalsIgnoringCase(uri.host) || named.port ?? uri.port != uri.port ?? named.port
      else { continue }
      // What came in was not captured: a domain that still stands there was left.
      let isLeft = received == nil && flow.isHomeDomain(uri, of: request)
      report(
        isLeft ? "the Request-URI names the home domain" : "the Request-URI names another S-CSCF than the HSS",
        at: [request, answer], observed: text.string, expected: name.string, severity: isLeft ? .info : .warning)
    }
  }
}

extension Flow {
  /// Is it what the UE puts into the Request-URI: the domain of its public identity, without user and port?
  fileprivate func isHomeDomain(_ uri: SIPURI, of request: Int) -> Bool {
    guard uri.user == nil, uri.port == nil, let to = sip(request)?.to?.uri else { return false }
    return to.host.equalsIgnoringCase(uri.host)
  }

  /// The Server-Name of the last UAA of this REGISTER before it was sent on.
  fileprivate func serverName(for request: Int, round: Int) -> (Text, Int)? {
    let limit = messages[request].time + .milliseconds(1)
    let answer = exchanges(of: .userAuthorization).last { exchange in
      exchange.round == round && exchange.answer.map { messages[$0].time <= limit } ?? false
    }?.answer
    guard let answer, let name = diameter(answer)?.serverName else { return nil }
    return (name, answer)
  }
}
