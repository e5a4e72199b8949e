import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let AUT004 = Rule(
    "AUT004", .error, "AKA nonce malformed",
    clauses: [.rfc(3310, "3.2"), .ts24229("5.4.1.2.1")], since: "0.2",
    why: """
      The nonce of AKA is RAND and AUTN in base 64. A SIM that is handed anything else finds the network false, or asks for a \
      resynchronisation that never ends.
      """,
    traps: """
      Octets of the server behind the first 32 are allowed, padding may be missing. 64 hexadecimal digits are base 64 too, by \
      accident: they are told by their length.
      """,
    when: .challenged, needs: [.message(status: 401...401, on: Hop.sip)], trigger: .oddNonce,
    flagged: [
      Example(
        "too short",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
          WWW-Authenticate.nonce: "I1U8vpY3qJ0hiuZNrke/NQ=="
        """),
      Example(
        "hexadecimal digits",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized        ←
          WWW-Authenticate.nonce: "23553cbe9637a89d218ae64dae47bf3555f328b43577b9b94a9ffac354dfafb3"
        """),
    ],
    clean: [
      Example(
        "RAND and AUTN",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    var judged: [Text] = []
    for index in flow.registerMessages where flow.messages[index].status == 401 {
      for challenge in flow.sip(index)?.wwwAuthenticate ?? [] {
        guard challenge.isAKA, let nonce = challenge.nonce, !nonce.isEmpty,
          !judged.contains(nonce)
        else { continue }
        judged.append(nonce)
        let isHex = nonce.count == 64 && nonce.bytes.allSatisfy { ASCII.hexValue($0) != nil }
        let count = flow.octets(ofNonce: nonce)?.count
        if !isHex, let count, count >= 32 { continue }
        report(
          isHex
            ? "the nonce is RAND and AUTN in hexadecimal digits"
            : count == nil ? "the nonce is no base 64" : "the nonce is too short for RAND and AUTN",
          at: [index], observed: isHex ? "64 hexadecimal digits" : count.map { "\($0) octets" } ?? "nonce \(nonce)",
          expected: "base 64 of 32 octets or more")
      }
    }
  }
}
