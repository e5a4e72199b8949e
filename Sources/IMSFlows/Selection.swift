import IMSAccess
import IMSBytes
import IMSDiameter
package import IMSMessages
import IMSSIP

/// Which registrations or messages the user asked for; everything when nothing is set. Several conditions must all hold.
package struct Selection: Sendable, Equatable {
  /// IMSI, user part, or whole private or public identity.
  package var user: String?
  package var callID: String?
  package var sessionID: String?
  /// Number of a registration, from 1.
  package var registration: Int?

  package init(user: String? = nil, callID: String? = nil, sessionID: String? = nil, registration: Int? = nil) {
    self.user = user
    self.callID = callID
    self.sessionID = sessionID
    self.registration = registration
  }

  package var isEverything: Bool { self == Selection() }

  package func includes(_ flow: Flow, id: Int) -> Bool {
    if let registration, registration != id { return false }
    if let callID, !flow.callIDs.contains(Text(callID)) { return false }
    if let sessionID, !flow.sessionIDs.contains(Text(sessionID)) { return false }
    if let user { return [flow.impi, flow.impu].contains { $0.map { Selection.matches(user, $0) } ?? false } }
    return true
  }

  /// For single messages; `registration` is not asked here.
  package func includes(_ message: Message) -> Bool {
    if let callID, message.callID != Text(callID), message.correlation != Text(callID) { return false }
    if let sessionID, message.diameter?.sessionID != Text(sessionID) { return false }
    guard let user else { return true }
    return Selection.identities(of: message).contains { Selection.matches(user, $0) }
  }

  private static func identities(of message: Message) -> [Text] {
    if let sip = message.sip {
      return [sip.from?.uriText, sip.to?.uriText].compactMap(\.self) + sip.authorization.compactMap(\.username)
    }
    if let gtp = message.access?.gtp { return [gtp.imsi, gtp.msisdn].compactMap(\.self) }
    guard let diameter = message.diameter else { return [] }
    return [diameter.userName, diameter.publicIdentity].compactMap(\.self)
  }

  /// Equal to the identity, to it without its scheme, or to its user part.
  private static func matches(_ user: String, _ identity: Text) -> Bool {
    let text = identity.string
    let bare =
      ["sip:", "sips:", "tel:"].first { text.lowercased().hasPrefix($0) }.map { String(text.dropFirst($0.count)) }
      ?? text
    return [text, bare, String(bare.prefix { $0 != "@" })].contains(user)
  }
}
