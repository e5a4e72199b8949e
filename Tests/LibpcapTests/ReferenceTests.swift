import CLibpcap
import Foundation
import IMSBytes
import IMSCapture
import LibpcapSource
import TestSupport
import Testing

/// libpcap as the second opinion: where it can read a capture, both readers see the same packets.
@Suite struct ReferenceTests {
  private struct Packet: Equatable {
    var nanoseconds: Int64
    var length: UInt32
    var bytes: [UInt8]
  }

  /// What libpcap reads, and whether it reached the end.
  private func reference(_ file: URL) -> (packets: [Packet], isWhole: Bool)? {
    var errors = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = pcap_open_offline_with_tstamp_precision(file.path, UInt32(PCAP_TSTAMP_PRECISION_NANO), &errors)
    else {
      return nil
    }
    defer { pcap_close(handle) }
    var packets: [Packet] = []
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    while true {
      let result = pcap_next_ex(handle, &header, &data)
      guard result == 1, let header = header?.pointee, let data else { return (packets, result == PCAP_ERROR_BREAK) }
      packets.append(
        Packet(
          nanoseconds: Int64(header.ts.tv_sec) * 1_000_000_000 + Int64(header.ts.tv_usec), length: header.len,
          bytes: Array(UnsafeBufferPointer(start: data, count: Int(header.caplen)))))
    }
  }

  private func ours(_ file: URL) throws -> [Packet] {
    var reader = try CaptureReader(BlockFile(path: file.path))
    var packets: [Packet] = []
    while let frame = reader.next() {
      packets.append(
        Packet(nanoseconds: frame.time.nanoseconds, length: frame.originalLength, bytes: frame.bytes.array))
    }
    return packets
  }

  static let files = Files.sampleCaptures + Files.captures(in: "lab") + Files.captures(in: "public")

  @Test(arguments: files) func bothReadersSeeTheSamePackets(_ file: URL) throws {
    guard let (packets, isWhole) = reference(file) else { return }
    let found = try ours(file)
    #expect(isWhole ? found == packets : found.starts(with: packets))
  }

  /// The reference must really have read most of them, or the test above says nothing.
  @Test func libpcapReadsTheSamples() {
    #expect(Files.sampleCaptures.allSatisfy { reference($0)?.packets.isEmpty == false })
  }

  @Test func aFilterChoosesWhatLibpcapChooses() throws {
    let filter = try PacketFilter("host 10.20.0.40 and tcp")
    var reader = try CaptureReader(BlockFile(path: Files.samples.appending(path: "aka-registration.pcapng").path))
    var chosen = 0
    while let frame = reader.next() {
      let matches = filter.matches(frame)
      if matches { chosen += 1 }
      #expect(!matches || frame.bytes.array[23] == 6)
    }
    #expect(chosen > 20 && chosen < 146)
    #expect(filter.refused.isEmpty)
  }

  @Test func aBadFilterIsRefusedInLibpcapsWords() {
    #expect { try PacketFilter("host and port") } throws: { "\($0)".contains("syntax error") }
  }
}
