import IMSBytes
import IMSSIP

/// What a NOTIFY of the reg event (RFC 3680) says about the end of a registration. The body is looked at for a few
/// attributes only; it is not parsed as XML.
enum RegistrationEvent {
  case goesOn
  /// Terminated, and the event says that the network did it.
  case endedByNetwork
  /// Terminated without a word by whom: some S-CSCFs leave the contacts out.
  case ended

  init(_ notify: SIPMessage) {
    let body = notify.body
    guard notify.isRequest, notify.first(.event)?.hasPrefixIgnoringCase("reg") ?? false,
      body.holds("state=\"terminated\""), !body.holds("state=\"active\"")
    else {
      self = .goesOn
      return
    }
    if ["rejected", "deactivated", "probation"].contains(where: { body.holds("event=\"\($0)\"") }) {
      self = .endedByNetwork
    } else {
      self = body.holds("event=") ? .goesOn : .ended
    }
  }
}

extension Text {
  fileprivate func holds(_ text: String) -> Bool { bytes.firstRange(of: Array(text.utf8)) != nil }
}
