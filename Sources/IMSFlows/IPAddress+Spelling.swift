package import IMSSIP
package import IMSWire

extension IPAddress {
  /// Is it this one?
  package func isSpelled(by literal: AddressLiteral) -> Bool {
    switch literal {
    case .none: false
    case .v4(let value): isIPv4 && low == UInt64(value)
    case .v6(let high, let low): !isIPv4 && self.high == high && self.low == low
    }
  }
}
