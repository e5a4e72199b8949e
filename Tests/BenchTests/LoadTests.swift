import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

@testable import imstrace_bench

/// Are the captures that the benchmarks read what their figures are said to be of?
@Suite struct LoadTests {
  private func records(_ load: LoadFile.Load) -> [CaptureRecord] {
    var records: [CaptureRecord] = []
    load.eachSecond { records += $0 }
    return records
  }

  private func analyze(_ records: [CaptureRecord]) -> (reports: [FlowReport], run: RunReport) {
    let bytes = CaptureWriter().pcapng(records, interfaces: RegistrationLoad.interfaces)
    var reports: [FlowReport] = []
    let run = Analyzer().run([.file(BlockFile(bytes: bytes))]) { reports.append($0) }
    return (reports, run)
  }

  /// FNV-1a over stamps, interfaces and bytes.
  private func fingerprint(_ records: [CaptureRecord]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for record in records {
      for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: record.time >> Int64(shift))) }
      add(UInt8(record.interface))
      record.bytes.forEach(add)
    }
    return hash
  }

  /// The recipes are committed: figures of one day can be compared with those of another.
  @Test func theSameBytesAsEver() {
    #expect(fingerprint(records(.plain(registrations: 60, rate: 400))) == 2_715_317_390_778_258_075)
    #expect(fingerprint(records(.carrier(registrations: 60, rate: 400))) == 1_165_644_547_632_248_663)
    #expect(fingerprint(records(.noise(seconds: 1, packetRate: 1000))) == 5_300_265_747_784_127_031)
  }

  @Test func aPacketOfTheCarrierHas850OctetsInTheMean() {
    let records = records(.carrier(registrations: 100, rate: 400))
    let octets = records.reduce(0) { $0 + $1.bytes.count }
    #expect((830...870).contains(octets / records.count), "\(octets / records.count)")
  }

  @Test func registrationsOfTheCarrierAreRightButForThoseThatNobodyAnswers() {
    let (reports, run) = analyze(records(.carrier(registrations: 100, rate: 400)))
    #expect(reports.count == 100)
    let answered = reports.filter { $0.flow.outcome == .registered }
    #expect(answered.count == 98)
    #expect(answered.allSatisfy { $0.verdict == .compliant && $0.findings.isEmpty })
    #expect(Set(reports.flatMap(\.findings).map(\.rule)) == ["TIM001"])
    #expect(run.coverage.issues.isEmpty)
  }

  @Test func threeInTenTravelInESPAndOneInThreeOverTCP() {
    let (reports, run) = analyze(records(.carrier(registrations: 90, rate: 400)))
    let onGm = reports.map { $0.flow.messages.filter { $0.hop == .h0 }.map(\.message) }
    #expect(onGm.count { messages in messages.contains { $0.sightings.contains { $0.spi != 0 } } } == 27)
    #expect(onGm.count { messages in messages.allSatisfy { $0.transport == .tcp } } == 30)
    let packets = run.coverage.esp.reduce(0) { $0 + $1.count.packets }
    #expect(packets > 27 * 2 * 3)
    #expect(run.coverage.esp.reduce(0) { $0 + $1.count.verified } == packets)
  }

  @Test func messagesOfGmAreSeenThriceAndThoseOfTheCoreTwice() {
    let (reports, _) = analyze(records(.carrier(registrations: 49, rate: 400)))
    for entry in reports.flatMap(\.flow.messages) {
      #expect(entry.message.sightings.count == (entry.hop == .h0 ? 3 : 2), "\(entry.hop?.rawValue ?? "")")
    }
  }

  /// However long the numbers of subscribers become: a gigabyte has 15 000, and eight have 120 000.
  @Test func noDatagramNeedsFragments() {
    var load = RegistrationLoad(count: 20, traffic: LoadFile.Load.traffic)
    load.first = 289_990
    var records: [CaptureRecord] = []
    load.eachSecond { records += $0 }
    #expect(records.allSatisfy { $0.bytes.count <= 1514 })
    #expect(records.allSatisfy { ($0.bytes[20] & 0x3f, $0.bytes[21]) == (0, 0) }, "no fragment")
    let large = records.compactMap(\.transport).filter { $0.isUDP && $0.payload.count > 1300 }
    #expect(!large.contains { packet in packet.source.port == 40001 || packet.destination.port == 6100 })
  }

  @Test func noiseHoldsARegistrationInEachSecond() {
    let records = records(.noise(seconds: 2, packetRate: 1000))
    #expect(records.count > 2_000)
    #expect(zip(records, records.dropFirst()).allSatisfy { $0.time <= $1.time })
    let (reports, run) = analyze(records)
    #expect(reports.map(\.flow.outcome) == [.registered, .registered])
    #expect(run.coverage.messages.sip == 2 * 12)
  }

  /// One point alone: a second copy of a segment would be one that overlaps.
  @Test(.enabled(if: Tshark.isInstalled, Comment(rawValue: Tshark.absence)), arguments: [0, 2, 3, 5])
  func tsharkFindsNothingDamaged(_ point: Int) throws {
    let records = records(.carrier(registrations: 30, rate: 400)).filter { $0.interface == point }
    let file = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID()).pcapng")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(CaptureWriter().pcapng(records, interfaces: RegistrationLoad.interfaces)).write(to: file)
    let damaged = try Tshark.rows(
      file.path,
      filter: "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0",
      fields: ["frame.number"],
      options: ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"])
    #expect(damaged.isEmpty)
    #expect(records.count > 100)
  }
}
