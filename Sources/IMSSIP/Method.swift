package import IMSBytes

/// A SIP method (RFC 3261 §7.1 and its extensions).
package enum Method: Hashable, Sendable {
  case register, invite, ack, bye, cancel, options, subscribe, notify, publish, message, info, prack, update, refer
  case other(Text)

  package init(_ text: Text) {
    self = Method.known.first { Text($0.0) == text }?.1 ?? .other(text)
  }

  package var name: String {
    if case .other(let text) = self { return text.string }
    return Method.known.first { $0.1 == self }?.0 ?? ""
  }

  private static let known: [(String, Method)] = [
    ("REGISTER", .register), ("INVITE", .invite), ("ACK", .ack), ("BYE", .bye), ("CANCEL", .cancel),
    ("OPTIONS", .options), ("SUBSCRIBE", .subscribe), ("NOTIFY", .notify), ("PUBLISH", .publish),
    ("MESSAGE", .message), ("INFO", .info), ("PRACK", .prack), ("UPDATE", .update), ("REFER", .refer),
  ]
}
