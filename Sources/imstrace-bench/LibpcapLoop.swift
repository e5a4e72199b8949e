import CLibpcap

/// The least that reading a capture can cost with libpcap: each packet is fetched, none is looked at.
enum LibpcapLoop {
  static func read(_ path: String) throws(BenchError) -> (packets: Int, bytes: Int) {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let capture = pcap_open_offline(path, &message) else {
      throw BenchError(reason: String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
    defer { pcap_close(capture) }
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    var packets = 0
    var bytes = 0
    var status = pcap_next_ex(capture, &header, &data)
    while status == 1 {
      packets += 1
      bytes += Int(header?.pointee.caplen ?? 0)
      status = pcap_next_ex(capture, &header, &data)
    }
    guard status == -2 else { throw BenchError(reason: "\(path): \(String(cString: pcap_geterr(capture)))") }
    return (packets, bytes)
  }
}

extension LibpcapLoop {
  /// The number in what the library says of itself: "libpcap version 1.10.3 (with TPACKET_V3)".
  static var version: String {
    let words = String(cString: pcap_lib_version()).split(separator: " ")
    return words.first { $0.first?.isNumber ?? false }.map(String.init) ?? "unknown"
  }
}
