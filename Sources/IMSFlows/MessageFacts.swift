package import IMSBytes
package import IMSDiameter
package import IMSMessages
package import IMSSIP
package import IMSWire

/// What is asked of a message again and again, made once when its registration is looked at. Flat: no question counts a
/// reference.
package struct MessageFacts: Sendable, BitwiseCopyable {
  package let time: Timestamp
  package let source: Endpoint
  package let destination: Endpoint
  package let transport: Transport
  /// Of SIP.
  package let keys: SIPKeys?
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
    time = message.time
    source = message.source
    destination = message.destination
    transport = message.transport
    isTruncated = message.isTruncated
    if let sip = message.sip {
      keys = sip.keys
      command = nil
      status = sip.status ?? 0
      isRequest = sip.isRequest
      asks = isRequest
      isRegister = keys?.method == .register
      return
    }
    (keys, status, isRequest, isRegister) = (nil, 0, false, false)
    if let diameter = message.diameter {
      command = diameter.command
      asks = diameter.isRequest
    } else {
      command = nil
      asks = message.asks
    }
  }

  package var isSIP: Bool { keys != nil }
  package var viaCount: Int { Int(keys?.viaCount ?? 0) }

  /// A request and its response, by RFC 3261 §17.1.3, or two requests of one transaction.
  func sharesBranch(with other: MessageFacts) -> Bool {
    keys?.topBranch == other.keys?.topBranch && keys?.topSentBy == other.keys?.topSentBy
  }
}
