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
