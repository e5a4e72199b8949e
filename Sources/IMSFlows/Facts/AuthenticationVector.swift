package import IMSBytes
import IMSDiameter

/// One authentication vector of an MAA (TS 29.229 §6.3.13): what the UE is asked and what it should answer.
package struct AuthenticationVector: Sendable {
  /// Index of the MAA in the flow.
  package var answer: Int
  /// RAND‖AUTN, 32 octets; empty for SIP Digest.
  package var challenge: [UInt8]
  /// XRES of AKA.
  package var expected: [UInt8]?
  package var ck: Text?
  package var ik: Text?
  /// HA1 of SIP Digest, 32 hexadecimal digits in lower case.
  package var ha1: Text?

  /// In the order of the messages and of the items in them.
  static func all(of flow: Flow) -> [AuthenticationVector] {
    if !flow.index.hasVectors { return [] }
    var vectors: [AuthenticationVector] = []
    for exchange in flow.exchanges {
      guard let index = exchange.answer, let answer = flow.messages[index].diameter, answer.command == .multimediaAuth
      else { continue }
      for item in answer.authDataItems {
        var vector = AuthenticationVector(answer: index, challenge: [])
        for avp in item.children { vector.take(avp) }
        if vector.challenge.count == 32 || vector.ha1 != nil { vectors.append(vector) }
      }
    }
    return vectors
  }

  /// The first AVP of a code counts, whatever its vendor: what the vendor should be is another question.
  private mutating func take(_ avp: AVP) {
    switch avp.code {
    case 609: if challenge.isEmpty { challenge = Array(avp.data.bytes.prefix(32)) }
    case 610: if expected == nil { expected = Array(avp.data.bytes) }
    case 625: if ck == nil { ck = avp.data }
    case 626: if ik == nil { ik = avp.data }
    case 635: if ha1 == nil { ha1 = avp.children.first { $0.code == 121 }?.data.lowercased }
    default: break
    }
  }
}
