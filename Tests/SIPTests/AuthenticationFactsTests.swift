import IMSBytes
import IMSSIP
import Testing

@Suite struct AuthenticationFactsTests {
  private func facts(of message: SIPMessage) -> (facts: AuthenticationFacts, digests: DigestTable) {
    var digests = DigestTable()
    let facts = AuthenticationFacts(message, &digests)
    return (facts, digests)
  }

  private static let digests = [
    #"Digest username="u@h", realm="h", nonce="bm8=", uri="sip:h", response="0f", algorithm=AKAv1-MD5"#,
    #"Digest username="u@h", realm="h", nonce="bm8=", uri="sip:h", response="""#,
    #"digest nonce="", response="0""#, #"Digest nonce, response="0""#, #"Digest nonce="n\"m", response="0""#,
    #"Digest nonce=n, algorithm="akav2-x", auts="y""#, #"Digest algorithm=AKA, auts"#,
    #"Digest algorithm, algorithm=AKAv1"#,
    "Digest", "=", #"Digest realm="open, nonce="x""#, #"Digest response="\", nonce="n""#,
  ]

  /// They say what the typed values say, of requests and of responses, of one and of several.
  @Test(arguments: digests) func sayWhatTheHeadersSay(value: String) throws {
    for headers in [
      ["Authorization: \(value)"], ["WWW-Authenticate: \(value)"],
      ["WWW-Authenticate: \(value)", "Authorization: \(value)"],
      ["Authorization: \(value)", "Authorization: Digest nonce=\"other\""],
      ["WWW-Authenticate: Digest nonce=\"other\"", "WWW-Authenticate: \(value)"], ["Expires: 3"],
    ] {
      for line in ["REGISTER sip:h SIP/2.0", "SIP/2.0 401 Unauthorized"] {
        let message = try parse(Array(([line] + headers + ["", ""]).joined(separator: "\r\n").utf8))
        let (facts, digests) = facts(of: message)
        let (credentials, challenges) = (message.authorization, message.wwwAuthenticate)
        #expect(facts.hasCredentials == !credentials.isEmpty)
        #expect(facts.hasNonce == credentials.contains { !($0.nonce?.isEmpty ?? true) })
        #expect(
          facts.responds
            == credentials.contains { !($0.nonce?.isEmpty ?? true) && !($0.response?.isEmpty ?? true) })
        #expect(facts.resynchronises == credentials.contains { $0.auts != nil })
        #expect(facts.asksForAKA == challenges.contains { $0.isAKA })
        #expect(facts.isOfAKA == (credentials + challenges).contains { $0.isAKA })
        if facts.isOdd { continue }
        #expect(credentials.count + challenges.count < 2)
        #expect(facts.nonce(of: message, digests) == (credentials.first ?? challenges.first)?.nonce)
      }
    }
  }

  /// Nonces are compared as numbers where both are plain, with the same result as texts.
  @Test func nonceOfAChallenge() throws {
    for given in Self.digests {
      for asked in Self.digests {
        let request = try register("Authorization: \(given)")
        let challenge = try parse(Array("SIP/2.0 401 U\r\nWWW-Authenticate: \(asked)\r\n\r\n".utf8))
        let (one, other) = (facts(of: request).facts, facts(of: challenge).facts)
        let isAnswer = request.authorization.first?.nonce.map { $0 == challenge.wwwAuthenticate.first?.nonce } ?? false
        #expect(request.answers(challenge) == isAnswer)
        if one.isOdd || other.isOdd { continue }
        #expect((one.nonce != .empty && one.nonce == other.nonce) == isAnswer)
      }
    }
  }

  @Test func nameOfTheUser() throws {
    let message = try register(
      "Authorization: Digest username=\"\"", "Authorization: Digest realm=a, username=\"u\\\"v\"")
    #expect(message.authorizedName == "u\"v")
    #expect(try register("Authorization: Digest username").authorizedName == nil)
    #expect(try register("Authorization: =", "Expires: 1").authorizedName == nil)
  }

  @Test func aWordInAHeader() throws {
    let message = try register("Contact: <sip:a@b>;Reg-ID=1", "m: <sip:c-d@e>")
    #expect(message.mentions("reg-id", in: .contact) && !message.mentions("reg-ids", in: .contact))
    #expect(!message.mentions("reg-id", in: .to))
  }

  /// A node on the way adds parameters or takes some: what is known of one copy gives the other, and is what is read of it alone.
  @Test(arguments: [
    [#"username="u@h", nonce="n""#, #", integrity-protected="yes""#, ",nc=1"],
    [#"realm="a", nonce="n", algorithm=AKAv1-MD5"#, #", ik="00112233445566778899aabbccddeeff""#, #",ck="0""#],
    [#"realm="a", nonce="n""#, #", ik="1",ck="2""#, #", ik="3""#], ["realm=a", #",nonce="b, c""#, #", ik="1",ck=2"#],
    [#"realm="a"#, #", nonce=b""#, ", integrity-protected=no"], [#"realm="a\""#, ", ck=\"b\"", ", opaque=c"],
    ["realm=a ", ", integrity-protected=no", " , ik"], ["realm", "=a", ",integrity-protected=no"],
    [#"nonce=x"y"#, #",ik=z""#, ",realm=a"], [#"ik="0", realm="a""b""#, ",ck=c", ", "], [#"x=""#, ",ik=c", "\""],
    ["nonce=a,", "integrity-protected=yes", ",integrity-protected=no"], ["nonce=a", ",integrity-protected", ",ck"],
  ]) func copiesSayTheSame(parts: [String]) throws {
    let spellings = [parts[0], parts[0] + parts[1], parts.joined()]
    for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]] {
      for line in ["REGISTER sip:h SIP/2.0\r\nAuthorization", "SIP/2.0 401 U\r\nWWW-Authenticate"] {
        var known = Spellings()
        for number in order {
          let message = try parse(Array("\(line): Digest \(spellings[number])\r\n\r\n".utf8))
          var alone = Spellings()
          let (facts, due) = (SIPFacts(message, &known), SIPFacts(message, &alone))
          #expect(facts.marks == due.marks && facts.username == due.username && facts.digestCount == due.digestCount)
          try expectSame(
            #require(known.digest(of: facts)), #require(alone.digest(of: due)), "\(order) of \(spellings[number])")
        }
      }
    }
  }

  private func expectSame(_ one: DigestFacts, _ other: DigestFacts, _ comment: Comment) {
    #expect(one.username == other.username && one.realm == other.realm && one.nonce == other.nonce, comment)
    #expect(one.uri == other.uri && one.opaque == other.opaque && one.ik == other.ik && one.ck == other.ck, comment)
    #expect(one.marks == other.marks && one.isComplete == other.isComplete, comment)
    #expect(one.isUnanswered == other.isUnanswered, comment)
  }

  /// What a P-CSCF adds changes nothing of what the UE wrote.
  @Test func integrityProtectedIsAdded() throws {
    var spellings = Spellings()
    func digest(_ text: String) throws -> DigestFacts {
      let facts = try SIPFacts(register("Authorization: Digest \(text)"), &spellings)
      return try #require(spellings.digest(of: facts))
    }
    let first = try digest(#"username="u", nonce="n""#)
    #expect(try digest(#"username="u", nonce="n", integrity-protected="no""#).adds(integrityProtectedTo: first))
    #expect(try !digest(#"username="u", nonce="n", ck="no""#).adds(integrityProtectedTo: first))
    #expect(try !digest(#"username="u", nonce="m", integrity-protected="no""#).adds(integrityProtectedTo: first))
    #expect(try !digest(#"username="u", nonce="n", ik="0", integrity-protected=no"#).adds(integrityProtectedTo: first))
  }
}
