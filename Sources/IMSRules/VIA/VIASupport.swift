import IMSBytes
import IMSFlows
import IMSSIP
import IMSWire

extension Flow {
  /// The top Via of a request as its receiver left it, and the message that shows it: a response on the same hop, else the
  /// copy that was sent on. Told by its branch; nil where neither was captured.
  func receivedVia(of request: Int) -> (via: Via, shownBy: Int)? {
    guard let branch = sip(request)?.via.first?.branch else { return nil }
    if let number = index.transaction(of: request) {
      for response in transactions[number].responses {
        if let top = sip(response)?.via.first, top.branch == branch { return (top, response) }
      }
    }
    for pair in Need.HopPair.sip {
      for copies in pairs(pair) where copies.inner == request {
        if let below = sip(copies.outer)?.via.dropFirst().first, below.branch == branch { return (below, copies.outer) }
      }
    }
    return nil
  }
}

extension Via {
  /// One entry, in whatever spelling: sent-by, branch and transport.
  func isSameEntry(as other: Via) -> Bool {
    branch == other.branch && transport.equalsIgnoringCase(other.transport)
      && sentBy.names(other.sentBy, transport: transport)
  }
}

extension SentBy {
  /// Do two sent-by values of this transport name the same place (RFC 3261 §18.1.1)? Hosts in letters of either case or, when
  /// they are addresses, by value; a missing port is the default one.
  func names(_ other: SentBy, transport: Text) -> Bool {
    if port != other.port {
      let standard: UInt16 = transport.equalsIgnoringCase("TLS") ? 5061 : 5060
      if port ?? standard != other.port ?? standard { return false }
    }
    if host.equalsIgnoringCase(other.host) { return true }
    guard let address = IPAddress(host) else { return false }
    return address == IPAddress(other.host)
  }
}

extension Transport {
  /// As a Via names it.
  var token: String {
    switch self {
    case .udp: "UDP"
    case .tcp: "TCP"
    case .sctp: "SCTP"
    }
  }
}

extension IPAddress {
  /// Of a network of its own: RFC 1918, RFC 6598, RFC 4193, or of one link.
  var isPrivate: Bool {
    guard isIPv4 else { return high >> 57 == 0x7e || high >> 54 == 0x3fa }
    let v4 = low
    return v4 >> 24 == 10 || v4 >> 20 == 0xac1 || v4 >> 16 == 0xc0a8 || v4 >> 22 == 0x191 || v4 >> 16 == 0xa9fe
  }
}

extension Flow {
  /// Did whoever was to get this response go on with it: sent it on, or answered its challenge?
  func isArrived(_ response: Int, _ transaction: Transaction) -> Bool {
    let status = messages[response].status
    if transaction.hop == .h0 {
      return status == 401 && rounds.indices.contains(transaction.round + 1) && isSeenOnGm(transaction.round + 1)
    }
    return transactions.contains { outer in
      outer.round == transaction.round && outer.hop < transaction.hop
        && outer.finals.contains { messages[$0].status == status && messages[$0].time >= messages[response].time }
    }
  }
}
