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

/// One packet of Gm as an eNB saw it (GTP-U around ESP), as the P-CSCF received it (ESP) and behind its decryption (clear),
/// each by another clock: it is one message.
@Suite struct CopiesTests {
  private static let station = HostAddress("172.16.0.1")
  private static let gateway = HostAddress("172.16.0.2")

  private static func isOfUE(_ address: ArraySlice<UInt8>) -> Bool { Array(address.prefix(3)) == [10, 10, 0] }

  /// Gm is what a UE sends or receives.
  private static func isOnGm(_ record: CaptureRecord) -> Bool {
    record.bytes.count > 34 && record.bytes[12] == 8 && (isOfUE(record.bytes[26..<30]) || isOfUE(record.bytes[30..<34]))
  }

  /// Around the IP packet of an Ethernet frame.
  private static func inGTPU(_ frame: [UInt8]) -> [UInt8] {
    let isUplink = isOfUE(frame[26..<30])
    let ends = isUplink ? (station, gateway) : (gateway, station)
    let length = Int(frame[16]) << 8 | Int(frame[17])
    let message = GTPUBuilder(tunnel: isUplink ? 0x11 : 0x22, payload: Array(frame[14..<14 + length])).bytes
    let datagram = UDPBuilder(from: HostPort(ends.0, 2152), to: HostPort(ends.1, 2152), payload: message)
    return EthernetBuilder(
      ip: IPv4Builder(from: ends.0, to: ends.1, protocolNumber: UDPBuilder.number, payload: datagram.bytes).bytes
    ).bytes
  }

  /// The recording with Gm at interface 0 (GTP-U), at interface 3 (as recorded) and at a new one (clear).
  private func copies(clocks: [Int: Int64]) throws -> CaptureEditor {
    let recorded = try Trace.sample("ipsec-registration.pcapng")
    var clear = recorded
    try clear.unprotect()
    var records: [CaptureRecord] = []
    for (record, open) in zip(recorded.records, clear.records) {
      guard Self.isOnGm(record) else {
        records.append(record)
        continue
      }
      guard record.interface == 3 else { continue }
      var (radio, behind) = (record, open)
      radio.interface = 0
      radio.bytes = Self.inGTPU(record.bytes)
      radio.originalLength = radio.bytes.count
      radio.time += Self.isOfUE(record.bytes[26..<30]) ? -60_000 : 60_000
      behind.interface = recorded.interfaces.count
      behind.time += Self.isOfUE(record.bytes[26..<30]) ? 20_000 : -20_000
      records += [radio, record, behind]
    }
    var editor = CaptureEditor(
      records: records, interfaces: recorded.interfaces + [CaptureInterface(name: "behind", resolution: 9)])
    editor.mapRecords { $0.time += clocks[$0.interface] ?? 0 }
    editor.sortByTime()
    return editor
  }

  static let clocks: [[Int: Int64]] = [
    [:], [0: 180_000_000, 3: -220_000_000, 7: 300_000_000], [0: -290_000_000, 7: 10_000_000], [3: 250_000_000],
  ]

  @Test(arguments: clocks, [false, true])
  func aPacketInATunnelInESPAndInClearIsOneMessage(_ clocks: [Int: Int64], isApart: Bool) throws {
    let capture = try copies(clocks: clocks)
    let files = isApart ? capture.interfaces.indices.map { capture.only(interface: $0).pcapng } : [capture.pcapng]
    var flows: [Flow] = []
    _ = Analyzer().run(files.map { .file(BlockFile(bytes: $0)) }) { flows.append($0.flow) }
    #expect(flows.map(\.outcome) == [.registered, .registered])
    #expect(flows.map(\.kind) == [.initial, .initial])
    for flow in flows {
      let messages = flow.messages.filter { $0.hop == .h0 && $0.isRegister && $0.status != 100 }.map(\.message)
      #expect(messages.map { $0.sip?.cseq?.number } == [1, 1, 2, 2])
      #expect(messages.map { $0.sip?.status } == [nil, 401, nil, 200])
      for message in messages {
        #expect(message.retransmissions.isEmpty)
        let stacks = message.sightings.map { $0.layers.text }.sorted()
        let isProtected = message.sip?.cseq?.number == 2
        #expect(
          stacks
            == (isProtected
              ? ["eth/ip/esp/udp", "eth/ip/udp", "eth/ip/udp/gtp/ip/esp/udp"]
              : ["eth/ip/udp", "eth/ip/udp", "eth/ip/udp/gtp/ip/udp"]))
        let tunnels = message.sightings.map { message.tunnels(of: $0) }.filter { !$0.isEmpty }
        let isUplink = message.sip?.isRequest == true
        #expect(tunnels.count == 1 && tunnels.first?.count == 1)
        #expect(tunnels.first?.first?.layer == .gtp)
        #expect(tunnels.first?.first?.source.description == (isUplink ? "172.16.0.1" : "172.16.0.2"))
        #expect(tunnels.first?.first?.destination.description == (isUplink ? "172.16.0.2" : "172.16.0.1"))
        #expect(tunnels.first?.first?.identifier == (isUplink ? 0x11 : 0x22))
      }
    }
  }
}
