// TS 35.206 (MILENAGE); TS 33.102 §6.3 (what AUTN and AUTS hold).

import Crypto
import CryptoExtras

/// The functions f1 to f5* over AES-128, for one K and one OPc.
package struct Milenage: Sendable, Hashable {
  /// What RAND alone gives: RES of 8 octets, CK and IK of 16, AK of 6.
  package struct Answer: Sendable, Hashable {
    package let response: [UInt8]
    package let keys: AKAKeys
    /// Of f5.
    let anonymity: UInt64
  }

  private let key: [UInt8]
  private let opc: [UInt8]

  /// Nil for anything but 16 octets each.
  package init?(key: [UInt8], opc: [UInt8]) {
    guard key.count == 16, opc.count == 16 else { return nil }
    self.key = key
    self.opc = opc
  }

  /// With OPc derived from OP; nil for anything but 16 octets each.
  package init?(key: [UInt8], op: [UInt8]) {
    guard key.count == 16, op.count == 16 else { return nil }
    self.key = key
    opc = Milenage.xor(Milenage.encrypted(op, key), op)
  }

  /// f2 to f5: nil for a RAND of another length than 16 octets.
  package func answer(to rand: [UInt8]) -> Answer? {
    guard rand.count == 16 else { return nil }
    let start = temporary(rand)
    let second = output(start, rotated: 0, 1)
    let keys = AKAKeys(confidentiality: output(start, rotated: 4, 2), integrity: output(start, rotated: 8, 4))
    guard let keys else { return nil }
    return Answer(response: Array(second[8...]), keys: keys, anonymity: Milenage.number(second[..<6]))
  }

  /// f5*: AK* of 48 bits, which conceals the sequence number in AUTS.
  package func resynchronisationMask(_ rand: [UInt8]) -> UInt64? {
    guard rand.count == 16 else { return nil }
    return Milenage.number(output(temporary(rand), rotated: 12, 8)[..<6])
  }

  /// f1 and f1*: MAC-A and MAC-S, 8 octets each.
  /// - Parameter sqn: 48 bits.
  package func codes(_ rand: [UInt8], sqn: UInt64, amf: UInt16) -> (network: [UInt8], resynchronisation: [UInt8])? {
    guard rand.count == 16 else { return nil }
    return codes(temporary(rand), sqn, amf)
  }

  fileprivate func codes(_ start: [UInt8], _ sqn: UInt64, _ amf: UInt16) -> (
    network: [UInt8], resynchronisation: [UInt8]
  ) {
    let whole = Milenage.xor(Milenage.encrypted(codeInput(start, sqn, amf), key), opc)
    return (Array(whole[..<8]), Array(whole[8...]))
  }

  private func codeInput(_ start: [UInt8], _ sqn: UInt64, _ amf: UInt16) -> [UInt8] {
    let half = Milenage.octets(sqn) + [UInt8(amf >> 8), UInt8(amf & 0xff)]
    return Milenage.xor(start, Milenage.rotated(Milenage.xor(half + half, opc), 8))
  }

  /// TEMP of the specification: what all functions begin with. `rand` has 16 octets.
  fileprivate func temporary(_ rand: [UInt8]) -> [UInt8] { Milenage.encrypted(Milenage.xor(rand, opc), key) }

  /// OUT2 to OUT5.
  private func output(_ start: [UInt8], rotated count: Int, _ constant: UInt8) -> [UInt8] {
    var block = Milenage.rotated(Milenage.xor(start, opc), count)
    block[15] ^= constant
    return Milenage.xor(Milenage.encrypted(block, key), opc)
  }

  // MARK: octets

  private static func encrypted(_ block: [UInt8], _ key: [UInt8]) -> [UInt8] {
    var block = block
    encrypt(&block, SymmetricKey(data: key))
    return block
  }

  /// It throws for other lengths than 16 only, and nobody gets here with one.
  private static func encrypt(_ block: inout [UInt8], _ key: SymmetricKey) { try? AES.permute(&block, key: key) }

  private static func xor(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { zip(left, right).map { $0 ^ $1 } }

  private static func rotated(_ block: [UInt8], _ count: Int) -> [UInt8] { Array(block[count...] + block[..<count]) }

  static func number(_ octets: some Sequence<UInt8>) -> UInt64 { octets.reduce(0) { $0 << 8 | UInt64($1) } }

  /// The low 48 bits.
  private static func octets(_ number: UInt64) -> [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: number >> UInt64(40 - 8 * $0)) }
  }
}

/// RAND‖AUTN: what the network asks with.
package struct AKAChallenge: Sendable, Hashable {
  package let rand: [UInt8]
  /// 48 bits, as they stand in AUTN.
  let concealed: UInt64
  package let amf: UInt16
  let code: [UInt8]

  /// Octets of the server behind the first 32 are left alone (RFC 3310 §3.2); nil for fewer.
  package init?(_ octets: some Collection<UInt8>) {
    let octets = Array(octets.prefix(32))
    guard octets.count == 32 else { return nil }
    rand = Array(octets[..<16])
    concealed = Milenage.number(octets[16..<22])
    amf = UInt16(octets[22]) << 8 | UInt16(octets[23])
    code = Array(octets[24...])
  }
}

/// A challenge whose MAC-A was verified: the key is that of the HSS, and what the UE should answer is known.
package struct OpenedChallenge: Sendable, Hashable {
  /// 48 bits.
  package let sqn: UInt64
  package let answer: Milenage.Answer
}

extension Milenage {
  /// Nil when MAC-A does not follow from this key. TS 33.102 §6.3.2 lets a network leave AK out: SQN may stand in clear.
  package func open(_ challenge: AKAChallenge) -> OpenedChallenge? {
    guard let answer = answer(to: challenge.rand) else { return nil }
    let start = temporary(challenge.rand)
    for sqn in [challenge.concealed ^ answer.anonymity, challenge.concealed]
    where codes(start, sqn, challenge.amf).network == challenge.code {
      return OpenedChallenge(sqn: sqn, answer: answer)
    }
    return nil
  }

  /// The AMF that MAC-A was made with, where it is not the one that stands in AUTN.
  package func otherAMF(of challenge: AKAChallenge, among candidates: some Sequence<UInt16>) -> UInt16? {
    guard let answer = answer(to: challenge.rand) else { return nil }
    // All but AMF is the same each time: it stands twice in the input.
    let plain = codeInput(temporary(challenge.rand), challenge.concealed ^ answer.anonymity, 0)
    let code = Milenage.xor(challenge.code, Array(opc[..<8]))
    let secret = SymmetricKey(data: key)
    return candidates.first { amf in
      if amf == challenge.amf { return false }
      var block = plain
      for place in [6, 14] {
        block[place] ^= UInt8(amf >> 8)
        block[place + 1] ^= UInt8(amf & 0xff)
      }
      Milenage.encrypt(&block, secret)
      return block[..<8].elementsEqual(code)
    }
  }

  /// SQN_MS of AUTS, 14 octets; nil when MAC-S does not follow from this key. AMF* is zero (TS 33.102 §6.3.3); SIMs that
  /// take the AMF of the challenge are understood too.
  package func sequenceNumber(of auts: [UInt8], after challenge: AKAChallenge) -> UInt64? {
    guard auts.count == 14, let mask = resynchronisationMask(challenge.rand) else { return nil }
    let sqn = Milenage.number(auts[..<6]) ^ mask
    let start = temporary(challenge.rand)
    let isRight = [0, challenge.amf].contains { codes(start, sqn, $0).resynchronisation == Array(auts[6...]) }
    return isRight ? sqn : nil
  }
}
