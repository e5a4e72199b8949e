package import IMSBytes

// Contacts and what time they are given (RFC 3261 §10).

extension SIPMessage {
  package var contacts: [NameAddr] { addresses(.contact) }
  /// `Contact: *`, the removal of all bindings (RFC 3261 §10.2.2).
  package var isWildcardContact: Bool { lists("*", in: .contact) }
  /// A REGISTER that takes away whatever it names: every contact has expiry 0, or all bindings go at once (RFC 3261 §10.2.2).
  package var takesAway: Bool { takesAway(naming: contacts) }
  /// With its contacts, where they are known.
  package func takesAway(naming contacts: [NameAddr]) -> Bool {
    if contacts.isEmpty { return isWildcardContact }
    let header = expires
    return contacts.allSatisfy { ($0.expires ?? header) == 0 }
  }
  /// The contact that a REGISTER is about: the first that it does not take away, else the first.
  package var boundContact: NameAddr? {
    var first: NameAddr?
    for element in elements(.contact) {
      guard let contact = NameAddr(element) else { continue }
      if contact.expires ?? expires != 0 { return contact }
      first = first ?? contact
    }
    return first
  }

  /// What the message asks for or grants: `expires` of the contact that it is about, else the Expires header.
  package var requestedExpiry: UInt64? { boundContact?.expires ?? expires }

  /// The expiry that a 2xx grants: the longest of its contacts, else the Expires header.
  package var grantedExpiry: UInt64? {
    var longest: UInt64?
    for element in elements(.contact) {
      if let expires = NameAddr(element)?.expires { longest = max(longest ?? 0, expires) }
    }
    return longest ?? expires
  }

  /// What a 2xx grants to the contact of this request: other devices have times of their own (§10.2.4). Where that is not among its
  /// contacts, the longest.
  package func grantedExpiry(to request: SIPMessage?) -> UInt64? {
    guard let own = request?.boundContact.flatMap({ contact(like: $0) }) else { return grantedExpiry }
    return own.expires ?? expires
  }

  /// The contact of this message that `contact` became: by its URI, else by its instance (a GRUU or a border element writes
  /// another URI), the flow of which has a reg-id (RFC 5626 §6).
  package func contact(like contact: NameAddr) -> NameAddr? {
    let contacts = contacts
    if let same = contacts.first(where: { $0.isSameContact(as: contact) }) { return same }
    guard let instance = contact.instance else { return nil }
    let own = contacts.filter { $0.instance == instance }
    return own.first { $0.parameters["reg-id"] == contact.parameters["reg-id"] } ?? own.first
  }
}

extension NameAddr {
  /// One contact by its URI: scheme, user, host and port; parameters may have been added on the way.
  package func isSameContact(as other: NameAddr) -> Bool {
    if uriText == other.uriText { return true }
    return uri.port ?? 5060 == other.uri.port ?? 5060
      && uri.addressOfRecordFingerprint == other.uri.addressOfRecordFingerprint
  }

  /// `+sip.instance`, without the angle brackets' quotes.
  package var instance: Text? { parameters["+sip.instance"] }
}
