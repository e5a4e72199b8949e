import IMSBytes
import IMSFlows
import IMSSIP
import IMSWire

extension Flow {
  /// The request that a response answers, on its own hop: the latest one before it.
  func request(of response: Int) -> Int? {
    guard let requests = transactions.first(where: { $0.responses.contains(response) })?.requests else { return nil }
    return requests.last { messages[$0].time <= messages[response].time } ?? requests.first
  }
}

extension SentBy {
  /// Host in lower case (addresses in canonical form) and port with its default (RFC 3261 §18.1.1): what two sent-by
  /// values are compared by.
  func canonical(transport: Text) -> String {
    let name = IPAddress(host).map(\.description) ?? host.lowercased.string
    return "\(name):\(port ?? (transport.equalsIgnoringCase("TLS") ? 5061 : 5060))"
  }
}
