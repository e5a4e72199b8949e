import IMSBytes
import IMSForge
import Testing

@Suite struct RegistrationLoadTests {
  private func records(_ load: RegistrationLoad) -> [CaptureRecord] {
    var all: [CaptureRecord] = []
    load.eachSecond { all += $0 }
    return all
  }

  /// The SIP requests and responses of a point, a fragmented one once.
  private func starts(_ records: [CaptureRecord], at point: String, with start: String) -> Int {
    let index = RegistrationLoad.interfaces.firstIndex { $0.name == point }
    return records.count { record in
      guard record.interface == index else { return false }
      return record.transport?.payload.starts(with: Array(start.utf8)) ?? false
    }
  }

  @Test func twoPercentAreNeverAnswered() {
    let records = records(RegistrationLoad(count: 100, rate: 400))
    // 98 that answer a challenge; 2 that send one REGISTER eleven times.
    #expect(starts(records, at: "ue", with: "REGISTER ") == 98 * 2 + 2 * 11)
    #expect(starts(records, at: "ue", with: "SIP/2.0 401 ") == 98)
    #expect(starts(records, at: "ue", with: "SIP/2.0 200 ") == 98)
  }

  @Test func coreMessagesTwiceAndGmMessagesThrice() {
    let records = records(RegistrationLoad(count: 3, rate: 400))
    // 4 messages on Gm at three points, 16 on the core and 2 of DNS at two.
    #expect(records.count == 3 * (4 * 3 + 18 * 2))
    for point in ["ue", "rtr"] { #expect(starts(records, at: point, with: "SIP/2.0 401 ") == 3) }
    #expect(starts(records, at: "p", with: "SIP/2.0 401 ") == 6)
    #expect(starts(records, at: "i", with: "SIP/2.0 401 ") == 6)
    #expect(starts(records, at: "s", with: "SIP/2.0 401 ") == 3)
  }

  @Test func beyondTheRouterAPacketHasOneLessToLive() throws {
    let records = records(RegistrationLoad(count: 1, rate: 400))
    let sightings = records.filter { $0.transport?.payload.starts(with: Array("REGISTER sip:hims".utf8)) ?? false }
    let first = Array(sightings.prefix(3))
    #expect(first.map(\.interface) == [0, 1, 2])
    #expect(first.map { $0.bytes[22] } == [64, 64, 63])
    for record in first {
      let header = stride(from: 14, to: 34, by: 2).map { Int(record.bytes[$0]) << 8 | Int(record.bytes[$0 + 1]) }
      let sum = header.reduce(0, +)
      #expect((sum & 0xffff) + sum >> 16 == 0xffff, "the checksum of the IPv4 header is right")
    }
  }

  @Test func beginsAtTheRateInOrderOfTimeAndSecondBySecond() {
    let load = RegistrationLoad(count: 30, rate: 10)
    var seconds: [[CaptureRecord]] = []
    load.eachSecond { seconds.append($0) }
    #expect(seconds.map { starts($0, at: "ue", with: "SIP/2.0 401 ") } == [10, 10, 10])
    let times = seconds.joined().map(\.time)
    #expect(times == times.sorted())
  }

  @Test func sameBytesEachTime() {
    let load = RegistrationLoad(count: 60, rate: 400) { cast in "response of \(cast.number)" }
    #expect(records(load) == records(load))
    let payloads = records(load).compactMap { $0.transport?.payload }
    #expect(payloads.contains { String(decoding: $0, as: UTF8.self).contains("response=\"response of 59\"") })
  }
}
