import IMSBytes
import IMSDiameter
import IMSForge
import IMSMessages
import IMSWire
import Testing

@testable import IMSFlows

/// What the profiles of subscribers have in common is kept once while their registrations are open.
@Suite struct SubscribersTests {
  private static let criteria = (0..<40).map { number in
    "<InitialFilterCriteria><Priority>\(number)</Priority><ApplicationServer><ServerName>sip:as\(number).hims.net"
      + "</ServerName></ApplicationServer></InitialFilterCriteria>"
  }.joined()

  /// A SAA with an AVP behind User-Data.
  private static func answer(_ number: Int, _ profile: String) throws -> Message {
    func avp(_ code: UInt32, _ data: [UInt8]) -> [UInt8] {
      var writer = ByteWriter()
      writer.u32(code)
      writer.u8(0xc0)
      writer.u24(UInt32(data.count + 12))
      writer.u32(10415)
      writer.raw(data)
      writer.raw([UInt8](repeating: 0, count: (4 - data.count % 4) % 4))
      return writer.bytes
    }
    let avps = avp(606, Array(profile.utf8)) + avp(618, [1, 2, 3, UInt8(number & 255)])
    var writer = ByteWriter()
    writer.u8(1)
    writer.u24(UInt32(20 + avps.count))
    writer.u8(0x40)
    writer.u24(301)
    writer.u32(16_777_216)
    writer.u32(UInt32(number))
    writer.u32(UInt32(number))
    writer.raw(avps)
    return Message(
      id: MessageID(UInt32(number)), body: .diameter(try DiameterMessage(parsing: writer.bytes.span.bytes)),
      source: Endpoint(IPAddress(v4: 1), 3868), destination: Endpoint(IPAddress(v4: 2), 40_000), transport: .sctp,
      isTruncated: false, sighting: sighting(number))
  }

  private static func sighting(_ number: Int) -> Sighting {
    Sighting(
      point: CapturePoint(input: 0, interface: 0), time: Timestamp(nanoseconds: Int64(number)),
      frames: FrameList(UInt32(number), fileOffset: 0), hopLimit: 64, layers: LayerStack(), identity: 1)
  }

  @Test func aMessageComesBackAsItWas() throws {
    var subscribers = Subscribers()
    let long = try (0..<6).map { try Self.answer($0, "<PrivateID>\($0 * $0 * 1000)</PrivateID>" + Self.criteria) }
    let short = try Self.answer(6, "<PrivateID>6</PrivateID>")
    // Several of one subscriber, others between them.
    let messages = [long[0], short, long[1], long[2], short, long[3], long[4]]
    var numbers: [Int] = []
    for (message, key) in zip(messages, [0, 1, 1, 1, 2, 1, 2] as [UInt64]) {
      numbers.append(subscribers.add(message, of: Fingerprint(high: 0, low: key)))
    }
    #expect(subscribers[numbers[0]].messages.map(\.isOfRegistration) == [true], "it was the first")
    #expect(subscribers[numbers[1]].messages.map(\.isOfRegistration) == [true, false, false, false])
    let isKept = subscribers.add(Self.sighting(99), of: MessageID(2), transmission: 0)
    #expect(isKept)
    for number in Set(numbers) { subscribers[number].unfold() }
    let (second, third) = (subscribers[numbers[1]].messages, subscribers[numbers[4]].messages)
    let areAlike = second.map(\.diameter) == [short, long[1], long[2], long[3]].map(\.diameter)
    #expect(areAlike && third.map(\.diameter) == [short, long[4]].map(\.diameter))
    let seenTwice = second[2]
    #expect(seenTwice.sightingCount == 2 && seenTwice.exchangeKey == long[2].exchangeKey)
    #expect(seenTwice.diameter?.command == .serverAssignment && seenTwice.footprint > long[2].footprint)

    // One more may be folded behind those that were not.
    _ = subscribers.add(long[5], of: Fingerprint(high: 0, low: 1))
    #expect(subscribers[numbers[1]].messages.map(\.isOfRegistration) == [true, true, true, true, false])
    subscribers[numbers[1]].unfold()
    let isAlike = subscribers[numbers[1]].messages.last?.diameter == long[5].diameter
    #expect(isAlike)
  }
}
