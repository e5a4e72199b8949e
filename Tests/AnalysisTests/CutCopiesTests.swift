import IMSBytes
import IMSMessages
import IMSSIP
import IMSWire
import Testing

/// Copies of a message that capture points cut at different lengths are one message.
@Suite struct CutCopiesTests {
  private static let text = """
    REGISTER sip:h SIP/2.0\r
    Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r
    From: <sip:a@h>;tag=1\r
    To: <sip:a@h>\r
    Call-ID: 1@10.0.0.1\r
    CSeq: 1 REGISTER\r
    Content-Length: 0\r
    \r

    """
  /// Behind the topmost Via.
  private static let afterVia = 75

  private static func message(
    _ id: UInt32, octets: Int? = nil, at point: UInt16, identity: UInt32 = 7, milliseconds: Int64 = 0,
    to port: UInt16 = 5060, text: String = text
  ) throws -> Message {
    let all = Array(text.utf8)
    let bytes = Array(all.prefix(octets ?? all.count))
    let sip = try SIPMessage(parsing: bytes.span.bytes, truncated: octets != nil)
    return Message(
      id: MessageID(id), body: .sip(sip), source: Endpoint(IPAddress(v4: 1), 5060),
      destination: Endpoint(IPAddress(v4: 2), port), transport: .udp, isTruncated: octets != nil,
      sighting: Sighting(
        point: CapturePoint(input: point, interface: 0),
        time: Timestamp(nanoseconds: 0) + .milliseconds(milliseconds), frames: FrameList(id + 1, fileOffset: 0),
        hopLimit: 64, layers: LayerStack(), identity: identity))
  }

  @Test func theLongestHasAllSightings() throws {
    var messages = [
      try Self.message(0, octets: 40, at: 0), try Self.message(1, octets: 90, at: 1, milliseconds: 1),
      try Self.message(2, at: 2, milliseconds: 2),
    ]
    let joined = messages.joinCutCopies()
    #expect(joined.map(\.id.value).sorted() == [0, 1] && messages.map(\.id.value) == [2])
    let message = try #require(messages.first)
    #expect(!message.isTruncated && message.sendings == 1)
    #expect(Set(message.transmissions[0].sightings.map(\.point.input)) == [0, 1, 2])
    // The earliest of them.
    #expect(message.time == Timestamp(nanoseconds: 0))
  }

  /// The shortest is known by its packet alone, which the whole message has no sighting of.
  @Test func whatWasGivenToACopyIsHandedOn() throws {
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
      let all = [
        try Self.message(0, octets: 40, at: 0, identity: 8), try Self.message(1, octets: 90, at: 1, identity: 8),
        try Self.message(2, at: 2, identity: 7),
      ]
      var messages = order.map { all[$0] }
      #expect(messages.joinCutCopies().count == 2)
      #expect(messages.map(\.sightingCount) == [3] && messages.map(\.sendings) == [2])
    }
  }

  @Test func thousandsOfOneSubscriberAreJoinedInPassing() throws {
    var messages: [Message] = []
    for number in 0..<UInt32(4000) {
      let text = Self.text.replacing("branch=z9hG4bK1", with: "branch=z9hG4bK\(number)")
      messages.append(try Self.message(2 * number, at: 0, identity: number + 1, text: text))
      messages.append(try Self.message(2 * number + 1, octets: 90, at: 1, identity: number + 1, text: text))
    }
    #expect(messages.joinCutCopies().count == 4000)
    #expect(messages.allSatisfy { $0.sightingCount == 2 })
  }

  @Test func whatWasSentAgainIsASendingOfItsOwn() throws {
    var messages = [
      try Self.message(0, at: 0), try Self.message(1, octets: Self.afterVia, at: 1, identity: 8, milliseconds: 500),
    ]
    #expect(messages.joinCutCopies().count == 1)
    #expect(messages.map(\.sendings) == [2])
  }

  /// Where packets have no identity the nearest sending is theirs, unless it was seen at this point already.
  @Test func withoutAnIdentityTheNearestCounts() throws {
    var messages = [
      try Self.message(0, at: 0, identity: 0),
      try Self.message(1, octets: Self.afterVia, at: 1, identity: 0, milliseconds: 3),
    ]
    #expect(messages.joinCutCopies().count == 1)
    #expect(messages.map(\.sendings) == [1])
    messages.append(try Self.message(2, octets: 90, at: 1, identity: 0, milliseconds: 600))
    #expect(messages.joinCutCopies().count == 1)
    #expect(messages.map(\.sendings) == [2])
  }

  @Test func anotherMessageIsLeftAlone() throws {
    // Another hop, another text, and a beginning that others may have, of another packet.
    let other = Self.text.replacing("branch=z9hG4bK1", with: "branch=z9hG4bK2")
    for cut in [
      try Self.message(1, octets: 90, at: 1, to: 5070), try Self.message(1, octets: 90, at: 1, text: other),
      try Self.message(1, octets: 40, at: 1, identity: 8),
    ] {
      var messages = [try Self.message(0, at: 0), cut]
      #expect(messages.joinCutCopies().isEmpty && messages.count == 2)
    }
    var messages = [try Self.message(0, at: 0), try Self.message(1, octets: 40, at: 1)]
    #expect(messages.joinCutCopies().count == 1)
  }
}
