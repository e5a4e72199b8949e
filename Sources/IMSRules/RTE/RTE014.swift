import IMSAccess
import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Rule {
  static let RTE014 = Rule(
    "RTE014", .warning, "Next hop contradicts the routing decision",
    clauses: [.rfc(3263, "4"), .ts24229("5.2.2.1"), .ts24229("5.3.1.2")], since: "0.2",
    why: """
      P-CSCF and I-CSCF send the REGISTER where DNS says that the Request-URI leads. A node that asks and then goes elsewhere \
      follows a stale or a configured address, and fails when the operator moves the name.
      """,
    traps: """
      A Route header leads elsewhere by right. Judged only where answers for the very name, or for every target of its SRV \
      records, were captured, or where the name is an address: what a node has in its cache is not known.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1, .h2])],
    flagged: [
      Example(
        "DNS says .21, the REGISTER goes to .20",
        """
        UE -> P: REGISTER sip:hims.net
        P -> DNS: A hims.net
        DNS -> P: A 10.20.0.21                 ←
        P -> I: REGISTER sip:hims.net          ←
        """)
    ],
    clean: [
      Example(
        "where DNS says",
        """
        UE -> P: REGISTER sip:hims.net
        P -> DNS: A hims.net
        DNS -> P: A 10.20.0.20
        P -> I: REGISTER sip:hims.net
        """),
      Example(
        "by a Route",
        """
        UE -> P: REGISTER sip:hims.net
        P -> DNS: A hims.net
        DNS -> P: A 10.20.0.21
        P -> I: REGISTER sip:hims.net
          Route: <sip:10.20.0.20:4060;lr>
        """),
    ]
  ) { flow, report in
    var isJudged = false
    for number in flow.transactions.indices {
      let hop = flow.transactions[number].hop
      guard hop == .h1 || hop == .h2, let request = flow.transactions[number].requests.first,
        let sip = flow.sip(request), !sip.has(.route), let text = sip.requestURI
      else { continue }
      let resolver: Hop = hop == .h1 ? .d1 : .d2
      // Where no node was answered only an address tells.
      if !flow.messages.contains(where: { $0.isDNS && $0.hop == resolver }), text.namesHost { continue }
      guard let uri = SIPURI(text) else { continue }
      let answers = Resolution.read(uri.host, on: resolver, before: request, flow)
      let destination = flow.messages[request].facts.destination.address
      let addresses = answers.addresses.filter { $0.isIPv4 == destination.isIPv4 }
      if addresses.isEmpty || !answers.isComplete { continue }
      isJudged = true
      if addresses.contains(destination) { continue }
      report(
        "the \(flow.messages[request].from?.rawValue ?? "proxy") sent the REGISTER where DNS does not say",
        at: [request] + answers.messages, observed: "to \(destination)",
        expected: addresses.map { "\($0)" }.joined(separator: ", "))
    }
    if !isJudged { report.unobservable(.noHop, on: .d1) }
  }
}

/// What a node had learned of a host name, as far as its DNS was captured.
private struct Resolution {
  var addresses: [IPAddress] = []
  /// The DNS messages that told.
  var messages: [Int] = []
  /// The addresses of every name that the host leads to are known.
  var isComplete = true

  static func read(_ host: Text, on hop: Hop, before request: Int, _ flow: Flow) -> Resolution {
    var result = Resolution()
    // A name begins with a letter, as a rule, and an address does not.
    if let first = host.bytes.first, !ASCII.isAlphanumeric(first) || ASCII.isDigit(first),
      let literal = IPAddress(host)
    {
      result.addresses = [literal]
      return result
    }
    let limit = flow.messages[request].time + .milliseconds(1)
    func isAnswer(_ index: Int) -> Bool {
      flow.messages[index].isDNS && flow.messages[index].hop == hop && !flow.messages[index].asks
        && flow.messages[index].time <= limit
    }
    var isNamed = false
    for index in flow.messages.indices where isAnswer(index) { isNamed = isNamed || flow.hasRecord(index, of: host) }
    if !isNamed { return result }
    let answers = flow.messages.indices.filter { isAnswer($0) }
    var names = [host.lowercased]
    for index in answers {
      flow.forEachRecord(index) { record in
        switch record.data {
        case .srv(_, _, _, let target) where record.name.isService(of: names[0]): names.append(target.lowercased)
        case .cname(let target) where names.contains(record.name): names.append(target.lowercased)
        default: break
        }
      }
    }
    var resolved: [Text] = []
    for index in answers {
      flow.forEachRecord(index) { record in
        guard names.contains(record.name) else { return }
        switch record.data {
        case .a(let value): result.addresses.append(IPAddress(v4: value))
        case .aaaa(let high, let low): result.addresses.append(IPAddress(high: high, low: low))
        case .cname: break
        default: return
        }
        if !resolved.contains(record.name) { resolved.append(record.name) }
        if result.messages.last != index { result.messages.append(index) }
      }
    }
    result.isComplete = names.dropFirst().allSatisfy { resolved.contains($0) }
    return result
  }
}

extension Flow {
  /// Does some record tell of this name, or of its services?
  fileprivate func hasRecord(_ index: Int, of host: Text) -> Bool {
    guard let dns = messages[index].message.dns else { return false }
    for number in dns.answers.indices where dns.answers[number].tells(of: host) { return true }
    for number in dns.additional.indices where dns.additional[number].tells(of: host) { return true }
    return false
  }

  fileprivate func forEachRecord(_ index: Int, _ body: (DNSMessage.Record) -> Void) {
    guard let dns = messages[index].message.dns else { return }
    for record in dns.answers { body(record) }
    for record in dns.additional { body(record) }
  }
}

extension DNSMessage.Record {
  fileprivate func tells(of host: Text) -> Bool {
    if name.equalsIgnoringCase(host) { return true }
    if case .srv = data { return name.isService(of: host.lowercased) }
    return false
  }
}

extension Text {
  /// Of a URI: is its host a name, as far as a glance tells?
  fileprivate var namesHost: Bool {
    read { span in
      guard span.spells("sip:", at: 0), span.byteCount > 4, span.firstIndex(of: 0x40) == nil else { return false }
      return ASCII.isAlphanumeric(span.u8(4)) && !ASCII.isDigit(span.u8(4))
    }
  }

  /// "_sip._udp.hims.net" of "hims.net".
  fileprivate func isService(of domain: Text) -> Bool {
    bytes.first == 0x5f && bytes.count > domain.count && Text(bytes.suffix(domain.count)) == domain
      && bytes[bytes.endIndex - domain.count - 1] == 0x2e
  }
}
