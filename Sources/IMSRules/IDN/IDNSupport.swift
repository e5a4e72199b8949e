import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Flow {
  /// Holds the identities of a Cx request against those of the REGISTER that caused it, as addresses of record and as the
  /// user name of the credentials. Without credentials the private identity follows from the public one.
  func compareIdentities(
    of request: Int, _ asked: DiameterMessage, with register: Int, _ report: inout Reporter
  ) {
    guard let sip = sip(register), let to = sip.to?.uri else { return }
    if let impu = asked.publicIdentity, impu.addressOfRecordFingerprint != to.addressOfRecordFingerprint {
      report(
        "the \(asked.name) asks for another public identity", at: [request, register],
        observed: "Public-Identity \(impu)", expected: "\(to.addressOfRecord())")
    }
    let username = sip.authorization.lazy.compactMap(\.username).first { !$0.isEmpty }
    guard let impi = asked.userName, !impi.isPrivateIdentity(username) else { return }
    let expected = username ?? Text(to.addressOfRecord().bytes.drop { $0 != UInt8(ascii: ":") }.dropFirst())
    if impi.isPrivateIdentity(expected) { return }
    report(
      "the \(asked.name) asks for another private identity", at: [request, register], observed: "User-Name \(impi)",
      expected: "\(expected)")
  }

  /// The service profile that the HSS gave with the last successful SAA, and the index of that answer.
  var serviceProfile: (answer: Int, profile: ServiceProfile)? { facts.serviceProfiles.last }

  /// What an SAA brought.
  func serviceProfile(of answer: Int) -> ServiceProfile? {
    facts.serviceProfiles.first { $0.answer == answer }?.profile
  }

  /// The 2xx on the deepest hop that shows one: what the registrar says.
  var registrarsGrants: [Int] {
    for hop in Hop.sip.reversed() where index.seen.contains(where: { $0.hop == hop && (200..<300).contains($0.status) })
    {
      let grants = grants(on: [hop])
      if !grants.isEmpty { return grants }
    }
    return []
  }
}

extension Text {
  /// Are both one private identity? Letters of the realm may be of either case (RFC 7542 §2.4).
  func isPrivateIdentity(_ other: Text?) -> Bool {
    guard let other else { return false }
    if self == other { return true }
    guard bytes.count == other.bytes.count, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return false }
    let user = bytes.distance(from: bytes.startIndex, to: at)
    return bytes.prefix(user).elementsEqual(other.bytes.prefix(user)) && equalsIgnoringCase(other)
  }
}
