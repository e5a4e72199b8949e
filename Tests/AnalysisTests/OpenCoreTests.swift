import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire
import TestSupport
import Testing

/// Captures of an open core with all its nodes on one host: Gm in GTP-U and in ESP, seen up to three times.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
struct OpenCoreTests {
  /// Messages of a capture, each counted once although it is seen up to three times.
  struct Counts: Equatable, Sendable {
    var invites = 0
    var responses = 0
    var diameter = 0
  }

  static let table: [(capture: String, counts: Counts)] = [
    ("ipsec_reg", Counts(invites: 0, responses: 16, diameter: 16)),
    ("ipsec_to_ipsec_call", Counts(invites: 6, responses: 36, diameter: 10)),
    ("ipsec_to_nonipsec_call", Counts(invites: 8, responses: 23, diameter: 14)),
    ("nonipsec_to_ipsec_call", Counts(invites: 6, responses: 33, diameter: 16)),
    ("volte", Counts(invites: 6, responses: 14, diameter: 10)),
  ]

  private static func file(_ capture: String) throws -> URL {
    try #require(Files.shared).appending(path: "public/open5gs-open5gs__\(capture).pcapng")
  }

  private static func count(_ keys: [SignallingKey]) -> Counts {
    var counts = Counts()
    for key in keys {
      if key.description.hasPrefix("SIP INVITE,") { counts.invites += 1 }
      if key.description.contains(/^SIP \d/) { counts.responses += 1 }
      if key.description.hasPrefix("Diameter") { counts.diameter += 1 }
    }
    return counts
  }

  @Test(arguments: table.indices) func everyMessageIsReadOnce(_ row: Int) throws {
    let (capture, counts) = Self.table[row]
    let messages = MessageLister().collect([.file(try BlockFile(path: Self.file(capture).path))]).messages
    #expect(Self.count(messages.compactMap { SignallingKey($0) }) == counts)
  }

  @Test(.enabled(if: Tshark.isInstalled, Comment(rawValue: Tshark.absence)), arguments: table.indices)
  func tsharkCountsTheSame(_ row: Int) throws {
    let (capture, counts) = Self.table[row]
    let keys = Set(try Tshark.messages(in: Self.file(capture)).map(\.key))
    #expect(Self.count(keys.sorted()) == counts)
  }

  @Test(arguments: ["ipsec_to_ipsec_call", "ipsec_to_nonipsec_call", "nonipsec_to_ipsec_call", "volte"])
  func callsAreNoRegistrations(_ capture: String) throws {
    let (reports, run) = Lab.run([try Files.bytes(Self.file(capture))])
    #expect(reports.isEmpty)
    #expect(run.coverage.messages.sip > 0)
    #expect(run.coverage.esp.allSatisfy { $0.count.opened == $0.count.packets })
  }

  /// Addresses and TEID of the outer header, frame by frame, as the reference has them.
  @Test(.enabled(if: Tshark.isInstalled, Comment(rawValue: Tshark.absence)), arguments: table.indices)
  func theOuterPathIsThatOfTheReference(_ row: Int) throws {
    let file = try Self.file(Self.table[row].capture)
    let rows = try Tshark.rows(
      file.path, filter: "gtp.message == 255", fields: ["frame.number", "ip.src", "ip.dst", "gtp.teid"])
    var expected: [UInt32: String] = [:]
    for row in rows {
      let ends = [row[1], row[2]].map { $0.split(separator: ",").first ?? "" }
      expected[UInt32(row[0]) ?? 0] = "\(ends[0]) \(ends[1]) \(UInt32(row[3].dropFirst(2), radix: 16) ?? 0)"
    }
    let messages = MessageLister().collect([.file(try BlockFile(path: file.path))]).messages
    var compared = 0
    for message in messages {
      for sighting in message.transmissions.flatMap(\.sightings) {
        let hops = message.tunnels(of: sighting)
        #expect(hops.isEmpty == !sighting.layers.layers.contains(.gtp))
        guard let hop = hops.first else { continue }
        #expect(hops.count == 1 && hop.layer == .gtp)
        // The reference tells it with the last fragment.
        let way = "\(hop.source) \(hop.destination) \(hop.identifier)"
        #expect(sighting.frames.all.contains { expected[$0] == way }, "\(sighting.frames.all) \(way)")
        compared += 1
      }
    }
    #expect(compared > 0)
  }

  @Test func theRegistrationIsFoundThroughTunnelAndESP() throws {
    let (reports, run) = Lab.run([try Files.bytes(Self.file("ipsec_reg"))])
    let report = try #require(reports.first)
    #expect(reports.count == 1)
    let flow = report.flow
    #expect(flow.kind == .initial)
    #expect(flow.mechanism == .aka)
    #expect(flow.outcome == .registered)
    #expect(flow.seenAt == .h0)
    #expect(flow.hops.map(\.state) == [.seen, .seen, .seen, .seen, .seen])
    for hop in Hop.sip {
      let requests = flow.messages.filter { $0.hop == hop && $0.isRequest }
      #expect(requests.map { $0.sip?.cseq?.number } == [1, 2], "\(hop)")
      let finals = flow.messages.filter { $0.hop == hop && $0.status >= 200 }
      #expect(finals.map(\.status) == [401, 200], "\(hop)")
      #expect((requests + finals).allSatisfy { $0.message.retransmissions.isEmpty })
    }
    #expect(flow.exchanges.map(\.hop) == [.c1, .c2, .c2])
    // P-, I- and S-CSCF share one address.
    let addresses = flow.parties.filter { [.pcscf, .icscf, .scscf].contains($0.role) }.map(\.address)
    #expect(addresses.count == 3)
    #expect(Set(addresses).count == 1)
    let answer = try #require(flow.messages.first { $0.hop == .h0 && $0.isRequest && $0.sip?.cseq?.number == 2 })
    let stacks = Set(answer.message.sightings.map(\.layers.text))
    #expect(stacks.contains("sll/ip/udp/gtp/ip/esp/tcp"))
    #expect(answer.message.sightings.allSatisfy { $0.spi == 101 })
    #expect(run.coverage.esp.allSatisfy { $0.count.verified == $0.count.packets })
  }
}
