import IMSBytes

/// A SIP method (RFC 3261 §7.1 and its extensions). Method names are compared with regard to case. What an unknown one is
/// called says `SIPMessage.methodName`.
package enum Method: Hashable, Sendable, BitwiseCopyable {
  case register, invite, ack, bye, cancel, options, subscribe, notify, publish, message, info, prack, update, refer
  case other

  init(_ name: RawSpan) {
    for (known, method) in Method.known where name.byteCount == known.utf8CodeUnitCount && name.spells(known, at: 0) {
      self = method
      return
    }
    self = .other
  }

  private static let known: [(StaticString, Method)] = [
    ("REGISTER", .register), ("INVITE", .invite), ("ACK", .ack), ("BYE", .bye), ("CANCEL", .cancel),
    ("OPTIONS", .options), ("SUBSCRIBE", .subscribe), ("NOTIFY", .notify), ("PUBLISH", .publish),
    ("MESSAGE", .message), ("INFO", .info), ("PRACK", .prack), ("UPDATE", .update), ("REFER", .refer),
  ]
}
