import Foundation
import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSFlows
import IMSForge
import IMSInflate
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// A recorded registration is the same in whatever it was wrapped.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
struct TunnelledCaptureTests {
  /// A way to record the same packets.
  struct Wrapping: Sendable, CustomTestStringConvertible {
    var tunnels: [FrameWrapper]
    var testDescription: String { tunnels.map(\.rawValue).joined(separator: " in ") }

    func wrap(_ frame: [UInt8]) -> [UInt8] { tunnels.reduce(frame) { $1.wrap($0) } }

    /// The innermost tunnel comes first, its layers last.
    var path: String { (["eth"] + tunnels.reversed().flatMap(\.layers)).joined(separator: "/") }
  }

  static let each = FrameWrapper.allCases.map { Wrapping(tunnels: [$0]) }

  /// Four tunnels, drawn by a fixed seed; what one gives must be what the next can carry.
  static let nestings: [Wrapping] = {
    var state: UInt64 = 0x5eed_0005
    func draw(_ choices: [FrameWrapper]) -> FrameWrapper {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return choices[Int(state >> 33) % choices.count]
    }
    return (0..<3).map { _ in
      var tunnels: [FrameWrapper] = []
      for _ in 0..<4 {
        let isIP = tunnels.last?.givesIP ?? true
        tunnels.append(draw(FrameWrapper.allCases.filter { isIP || !$0.wantsIP }))
      }
      return Wrapping(tunnels: tunnels)
    }
  }()

  private static func plain() throws -> CaptureEditor { try CaptureEditor(Files.scenario("01b-aka-udp-uar2")) }

  private static func accounts(_ bytes: [UInt8], _ options: Options = Options()) -> [VariantsTests.Account] {
    Lab.reports(bytes, options: options).map(VariantsTests.Account.init)
  }

  @Test(arguments: each + nestings) func aTunnelChangesNothingButThePath(_ wrapping: Wrapping) throws {
    var capture = try Self.plain()
    let expected = Self.accounts(capture.pcapng)
    #expect(expected.map(\.outcome) == ["registered"])
    capture.mapBytes { wrapping.wrap($0) }
    #expect(Self.accounts(capture.pcapng) == expected)
    let flow = try #require(Lab.reports(capture.pcapng).first?.flow)
    let paths = Set(flow.messages.flatMap(\.message.sightings).map(\.layers.text))
    #expect(paths == ["\(wrapping.path)/ip/udp", "\(wrapping.path)/ip/tcp"])
  }

  @Test func threeNestingsDiffer() {
    #expect(Set(Self.nestings.map(\.path)).count == 3)
    #expect(Self.nestings.allSatisfy { $0.tunnels.count == 4 })
  }

  // MARK: HEP

  /// Each capture point is an agent that sends what it saw, some milliseconds later, to one collector.
  private static func agents(
    _ capture: CaptureEditor, kind: (inout HEPBuilder) -> Void = { _ in }, carried: ([UInt8]) -> [UInt8]
  ) -> [CaptureRecord] {
    capture.agents.map { agent in
      var hep = agent
      kind(&hep)
      return CaptureRecord(time: hep.time + 7_000_000, bytes: carried(hep.bytes))
    }
  }

  /// HEP keeps microseconds and no interfaces' names.
  private static func expected() throws -> [VariantsTests.Account] { accounts(try plain().pcapng) }

  private static let collector = HostPort("192.0.2.2", 9060)
  private static let sender = HostPort("192.0.2.1", 40000)

  @Test(arguments: [false, true]) func agentsOfHEPGiveWhatTheySaw(isPacked: Bool) throws {
    let records = Self.agents(try Self.plain()) { hep in
      hep.isPacked = isPacked
      if isPacked { hep.payload = Packed.zlib(hep.payload) }
    } carried: { hep in
      PacketBuilder.udp(from: Self.sender, to: Self.collector, payload: hep)
    }
    var options = Options()
    options.unpack = Zlib.unpack
    let capture = CaptureWriter().pcap(records)
    #expect(Self.accounts(capture, options) == (try Self.expected()))
    let flow = try #require(Lab.reports(capture, options: options).first?.flow)
    let sightings = flow.messages.flatMap(\.message.sightings)
    #expect(Set(sightings.compactMap(\.point.agent)).count > 3)
    #expect(sightings.allSatisfy { $0.layers.text == "eth/ip/udp/hep" })
    #expect(flow.messages.allSatisfy { $0.message.correlation?.string.hasPrefix("call ") == true })
    // The agents' time, not that of the collector.
    let first = try Self.plain().records[0].time
    #expect(sightings.map(\.stamp.nanoseconds).min().map { $0 - first < 7_000_000_000 } == true)
    if isPacked {
      let without = Lab.run([capture])
      #expect(without.reports.isEmpty)
      #expect(without.run.coverage.notDecoded.map(\.what).contains("HEP payload that does not unpack"))
    }
  }

  @Test(arguments: [false, true]) func agentsOfHEPOverTCPGiveWhatTheySaw(isCut: Bool) throws {
    var sequence: UInt32 = 1
    let records = Self.agents(try Self.plain()) { hep in
      let segment = TCPBuilder(from: Self.sender, to: Self.collector, sequence: sequence, payload: hep)
      sequence &+= UInt32(hep.count)
      return PacketBuilder.tcp(segment)
    }
    // Each segment in two.
    let halves = records.flatMap { record -> [CaptureRecord] in
      guard isCut, let packet = record.transport else { return [record] }
      let start = record.bytes[38..<42].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let middle = packet.payload.count / 3
      return [0..<middle, middle..<packet.payload.count].map { range in
        CaptureRecord(
          time: record.time,
          bytes: PacketBuilder.tcp(
            TCPBuilder(
              from: Self.sender, to: Self.collector, sequence: start &+ UInt32(range.lowerBound),
              payload: Array(packet.payload[range]))))
      }
    }
    #expect(Self.accounts(CaptureWriter().pcap(halves)) == (try Self.expected()))
  }

  /// The agents' stamps win even where the collector recorded years later.
  @Test func theTimeOfTheAgentsWins() throws {
    let records = Self.agents(try Self.plain()) { hep in
      PacketBuilder.udp(from: Self.sender, to: Self.collector, payload: hep)
    }
    let later = records.enumerated().map { number, record in
      CaptureRecord(time: record.time + 400 * 86_400_000_000_000 + Int64(number), bytes: record.bytes)
    }
    let capture = CaptureWriter().pcap(later)
    #expect(Self.accounts(capture) == (try Self.expected()))
    let flow = try #require(Lab.reports(capture).first?.flow)
    let times = flow.messages.map(\.message.time.nanoseconds)
    let recorded = try Self.plain().records.map(\.time)
    #expect(times.allSatisfy { $0 / 1000 >= recorded[0] / 1000 && $0 <= recorded[recorded.count - 1] })
  }

  /// The packets themselves and what agents sent of them are copies, not repetitions.
  @Test func agentsAndPacketsAreSightingsOfTheSame() throws {
    let plain = try Self.plain()
    let agents = Self.agents(plain) { hep in PacketBuilder.udp(from: Self.sender, to: Self.collector, payload: hep) }
    let (reports, run) = Lab.run([plain.pcapng, CaptureWriter().pcap(agents)])
    #expect(run.coverage.messages.retransmissions == 0)
    let flow = try #require(reports.first?.flow)
    let messages = flow.messages.map(\.message).filter(\.isOfRegistration)
    #expect(messages.allSatisfy { $0.sightings.contains { $0.point.agent != nil } })
    #expect(messages.allSatisfy { $0.sightings.contains { $0.point.agent == nil } })
    #expect(reports.map(VariantsTests.Account.init).map(\.findings) == (try Self.expected()).map(\.findings))
  }

  // MARK: Recorders

  /// What tshark exports of the recording: the messages alone, with the addresses around them.
  @Test(.enabled(if: Tshark.isInstalled, Comment(rawValue: Tshark.absence)))
  func exportedMessagesGiveTheSame() throws {
    let source = try #require(Files.lab).appending(path: "01b-aka-udp-uar2/merged.pcapng")
    let target = FileManager.default.temporaryDirectory.appending(path: "exported-\(UUID()).pcapng")
    defer { try? FileManager.default.removeItem(at: target) }
    _ = try Tshark.run(source.path, ["-U", "OSI layer 7", "-w", target.path])
    // It exports SIP and Diameter, no DNS.
    var expected = try Self.expected()
    expected[0].hide(.d1, .d2)
    #expect(Self.accounts(try Files.bytes(target)) == expected)
  }

  @Test func aUserLinkTypeIsWhatTheUserSays() throws {
    let plain = try Self.plain()
    for (content, cut) in [(LinkType.raw, 14), (.ethernet, 0)] {
      var capture = plain
      capture.mapRecords { $0.linkType = 147 }
      capture.mapBytes { Array($0.dropFirst(cut)) }
      for index in capture.interfaces.indices { capture.interfaces[index].linkType = 147 }
      var options = Options()
      #expect(Lab.run([capture.pcapng]).run.coverage.notDecoded.map(\.what) == ["link type 147"])
      options.linkTypes = [LinkType(rawValue: 147): content]
      #expect(Self.accounts(capture.pcapng, options) == (try Self.expected()))
    }
  }
}
