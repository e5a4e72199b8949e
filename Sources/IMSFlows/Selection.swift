import IMSAccess
import IMSBytes
import IMSDiameter
package import IMSMessages
import IMSSIP

/// Which registrations or messages the user asked for; everything when nothing is set. Several conditions must all hold.
package struct Selection: Sendable, Equatable {
  /// IMSI, user part, or whole private or public identity, one of the implicit registration set included.
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
    guard let user else { return true }
    if [flow.impi, flow.impu].contains(where: { $0.map { Selection.matches(user, $0) } ?? false }) { return true }
    return flow.messages.contains { placed in
      placed.status / 100 == 2 && placed.isRegister
        && placed.sip?.associatedURI.contains { Selection.matches(user, $0.uriText) } ?? false
    }
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
        + sip.associatedURI.map(\.uriText)
    }
    if let gtp = message.access?.gtp { return [gtp.imsi, gtp.msisdn].compactMap(\.self) }
    guard let diameter = message.diameter else { return [] }
    return [diameter.userName, diameter.publicIdentity].compactMap(\.self)
  }

  /// Equal to the identity, to it without its scheme, or to its user part. Scheme and host are read without regard to case, and
  /// parameters do not count (RFC 3261 §19.1.4).
  private static func matches(_ user: String, _ identity: Text) -> Bool {
    let (asked, given) = (Name(user), Name(identity.string))
    if asked.host == nil, asked.scheme.isEmpty { return asked.user == given.user }
    return asked.user == given.user && asked.host == given.host
      && (asked.scheme.isEmpty || asked.scheme == given.scheme)
  }

  /// "sip:", user part and host of an identity.
  private struct Name {
    let scheme: String
    let user: String
    let host: String?

    init(_ text: String) {
      let lowercased = text.lowercased()
      scheme = ["sip:", "sips:", "tel:"].first { lowercased.hasPrefix($0) } ?? ""
      let bare = text.dropFirst(scheme.count)
      guard let at = bare.lastIndex(of: "@") else {
        user = String(bare.prefix { $0 != ";" })
        host = nil
        return
      }
      user = String(bare[..<at])
      host = bare[bare.index(after: at)...].prefix { $0 != ";" && $0 != "?" }.lowercased()
    }
  }
}
