import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT006 = Rule(
    "AUT006", .error, "ik/ck missing or different from the MAA",
    clauses: [.ts24229("5.4.1.2.1"), .ts24229("7.2A.1"), .ts29229("6.3.27")], since: "0.2",
    why: """
      The P-CSCF sets up the security associations with the keys that stand in the challenge. Without them, or with others \
      than the SIM computes, no packet of the UE is ever accepted.
      """,
    traps: """
      Values are compared and never shown. Digits of either case are equal. A missing ck is a warning: without encryption it \
      is not needed. The challenge of the resynchronised vector is compared with that vector.
      """,
    when: .challenged, needs: [.message(status: 401...401, on: [.h1, .h2])],
    trigger: .otherKeys,
    flagged: [
      Example(
        "no ik",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> I: 401 Unauthorized         ←
          -WWW-Authenticate.ik
        """),
      Example(
        "another ik than the HSS gave",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA                    ←
        S -> I: 401 Unauthorized         ←
          WWW-Authenticate.ik: "00000000000000000000000000000002"
        """),
    ],
    clean: [
      Example(
        "the keys of the vector",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER
        S -> HSS: MAR
        HSS -> S: MAA
        S -> I: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    var judged: [Text] = []
    // What the I-CSCF passes on is letter for letter what the S-CSCF wrote, as a rule.
    var right: Text?
    for index in flow.registerMessages where flow.messages[index].status == 401 {
      guard let hop = flow.messages[index].hop, hop == .h1 || hop == .h2 else { continue }
      for challenge in flow.sip(index)?.wwwAuthenticate ?? [] {
        guard challenge.isAKA, challenge.raw != right, let nonce = challenge.nonce else { continue }
        let vector = flow.vector(challengedBy: nonce)
        if let ik = challenge.ik, let ck = challenge.ck, let ikDue = vector?.ik, let ckDue = vector?.ck,
          ik.isHex(of: ikDue), ck.isHex(of: ckDue)
        {
          right = challenge.raw
          continue
        }
        let missing = [("ik", challenge.ik), ("ck", challenge.ck)].filter { $0.1 == nil }.map(\.0)
        if !missing.isEmpty, !judged.contains(nonce) {
          judged.append(nonce)
          report(
            "the challenge holds no \(missing.joined(separator: " and no "))", at: [index],
            observed: "no \(missing.joined(separator: ", no "))", expected: "ik and ck",
            severity: missing.contains("ik") ? nil : .warning)
        }
        guard let known = vector, let ckDue = known.ck, let ikDue = known.ik else { continue }
        let wrong = [("ik", challenge.ik, ikDue), ("ck", challenge.ck, ckDue)].filter { _, given, due in
          given.map { !$0.isHex(of: due) } ?? false
        }
        guard !wrong.isEmpty, !judged.contains(nonce) else { continue }
        judged.append(nonce)
        let names = wrong.map(\.0).joined(separator: " and ")
        report(
          known.answer == nil
            ? "\(names) of the challenge does not follow from the key of the subscriber"
            : "\(names) of the challenge is not that of the MAA", at: [index] + [known.answer].compactMap(\.self),
          observed: "another value in \(names)", expected: "the key of the vector")
      }
    }
  }
}

extension Text {
  /// Are these the hexadecimal digits of those octets?
  fileprivate func isHex(of octets: Text) -> Bool {
    guard count == octets.count * 2 else { return false }
    return read { digits in
      octets.read { octets in
        (0..<octets.byteCount).allSatisfy { place in
          guard let high = ASCII.hexValue(digits.u8(2 * place)), let low = ASCII.hexValue(digits.u8(2 * place + 1))
          else {
            return false
          }
          return high << 4 | low == octets.u8(place)
        }
      }
    }
  }
}
