import Foundation
import IMSBytes
import IMSCapture
import IMSForge
import TestSupport
import Testing

/// Does our reader see what libpcap sees? What libpcap cannot open, it cannot judge.
@Suite struct ReferenceTests {
  private func own(_ path: String) throws -> (packets: [Packet], issues: [CaptureIssue]) {
    var reader = try CaptureReader(BlockFile(path: path))
    var packets: [Packet] = []
    while let frame = reader.next() { packets.append(Packet(frame)) }
    return (packets, reader.issues)
  }

  /// Equal to libpcap's; where libpcap stopped with an error, at least up to there.
  private func compare(_ path: String, _ reference: Reference) throws {
    let own = try own(path)
    let shared = own.packets.prefix(reference.packets.count)
    let first = zip(shared, reference.packets).enumerated().first { $1.0 != $1.1 }?.offset
    #expect(first == nil, "packet \((first ?? 0) + 1) differs")
    #expect(shared.count == reference.packets.count)
    if reference.failure == nil {
      #expect(own.packets.count == reference.packets.count)
      #expect(own.issues.allSatisfy { $0.reason.hasPrefix("the recorder itself lost") })
    }
  }

  @Test(arguments: Files.sampleCaptures) func samplesGiveTheSamePackets(file: URL) throws {
    let reference = Reference(path: file.path)
    #expect(reference.failure == nil)
    #expect(!reference.packets.isEmpty)
    try compare(file.path, reference)
  }

  @Test(
    .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
    arguments: Files.captures(in: "lab") + Files.files(in: "public").filter { $0.path.contains("cap") })
  func recordedCapturesGiveTheSamePackets(file: URL) throws {
    let reference = Reference(path: file.path)
    guard reference.opened else { return }
    try compare(file.path, reference)
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) func libpcapReadsMostOfThem() {
    let files = Files.captures(in: "lab") + Files.captures(in: "public")
    let whole = files.filter { Reference(path: $0.path).failure == nil }
    #expect(whole.count * 10 > files.count * 8, "\(whole.count) of \(files.count)")
  }

  /// Cut off anywhere, libpcap gives the packets before and an error; ours gives the same and an issue.
  @Test(arguments: ["seed-registration.pcap", "sip-over-tcp.pcapng"]) func truncatedFilesToo(_ name: String) throws {
    let bytes = try Files.sample(name)
    for length in stride(from: bytes.count - 1, to: 200, by: -997) {
      try withFile(Array(bytes.prefix(length))) { path in
        let reference = Reference(path: path)
        guard reference.opened else { return }
        try compare(path, reference)
        #expect(try own(path).packets.count == reference.packets.count)
      }
    }
  }

  /// Every layout of pcap in either byte order, and clocks of pcapng.
  @Test(arguments: [UInt32(0xa1b2_c3d4), 0xa1b2_3c4d, 0xa1b2_cd34], [true, false])
  func layoutsOfPcapToo(_ magic: UInt32, _ isLittleEndian: Bool) throws {
    let words = { (numbers: [UInt32]) in
      numbers.flatMap { number in
        withUnsafeBytes(of: isLittleEndian ? number.littleEndian : number.bigEndian) { Array($0) }
      }
    }
    let extra: [UInt8] = magic == 0xa1b2_cd34 ? [0, 0, 0, 1, 0, 8, 0, 0] : []
    let version: UInt32 = isLittleEndian ? 4 << 16 | 2 : 2 << 16 | 4
    var bytes = words([magic, version, 0, 0, 65535, 1])
    for number in 0..<UInt32(5) {
      let body = [UInt8](repeating: UInt8(number), count: Int(number) * 30)
      bytes += words([1_700_000_000 + number, 999_999 - number, number * 30, number * 40]) + extra + body
    }
    try withFile(bytes) { path in
      let reference = Reference(path: path)
      #expect(reference.failure == nil)
      #expect(reference.packets.count == 5)
      try compare(path, reference)
    }
  }

  @Test(arguments: [nil, 0, 3, 6, 9, 0x80, 0x8a, 0x94, 0x9e] as [UInt8?])
  func clocksOfPcapngToo(_ resolution: UInt8?) throws {
    let interface = CaptureInterface(name: "any", resolution: resolution)
    let records = (0..<50).map { number in
      let time = 1_700_000_000_123_456_789 + Int64(number) * 987_654_321
      return CaptureRecord(time: time, bytes: [UInt8](repeating: UInt8(number), count: number))
    }
    try withFile(CaptureWriter().pcapng(records, interfaces: [interface])) { path in
      let reference = Reference(path: path)
      #expect(reference.failure == nil)
      #expect(reference.packets.count == 50)
      try compare(path, reference)
    }
  }
}
