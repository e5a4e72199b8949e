import CLibpcap
import Foundation
import IMSBytes
import IMSCapture

/// A packet as either reader sees it.
struct Packet: Equatable {
  /// Nanoseconds since 1970.
  var time: Int64
  var original: UInt32
  var bytes: [UInt8]

  init(time: Int64, original: UInt32, bytes: [UInt8]) {
    self.time = time
    self.original = original
    self.bytes = bytes
  }

  init(_ frame: borrowing Frame) {
    self.init(time: frame.time.nanoseconds, original: frame.originalLength, bytes: frame.bytes.array)
  }
}

/// libpcap's own reader.
struct Reference {
  var packets: [Packet] = []
  /// Why it opened the file not at all, or read it not to its end.
  var failure: String?
  var opened = false
  /// DLT_ number.
  var dataLink: Int32 = -1

  /// Of packets that pass the filter.
  init(path: String, filter: String? = nil) {
    var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = pcap_open_offline_with_tstamp_precision(path, UInt32(PCAP_TSTAMP_PRECISION_NANO), &text) else {
      failure = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      return
    }
    defer { pcap_close(handle) }
    opened = true
    dataLink = pcap_datalink(handle)
    if let filter {
      var program = bpf_program()
      guard pcap_compile(handle, &program, filter, 1, UInt32.max) == 0, pcap_setfilter(handle, &program) == 0 else {
        failure = pcap_geterr(handle).map { String(cString: $0) }
        return
      }
      pcap_freecode(&program)
    }
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    while true {
      let result = pcap_next_ex(handle, &header, &data)
      guard result == 1, let header = header?.pointee else {
        if result == -1 { failure = pcap_geterr(handle).map { String(cString: $0) } }
        return
      }
      // With nanosecond precision tv_usec counts nanoseconds.
      packets.append(
        Packet(
          time: Int64(header.ts.tv_sec) * 1_000_000_000 + Int64(header.ts.tv_usec), original: header.len,
          bytes: Array(UnsafeBufferPointer(start: data, count: Int(header.caplen)))))
    }
  }
}

/// Writes a file that exists while `body` runs.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  let file = FileManager.default.temporaryDirectory.appending(path: "libpcap-\(UUID().uuidString)")
  try Data(bytes).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  return try body(file.path)
}
