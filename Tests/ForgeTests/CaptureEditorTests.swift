import Foundation
import IMSForge
import TestSupport
import Testing

@Suite struct CaptureEditorTests {
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: Files.captures(in: "lab"))
  func writesEveryPacketBack(file: URL) throws {
    let read = try CaptureEditor(Files.bytes(file))
    let again = try CaptureEditor(read.pcapng)
    #expect(!read.records.isEmpty)
    #expect(again.records == read.records)
    #expect(again.interfaces.map(\.name) == read.interfaces.map(\.name))
  }

  /// Segments that the network card should have summed carry wrong checksums; nothing else may change.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: Files.captures(in: "lab"))
  func takesPacketsApartAndTogether(file: URL) throws {
    for record in try CaptureEditor(Files.bytes(file)).records {
      guard let packet = record.transport else { continue }
      let again = try #require(PacketEditor(packet.bytes))
      #expect(packet.bytes.count == record.bytes.count)
      #expect(again.payload == packet.payload && again.source == packet.source)
      let changed = zip(packet.bytes, record.bytes).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
      #expect(changed <= 4, "checksums alone")
    }
  }

  @Test func readsASample() throws {
    let capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    #expect(capture.records.count == 146)
    #expect(capture.interfaces.count == 7)
    #expect(capture.interfaces.map(\.resolution) == [nil, nil, nil, nil, nil, nil, 9])
    #expect(Set(capture.records.map(\.linkType)) == [1])
    #expect(capture.records.map(\.time) == capture.records.map(\.time).sorted())
  }

  @Test(
    .enabled(if: Tshark.isInstalled, "tshark is not installed"),
    arguments: ["aka-registration.pcapng", "sip-over-tcp.pcapng", "wrong-key.pcapng", "seed-registration.pcap"])
  func agreesWithTshark(sample: String) throws {
    let file = try Files.sample(sample)
    let rows = try Tshark.rows(file, fields: ["frame.time_epoch", "frame.cap_len", "frame.interface_id"])
    let records = try CaptureEditor(file).records
    #expect(rows.count == records.count)
    for (row, record) in zip(rows, records) {
      let (seconds, rest) = record.time.quotientAndRemainder(dividingBy: 1_000_000_000)
      let fraction = String(String(1_000_000_000 + rest).dropFirst())
      #expect("\(seconds).\(fraction)".hasPrefix(row[0]) && Int(row[1]) == record.bytes.count)
      #expect(row[2].isEmpty || Int(row[2]) == record.interface)
    }
  }

  @Test func replacesTextOfAnotherLength() throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    let before = capture
    let isRegister: (PacketEditor) -> Bool = { $0.isUDP && $0.payload.starts(with: Array("REGISTER".utf8)) }
    let changed = capture.replace("Max-Forwards: 70", with: "Max-Forwards: 255", where: isRegister)
    #expect(changed == before.records.count { $0.transport.map(isRegister) ?? false && $0.text.contains("wards: 70") })
    #expect(changed > 0)
    for (old, new) in zip(before.records, capture.records) where old != new {
      let packet = try #require(new.transport)
      #expect(new.bytes.count == old.bytes.count + 1)
      #expect(new.originalLength == old.originalLength + 1)
      #expect(Int(new.bytes[16]) << 8 | Int(new.bytes[17]) == new.bytes.count - 14)
      #expect(Checksum.of(new.bytes[14..<34]) == 0)
      let segment = new.bytes[34...]
      #expect(
        Checksum.transport(from: packet.source.host, to: packet.destination.host, number: 17, segment: segment) == 0)
    }
  }

  @Test func replacesAddressesAndPorts() throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    capture.replaceAddresses(["10.20.0.40": "10.99.0.40"])
    capture.replacePorts([3868: 3869], of: "10.99.0.40")
    let ends = capture.records.compactMap(\.transport).flatMap { [$0.source, $0.destination] }
    #expect(!ends.contains { $0.host == "10.20.0.40" || $0.port == 3868 })
    #expect(ends.contains(HostPort("10.99.0.40", 3869)))
  }

  @Test func editsAddressesOfIPv6() throws {
    let frame = PacketBuilder.udp(from: HostPort("2001:db8::1", 1), to: HostPort("2001:db8::2", 2), payload: [9])
    var capture = CaptureEditor(records: [CaptureRecord(time: 0, bytes: frame)], interfaces: [CaptureInterface()])
    #expect(capture.replaceAddresses(["2001:db8::1": "2001:db8::7"]) == 1)
    let expected = PacketBuilder.udp(from: HostPort("2001:db8::7", 1), to: HostPort("2001:db8::2", 2), payload: [9])
    #expect(capture.records[0].bytes.dropFirst(12) == expected.dropFirst(12), "link addresses stay")
  }

  @Test func dropsMergesSwapsAndShifts() throws {
    var capture = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    let first = capture.records[0]
    capture.swap(0, 1)
    #expect(capture.records[1] == first)
    capture.shiftTimes(by: 5) { $0.interface == first.interface }
    #expect(capture.records[1].time == first.time + 5)
    capture.keep(interface: 6)
    #expect(capture.records.count == 26)
    capture.mergeInterfaces()
    #expect(Set(capture.records.map(\.interface)) == [0] && capture.interfaces.count == 1)
    capture.drop { $0.transport?.payload.isEmpty ?? true }
    #expect(capture.records.allSatisfy { !($0.transport?.payload.isEmpty ?? true) })
    #expect(try CaptureEditor(capture.pcapng).records == capture.records)
  }
}

extension CaptureRecord {
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
