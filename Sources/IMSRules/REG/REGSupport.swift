import IMSBytes
import IMSFlows
import IMSSIP

extension Condition {
  static let deregistered = Condition("an accepted de-registration") {
    $0.kind == .deregistration && $0.outcome == .deregistered
  }

  static let registeringWithAKA = Condition("an initial registration or refresh with AKA") {
    $0.mechanism == .aka && [.initial, .refresh].contains($0.kind)
  }

  static let thirdParty = Condition("a registration of a third party by the S-CSCF") { $0.kind == .thirdParty }
}
