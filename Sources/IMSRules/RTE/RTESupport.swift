import IMSBytes
import IMSFlows
import IMSSIP
import IMSWire

extension SIPMessage {
  /// The icid-value of P-Charging-Vector (RFC 7315 §5.6); nil without one.
  var chargingIdentifier: Text? {
    guard let vector = first(.pChargingVector) else { return nil }
    return Self.chargingIdentifier(in: vector)
  }

  /// Does this header hold what it holds in the other message, with parameters behind it or without?
  func extends(_ name: HeaderName, of other: SIPMessage) -> Bool {
    guard let mine = first(name), let its = other.first(name), mine.hasPrefix(its) else { return false }
    return mine.count == its.count || mine.bytes[mine.bytes.startIndex + its.count] == UInt8(ascii: ";")
  }

  static func chargingIdentifier(in vector: Text) -> Text? {
    guard let value = Parameters(vector)["icid-value"], !value.isEmpty else {
      return nil
    }
    return value
  }
}

extension NameAddr {
  /// One entry of a route, in whatever spelling: scheme, user, host, port and the parameters of the URI.
  func isSameRoute(as other: NameAddr) -> Bool {
    if raw == other.raw { return true }
    return uri.port == other.uri.port && uri.addressOfRecordFingerprint == other.uri.addressOfRecordFingerprint
      && uri.parameters.isSame(as: other.uri.parameters)
  }

  /// `lr`, also where the angle brackets were forgotten and it reads as a parameter of the header.
  var isLooseRoute: Bool { uri.parameters.has("lr") || parameters.has("lr") }

  var isSIP: Bool { uri.scheme.isToken("sip") || uri.scheme.isToken("sips") }

  /// Of topology hiding: what stands in it only its maker can read.
  var isHidden: Bool { uri.parameters.has("tokenized-by") || parameters.has("tokenized-by") }

  /// The address that its host is; nil for a name.
  var address: IPAddress? { IPAddress(uri.host) }
}

extension Parameters {
  /// In any order, names in letters of either case.
  func isSame(as other: Parameters) -> Bool {
    if text == other.text { return true }
    var rest = Array(other)
    for parameter in self {
      let place = rest.firstIndex {
        $0.name.equalsIgnoringCase(parameter.name) && $0.unquoted ?? "" == parameter.unquoted ?? ""
      }
      guard let place else { return false }
      rest.remove(at: place)
    }
    return rest.isEmpty
  }
}

extension [NameAddr] {
  func isSameRoute(as other: some Collection<NameAddr>) -> Bool {
    count == other.count && zip(self, other).allSatisfy { $0.isSameRoute(as: $1) }
  }

  /// Is it `other` with nothing but new entries on top?
  func isRoute(below other: [NameAddr]) -> Bool {
    other.count >= count && isSameRoute(as: other.suffix(count))
  }

  /// As evidence.
  var list: String { isEmpty ? "none" : map(\.raw.string).joined(separator: ", ") }
}

extension Flow {
  /// The role that an address is known to have, when it is none of `roles`.
  func foreignRole(of address: IPAddress, besides roles: [Role]) -> Role? {
    if parties.contains(where: { $0.address == address && roles.contains($0.role) }) { return nil }
    return parties.first { $0.address == address }?.role
  }
}
