extension Story {
  mutating func query(_ arrow: Arrow, type: String, name: String) throws(StoryError) {
    guard let code = Self.types[type] else { throw StoryError(reason: "unknown DNS type \(type)") }
    let message = DNSBuilder.query(name, type: code, identifier: UInt16(truncatingIfNeeded: 0x1000 + sendings.count))
    lastQuery = message
    send(message.bytes, arrow, from: resolver(arrow.from), to: cast.address(.dns), .udp)
  }

  /// `A 10.20.0.20`, `SRV 4060 icscf1.hims.net`, `NAPTR _sip._udp.hims.net`, or a response code.
  mutating func answer(_ arrow: Arrow, kind: String, value: String) throws(StoryError) {
    guard let query = lastQuery else { throw StoryError(reason: "a DNS answer without a query") }
    let words = value.split(separator: " ").map(String.init)
    var records: [DNSRecord] = []
    switch (kind, words.count) {
    case ("A", 1...), ("AAAA", 1...):
      for word in words {
        guard let address = HostAddress(parsing: word) else { throw StoryError(reason: "no address: \(word)") }
        records.append(address.isIPv4 ? .a(name: query.name, address) : .aaaa(name: query.name, address))
      }
    case ("SRV", 2):
      records = [.srv(name: query.name, priority: 0, weight: 0, port: UInt16(words[0]) ?? 5060, target: words[1])]
    case ("NAPTR", 1):
      records = [
        .naptr(name: query.name, order: 10, preference: 50, flags: "s", service: "SIP+D2U", replacement: words[0])
      ]
    case ("NODATA", 0), ("NXDOMAIN", 0), ("SERVFAIL", 0), ("REFUSED", 0): break
    default: throw StoryError(reason: "no DNS answer: \(kind) \(value)")
    }
    let codes: [String: UInt8] = ["SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5]
    let message = query.answer(records, responseCode: codes[kind] ?? 0)
    send(message.bytes, arrow, from: cast.address(.dns), to: resolver(arrow.to), .udp)
  }

  private func resolver(_ member: Cast.Member) -> HostPort { HostPort(cast.address(member).host, 33053) }

  static let types: [String: UInt16] = [
    "A": DNSBuilder.typeA, "AAAA": DNSBuilder.typeAAAA, "SRV": DNSBuilder.typeSRV, "NAPTR": DNSBuilder.typeNAPTR,
  ]
}
