package import IMSFlows

/// What the subscriber's K and OP or OPc prove of one registration. Nothing in it is a key but `sqn`, which with AUTN tells
/// AK.
package struct KeyProof: Sendable, Equatable {
  package enum Verdict: String, Sendable, CaseIterable {
    /// All that was seen follows from the key.
    case right
    case wrongKey, wrongOP, wrongAMF, sqnOutOfRange
    /// The HSS contradicts itself: MAC-A, XRES, CK and IK do not follow from one key.
    case wrongVector
    /// The UE has the key and computes the digest in another way.
    case wrongResponse
  }

  /// One RAND and AUTN. What was not seen is nil.
  package struct Challenge: Sendable, Equatable {
    /// Index of the 401 or MAA that shows it first.
    package var message: Int
    package var amf: UInt16
    /// Does MAC-A follow from the key? XRES of the MAA, CK and IK of the MAA or the 401, the response of the UE likewise.
    package var mac: Bool
    package var xres: Bool?
    package var keys: Bool?
    package var response: Bool?
    /// Where MAC-A follows from the key.
    package var sqn: UInt64?
    /// By how much SQN is ahead of the challenge before.
    package var step: Int64?

    /// Four hexadecimal digits.
    package var amfText: String { Challenge.text(amf) }

    static func text(_ amf: UInt16) -> String {
      let digits = String(amf, radix: 16)
      return String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  /// A REGISTER with AUTS.
  package struct Resynchronisation: Sendable, Equatable {
    package var message: Int
    /// Does MAC-S follow from the key?
    package var mac: Bool
    /// SQN_MS, where it does.
    package var sqn: UInt64?
    /// By how much SQN_MS is ahead of the refused challenge.
    package var ahead: Int64?
  }

  package var verdict: Verdict
  /// One sentence.
  package var text: String
  package var challenges: [Challenge]
  package var resynchronisations: [Resynchronisation]

  /// Nil where no key was given, or no challenge was seen.
  package init?(_ flow: Flow) {
    guard let key = flow.facts.subscriber, let proof = ProofReader(flow, key).proof else { return nil }
    self = proof
  }

  init(
    verdict: Verdict, text: String, challenges: [Challenge], resynchronisations: [Resynchronisation]
  ) {
    self.verdict = verdict
    self.text = text
    self.challenges = challenges
    self.resynchronisations = resynchronisations
  }

  /// The sentence, where something is wrong.
  var trouble: String? { verdict == .right ? nil : text }
}

extension Flow {
  var keyProof: KeyProof? { KeyProof(self) }
}
