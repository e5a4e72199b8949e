package import IMSBytes
package import IMSDiameter
package import IMSMessages
package import IMSSIP
package import IMSWire

/// What is asked of a message again and again, made once when its registration is looked at. Flat: no question counts a
/// reference.
package struct MessageFacts: Sendable, BitwiseCopyable {
  package let time: Timestamp
  /// When its first sending was seen last, at whichever point.
  let latest: Timestamp
  package let source: Endpoint
  package let destination: Endpoint
  package let transport: Transport
  /// Of SIP.
  package let keys: SIPKeys?
  /// Of Diameter: `Message.exchangeKey` and End-to-End Id.
  let exchangeKey: Fingerprint
  let endToEnd: UInt32
  /// Of Diameter.
  package let command: CommandCode?
  /// 0 for what is no SIP response.
  package let status: Int
  /// Of SIP.
  package let isRequest: Bool
  /// A request or response of REGISTER.
  package let isRegister: Bool
  /// A request or a query, of whatever protocol.
  package let asks: Bool
  package let isTruncated: Bool

  package init(_ message: Message) {
    latest = message.latest
    time = message.time
    source = message.source
    destination = message.destination
    transport = message.transport
    isTruncated = message.isTruncated
    asks = message.asks
    keys = message.keys
    isRegister = keys?.method == .register
    isRequest = keys != nil && asks
    status = message.status
    command = message.command
    (exchangeKey, endToEnd) = (message.exchangeKey, message.endToEnd)
  }

  package var isSIP: Bool { keys != nil }
  package var viaCount: Int { Int(keys?.viaCount ?? 0) }

  /// A request and its response, by RFC 3261 §17.1.3, or two requests of one transaction.
  func sharesBranch(with other: MessageFacts) -> Bool {
    keys?.topBranch == other.keys?.topBranch && keys?.topSentBy == other.keys?.topSentBy
  }
}
