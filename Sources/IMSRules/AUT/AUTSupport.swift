import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

/// One authentication vector of an MAA (TS 29.229 §6.3.13): what the UE is asked and what it should answer.
struct AuthenticationVector {
  /// Index of the MAA in the flow.
  var answer: Int
  /// RAND‖AUTN, 32 octets; empty for SIP Digest.
  var challenge: [UInt8]
  /// XRES of AKA.
  var expected: [UInt8]?
  /// HA1 of SIP Digest, 32 hexadecimal digits in lower case.
  var ha1: Text?
}

extension Flow {
  /// All vectors of the MAAs of this registration, in order.
  var authenticationVectors: [AuthenticationVector] {
    exchanges(of: .multimediaAuth).compactMap(\.answer).flatMap { index -> [AuthenticationVector] in
      (diameter(index)?.authDataItems ?? []).compactMap { item in
        let challenge = item.children.first { $0.code == 609 }.map { Array($0.data.bytes) } ?? []
        let expected = item.children.first { $0.code == 610 }.map { Array($0.data.bytes) }
        let ha1 = item.children.first { $0.code == 635 }?.children.first { $0.code == 121 }?.data
        guard challenge.count >= 32 || ha1 != nil else { return nil }
        return AuthenticationVector(
          answer: index, challenge: Array(challenge.prefix(32)), expected: expected, ha1: ha1?.lowercased)
      }
    }
  }

  /// Does this REGISTER carry a response to a challenge?
  func answersChallenge(_ request: Int) -> Bool {
    sip(request)?.authorization.contains { !($0.response?.isEmpty ?? true) && !($0.nonce?.isEmpty ?? true) } ?? false
  }
}
