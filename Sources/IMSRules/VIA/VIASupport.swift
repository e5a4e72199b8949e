import IMSBytes
import IMSFlows
import IMSSIP
import IMSWire

extension Flow {
  /// The request that a response answers, on its own hop: the latest one before it.
  func request(of response: Int) -> Int? {
    guard let number = index.transaction(of: response) else { return nil }
    let requests = transactions[number].requests
    return requests.last { messages[$0].time <= messages[response].time } ?? requests.first
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
