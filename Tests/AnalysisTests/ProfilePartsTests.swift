import IMSBytes
import Testing

@testable import IMSFlows

/// What was walked in one profile and is compared in the next changes nothing of what is read.
@Suite struct ProfilePartsTests {
  private static func criteria(_ priority: Int, _ inside: String = "") -> String {
    "<InitialFilterCriteria><Priority>\(priority)</Priority><TriggerPoint><SPT><Method>INVITE</Method></SPT></TriggerPoint>"
      + "\(inside)<ApplicationServer><ServerName>sip:as\(priority).hims.net</ServerName></ApplicationServer>"
      + "</InitialFilterCriteria>"
  }

  private static func identity(_ user: String, barred: Bool = false) -> String {
    "<PublicIdentity><BarringIndication>\(barred ? 1 : 0)</BarringIndication><Identity>sip:\(user)@hims.net</Identity>"
      + "</PublicIdentity>"
  }

  private static func profile(_ user: String, _ parts: String...) -> String {
    "<?xml version=\"1.0\"?><IMSSubscription><PrivateID>\(user)@hims.net</PrivateID><ServiceProfile>"
      + parts.joined(separator: "\n") + "</ServiceProfile></IMSSubscription>"
  }

  private static let texts = [
    profile("a", identity("a"), criteria(1), criteria(2)),
    profile("b", identity("b"), criteria(1), criteria(2), identity("c", barred: true)),
    // What a rule asks for lies within: it is no part that can be passed over.
    profile("d", criteria(3, identity("d"))),
    profile("e", criteria(3, identity("d")), criteria(2)),
    profile("f", criteria(4, "<ServiceProfile></ServiceProfile>"), criteria(1)),
    profile("f", criteria(4, "<ServiceProfile></ServiceProfile>"), criteria(1)),
    // One in another, where none belongs.
    profile("g", criteria(5, criteria(1)), criteria(5, criteria(1))),
    profile("h", "<Identity>" + criteria(1) + "sip:h@hims.net</Identity>"),
    profile("h", "<PublicIdentity><Identity>" + criteria(1) + "sip:h@hims.net</Identity></PublicIdentity>"),
    profile("h", "<PublicIdentity><Identity>" + criteria(1) + "sip:h@hims.net</Identity></PublicIdentity>"),
    // Faults before, in and behind what is known.
    profile("i", criteria(6, "<Open>")),
    profile("i", criteria(6, "<Open>")),
    profile("j", criteria(1), "</Open>"),
    criteria(1), criteria(1),
    String(repeating: "<a>", count: 62) + criteria(1) + String(repeating: "</a>", count: 62),
    String(repeating: "<a>", count: 20) + criteria(1) + String(repeating: "</a>", count: 20),
    String(repeating: "<a>", count: 30) + criteria(1) + String(repeating: "</a>", count: 30),
    String(criteria(1).dropLast(3)), "<IMSSubscription>" + criteria(1).dropLast(3),
  ]

  @Test(arguments: [1, 2, 7]) func readsWhatWasReadBeforeAlike(rounds: Int) {
    var parts = ProfileParts()
    for text in Array(repeating: Self.texts, count: rounds).joined() {
      let (alone, among) = (ServiceProfile(Text(text)), ServiceProfile(Text(text), &parts))
      #expect(among.root == alone.root, "\(text)")
      #expect(among.privateID == alone.privateID, "\(text)")
      #expect(among.profiles == alone.profiles, "\(text)")
      #expect(among.identities.map(\.uri) == alone.identities.map(\.uri), "\(text)")
      #expect(among.identities.map(\.isBarred) == alone.identities.map(\.isBarred), "\(text)")
      #expect(among.fault?.reason == alone.fault?.reason, "\(text)")
      #expect(among.fault?.offset == alone.fault?.offset, "\(text)")
    }
  }

  @Test func remembersAsManyAsItMay() {
    var parts = ProfileParts()
    let many = (0..<200).map { Self.profile("a", Self.criteria($0), Self.criteria($0 + 1)) }
    for text in many + many {
      let profile = ServiceProfile(Text(text), &parts)
      #expect(profile.fault == nil)
    }
    let first = Array(Self.criteria(200).utf8)
    #expect(parts.find(first.span.bytes, at: 0, depth: 2)?.octets == first)
    let forgotten = Array(Self.criteria(100).utf8)
    #expect(parts.find(forgotten.span.bytes, at: 0, depth: 2) == nil)
    for length in [Bounds.profilePartLength, Bounds.profilePartLength + 1] {
      let long = [UInt8](repeating: UInt8(length & 255), count: length)
      parts.add(long.span.bytes, content: 0, depth: 1)
      #expect((parts.find(long.span.bytes, at: 0, depth: 1) != nil) == (length == Bounds.profilePartLength))
    }
  }
}
