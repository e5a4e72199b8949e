import IMSBytes
import IMSFlows
import IMSSIP

extension NameAddr {
  /// One contact by its URI: scheme, user, host and port; parameters may have been added on the way.
  func isSameContact(as other: NameAddr) -> Bool {
    if uriText == other.uriText { return true }
    return uri.port ?? 5060 == other.uri.port ?? 5060
      && uri.addressOfRecordFingerprint == other.uri.addressOfRecordFingerprint
  }

  /// `+sip.instance`, without the angle brackets' quotes.
  var instance: Text? { parameters["+sip.instance"] }
}

extension SIPMessage {
  /// The contact of this message that `contact` became: by its URI, else by its instance (a GRUU or a border element writes
  /// another URI).
  func contact(like contact: NameAddr) -> NameAddr? {
    contacts.first { $0.isSameContact(as: contact) }
      ?? contact.instance.flatMap { instance in contacts.first { $0.instance == instance } }
  }
}

extension Condition {
  static let deregistered = Condition("an accepted de-registration") {
    $0.kind == .deregistration && $0.outcome == .deregistered
  }

  static let registeringWithAKA = Condition("an initial registration or refresh with AKA") {
    $0.mechanism == .aka && [.initial, .refresh].contains($0.kind)
  }

  static let thirdParty = Condition("a registration of a third party by the S-CSCF") { $0.kind == .thirdParty }
}
