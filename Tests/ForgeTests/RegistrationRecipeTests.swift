import IMSForge
import TestSupport
import Testing

@Suite struct RegistrationRecipeTests {
  @Test func everyMessageAtSenderAndReceiver() throws {
    let capture = RegistrationRecipe().capture()
    #expect(capture.interfaces.map(\.name) == ["ue", "p", "i", "s", "hss"])
    // 20 messages at two points, DNS query and answer at one.
    #expect(capture.records.count == 42)
    #expect((0..<5).map { point in capture.records.count { $0.interface == point } } == [4, 10, 12, 8, 8])
    #expect(capture.records.map(\.time) == capture.records.map(\.time).sorted())
    #expect(Set(capture.records.map(\.bytes)).count == 22)
  }

  @Test(.enabled(if: Tshark.isInstalled, "tshark is not installed"))
  func tsharkSeesTheWholeSequence() throws {
    var capture = RegistrationRecipe().capture()
    #expect(try Tshark.damaged(capture.pcapng) == [])
    var seen: Set<[UInt8]> = []
    capture.drop { !seen.insert($0.bytes).inserted }
    #expect(try Tshark.ladder(capture.pcapng) == TraceTextTests.registration)
  }

  @Test func stepsCanBeLeftOut() {
    let all = RegistrationRecipe.Step.allCases
    let silent = RegistrationRecipe(steps: all.filter { ![.uar, .uaa, .sar, .saa].contains($0) })
    #expect(silent.sendings().count == 18)
    #expect(RegistrationRecipe(steps: [.registerUE, .challengeP, .answerUE, .okP]).sendings().count == 4)
  }

  @Test func manySubscribersAreDistinct() throws {
    let recipes = (1...300).map { RegistrationRecipe(subscriber: $0, start: TraceText.start + Int64($0) * 500_000) }
    let capture = RegistrationRecipe.capture(recipes)
    #expect(capture.records.count == 300 * 42)
    #expect(Set(capture.records.map(\.bytes)).count == 300 * 22)
    var next: [HostPort: UInt32] = [:]
    for record in capture.records where record.interface == 4 {
      let packet = try #require(record.transport)
      let sequence = record.bytes[38..<42].reduce(0) { $0 << 8 | UInt32($1) }
      let end = packet.source.port == 3868 ? packet.destination : packet.source
      let key = packet.source.port == 3868 ? HostPort(end.host, end.port &+ 1) : end
      #expect(next[key] == nil || next[key] == sequence, "one connection goes on")
      next[key] = sequence &+ UInt32(packet.payload.count)
    }
  }
}
