import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import IMSWire
import TestSupport
import Testing

/// A copy of a packet is a sighting, the repetition of a message a retransmission, and neither is a second message.
@Suite struct SightingTests {
  /// How often each UE of the lossy scenario says it sent a REGISTER again, by Call-ID.
  private func truth() throws -> [String: Int] {
    let file = try #require(Files.lab).appending(path: "13-loss/ue-truth.json")
    let entries = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [[String: Any]] ?? []
    return Dictionary(
      uniqueKeysWithValues: entries.compactMap { entry in
        (entry["call_id"] as? String).map { ($0, entry["retrans"] as? Int ?? 0) }
      })
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
  func retransmissionsOfALossyNetworkAreCountedAsTheUEsCountedThem() throws {
    var counted: [String: Int] = [:]
    for flow in Lab.reports(try Files.scenario("13-loss")).map(\.flow) {
      let requests = flow.messages.filter { $0.hop == .h0 && $0.message.sip?.isRequest == true }
      counted[flow.callIDs.first?.string ?? "", default: 0] += requests.map(\.message.retransmissions.count).reduce(
        0, +)
    }
    #expect(counted == (try truth()))
  }

  /// A second capture point behind a router and a network card: other MAC addresses and a VLAN tag, one hop less, checksums
  /// that offload left empty, and TCP segments cut to the wire's size. Every message is seen once more, and none is new.
  @Test(arguments: ["aka-registration.pcapng", "sip-over-tcp.pcapng", "cx-over-sctp.pcapng"])
  func copiesMayDifferInWhatTheWayChanges(_ sample: String) throws {
    let recorded = try CaptureEditor(Files.sample(sample))
    let point = 3
    var records: [CaptureRecord] = []
    for record in recorded.records {
      records.append(record)
      guard record.interface == point else { continue }
      for (number, bytes) in Self.behindTheRouter(record.bytes).enumerated() {
        records.append(
          CaptureRecord(
            interface: recorded.interfaces.count, time: record.time + 150_000 + Int64(number) * 1000, bytes: bytes))
      }
    }
    var copied = CaptureEditor(
      records: records, interfaces: recorded.interfaces + [CaptureInterface(name: "mirror", resolution: 9)])
    copied.sortByTime()
    let before = Lab.run([recorded.pcapng])
    let after = Lab.run([copied.pcapng])
    #expect(after.run.coverage.messages.sip == before.run.coverage.messages.sip)
    #expect(after.run.coverage.messages.diameter == before.run.coverage.messages.diameter)
    #expect(after.run.coverage.messages.retransmissions == before.run.coverage.messages.retransmissions)
    let pairs = zip(before.reports.flatMap(\.flow.messages), after.reports.flatMap(\.flow.messages))
    #expect(!before.reports.isEmpty && before.reports.count == after.reports.count)
    for (old, new) in pairs {
      let isMirrored = old.message.sightings.contains { $0.point.interface == UInt16(point) }
      #expect(new.message.sightings.count == old.message.sightings.count + (isMirrored ? 1 : 0))
      #expect(new.message.retransmissions.count == old.message.retransmissions.count)
    }
  }

  /// What an Ethernet frame with IPv4 becomes: of a TCP segment with much data, two.
  private static func behindTheRouter(_ frame: [UInt8]) -> [[UInt8]] {
    guard frame.count > 34, frame[12] == 8, frame[13] == 0 else { return [] }
    let length = Int(frame[16]) << 8 | Int(frame[17])
    var packet = Array(frame[14..<14 + length])
    packet[8] -= 1
    packet.replaceSubrange(10..<12, with: [0, 0])
    let header = Int(packet[0] & 15) * 4
    if packet[9] == UDPBuilder.number { packet.replaceSubrange(header + 6..<header + 8, with: [0, 0]) }
    var packets = [packet]
    if packet[9] == TCPBuilder.number {
      packet.replaceSubrange(header + 16..<header + 18, with: [0, 0])
      packets = segments(packet, header: header)
    }
    return packets.map {
      EthernetBuilder(from: [6, 6, 6, 6, 6, 6], to: [7, 7, 7, 7, 7, 7], vlans: [42], type: 0x0800, payload: $0).bytes
    }
  }

  private static func segments(_ packet: [UInt8], header: Int) -> [[UInt8]] {
    let start = header + Int(packet[header + 12] >> 4) * 4
    guard packet.count - start > 100 else { return [packet] }
    let middle = start + 100
    var first = Array(packet[..<middle])
    var second = Array(packet[..<start] + packet[middle...])
    let sequence = packet[header + 4..<header + 8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } &+ 100
    second.replaceSubrange(
      header + 4..<header + 8, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sequence >> UInt32($0)) })
    for part in [first.count, second.count].enumerated() {
      let bytes = [UInt8(part.element >> 8), UInt8(part.element & 0xff)]
      if part.offset == 0 {
        first.replaceSubrange(2..<4, with: bytes)
      } else {
        second.replaceSubrange(2..<4, with: bytes)
      }
    }
    return [first, second]
  }

  @Test func everyPacketOfACleanRegistrationIsAFirstTransmission() throws {
    let flows = Lab.reports(try Files.sample("aka-registration.pcapng")).map(\.flow)
    #expect(flows.flatMap(\.messages).allSatisfy { $0.message.retransmissions.isEmpty })
    let frames = flows.flatMap(\.messages).flatMap(\.message.sightings).map(\.frames.first)
    #expect(Set(frames).count == frames.count)
  }
}

/// What the user says of the nodes wins over what they seem to be.
@Suite struct HostsTests {
  @Test func aNamedRoleAndNameReplaceTheInferredOnes() throws {
    var options = Options()
    options.hosts = try Hosts("10.20.0.10 P-CSCF proxy.example # the edge\n10.20.0.40:3868 hss\n")
    let flow = try #require(Lab.reports(try Files.sample("aka-registration.pcapng"), options: options).first?.flow)
    let proxy = try #require(flow.parties.first { $0.role == .pcscf })
    #expect(proxy.name == "proxy.example")
    #expect(proxy.basis == "named in the hosts file")
    #expect(flow.parties.first { $0.role == .hss }?.basis == "named in the hosts file")
  }

  @Test func aWrongRoleIsBelieved() throws {
    var options = Options()
    options.hosts = try Hosts("10.20.0.20 S-CSCF")
    let flow = try #require(Lab.reports(try Files.sample("aka-registration.pcapng"), options: options).first?.flow)
    #expect(flow.parties.filter { $0.role == .scscf }.map(\.address.description) == ["10.20.0.20"])
    #expect(!flow.parties.contains { $0.role == .icscf })
  }

  @Test(arguments: [
    ("10.0.0.1", "line 1: expected: address[:port] role [name]"),
    ("# nodes\nnowhere UE", "line 2: 'nowhere' is no address"),
  ])
  func aLineThatCannotBeReadIsNamed(_ text: String, _ message: String) {
    #expect { try Hosts(text) } throws: { "\($0)" == message }
  }

  @Test func anUnknownRoleListsTheKnownOnes() {
    #expect { try Hosts("10.0.0.1 MGCF") } throws: {
      "\($0)".contains("unknown role 'MGCF'; known roles: UE, DHCP, SGSN/MME")
    }
  }
}
