package import IMSBytes

/// A SIP method (RFC 3261 §7.1 and its extensions). Method names are compared with regard to case.
package enum Method: Hashable, Sendable {
  case register, invite, ack, bye, cancel, options, subscribe, notify, publish, message, info, prack, update, refer
  case other(Text)

  package init(_ text: Text) {
    self = Method.known.first { text.isExactly($0.0) }?.1 ?? .other(text)
  }

  package var name: String {
    switch self {
    case .register: "REGISTER"
    case .invite: "INVITE"
    case .ack: "ACK"
    case .bye: "BYE"
    case .cancel: "CANCEL"
    case .options: "OPTIONS"
    case .subscribe: "SUBSCRIBE"
    case .notify: "NOTIFY"
    case .publish: "PUBLISH"
    case .message: "MESSAGE"
    case .info: "INFO"
    case .prack: "PRACK"
    case .update: "UPDATE"
    case .refer: "REFER"
    case .other(let text): text.string
    }
  }

  private static let known: [(StaticString, Method)] = [
    ("REGISTER", .register), ("INVITE", .invite), ("ACK", .ack), ("BYE", .bye), ("CANCEL", .cancel),
    ("OPTIONS", .options), ("SUBSCRIBE", .subscribe), ("NOTIFY", .notify), ("PUBLISH", .publish),
    ("MESSAGE", .message), ("INFO", .info), ("PRACK", .prack), ("UPDATE", .update), ("REFER", .refer),
  ]
}
