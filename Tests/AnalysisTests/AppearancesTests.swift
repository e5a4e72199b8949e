import IMSBytes
import IMSMessages
import IMSWire
import Testing

@Suite struct AppearancesTests {
  private static func sighting(_ number: Int, at time: Int64, interface: UInt16 = 0) -> Sighting {
    Sighting(
      point: CapturePoint(input: 0, interface: interface), time: Timestamp(nanoseconds: time),
      frames: FrameList(UInt32(number), fileOffset: 0), hopLimit: 64, layers: LayerStack(), identity: 1)
  }

  private static func message(_ first: Sighting) -> Message {
    let event = TransportEvent(
      .reset, from: Endpoint(IPAddress(v4: 1), 1), to: Endpoint(IPAddress(v4: 2), 2), .tcp)
    return Message(
      id: MessageID(0), body: .event(event), source: event.source, destination: event.destination, transport: .tcp,
      isTruncated: false, sighting: first)
  }

  /// Frames of each transmission.
  private static func frames(_ message: Message) -> [[UInt32]] {
    message.transmissions.map { $0.sightings.map(\.frames.first) }
  }

  /// By transmission, within one in the order in which they came, however they mix, with and without room in the message.
  @Test(arguments: [
    [0], [0, 0], [0, 0, 0], [0, 0, 0, 0], [0, 1], [0, 1, 0], [0, 1, 1, 0, 2, 0], [0, 7, 7, 1, 3, 0, 2, 1, 0, 9],
  ]) func sightingsStandByTransmission(_ transmissions: [Int]) {
    var message = Self.message(Self.sighting(0, at: 0))
    var expected: [[UInt32]] = [[0]]
    for number in transmissions.indices.dropFirst() {
      message.add(Self.sighting(number, at: Int64(number)), transmission: transmissions[number])
      let place = min(transmissions[number], expected.count)
      if place == expected.count { expected.append([]) }
      expected[place].append(UInt32(number))
    }
    #expect(Self.frames(message) == expected)
    #expect(message.sightings.map(\.frames.first) == expected[0])
    #expect(message.retransmissions.map { $0.sightings.map(\.frames.first) } == Array(expected.dropFirst()))
    #expect(message.sightingCount == transmissions.count)
    var met: [UInt32] = []
    message.forEachSighting { met.append($0.frames.first) }
    #expect(met == expected.flatMap(\.self))
  }

  /// One, two or more, at each place.
  @Test func framesAreKept() {
    let lists = [[1], [2, 3], [4, 5, 6], [7, 8], [9], [10, 11, 12, 13]].map { numbers in
      FrameList(numbers[0], fileOffset: UInt64(numbers[0]), more: Array(numbers.dropFirst()))
    }
    for first in lists.indices {
      let order = lists[first...] + lists[..<first]
      let sightings = order.enumerated().map { number, frames in
        Sighting(
          point: CapturePoint(input: 0, interface: UInt16(number)), time: Timestamp(nanoseconds: Int64(number)),
          frames: frames, hopLimit: 64, layers: LayerStack(), identity: 1)
      }
      var message = Self.message(sightings[0])
      for sighting in sightings.dropFirst() { message.add(sighting, transmission: 0) }
      #expect(Array(message.sightings) == sightings)
    }
  }

  @Test func theEarliestIsFoundInEachTransmission() {
    var message = Self.message(Self.sighting(5, at: 50))
    message.add(Self.sighting(3, at: 30, interface: 1), transmission: 0)
    message.add(Self.sighting(9, at: 90), transmission: 1)
    message.add(Self.sighting(8, at: 80, interface: 1), transmission: 1)
    message.add(Self.sighting(2, at: 20, interface: 2), transmission: 0)
    #expect(message.firstSighting.frames.first == 2 && message.time == Timestamp(nanoseconds: 20))
    #expect(message.transmissions.map(\.earliest.frames.first) == [2, 8])
    let again = message.transmissions[1]
    #expect(again.time(at: CapturePoint(input: 0, interface: 1)) == Timestamp(nanoseconds: 80))
    #expect(again.stamp(at: CapturePoint(input: 0, interface: 2)) == nil)
    #expect(again.seen(at: CapturePoint(input: 0, interface: 0))?.frames.first == 9)
  }

  @Test func aCopyOfAMessageGetsNoFurtherSightings() {
    let first = Self.message(Self.sighting(0, at: 0))
    var second = first
    second.add(Self.sighting(1, at: 1), transmission: 0)
    let sightings = second.sightings
    second.add(Self.sighting(2, at: 2), transmission: 0)
    #expect(first.sightings.count == 1 && sightings.count == 2 && second.sightings.count == 3)
    #expect(sightings.map(\.frames.first) == [0, 1])
  }
}
