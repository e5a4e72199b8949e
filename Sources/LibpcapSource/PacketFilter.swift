import CLibpcap
import IMSBytes
package import IMSCapture

/// A BPF filter in libpcap's language (pcap-filter(7)), compiled for each link type that occurs.
///
/// It sees packets as they were captured: `port 5060` leaves out all but the first fragment of a datagram, and what lies in
/// a tunnel or behind a VLAN tag unless the expression says so.
package final class PacketFilter {
  /// libpcap's own words.
  package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  private let expression: String
  private var programs: [LinkType: bpf_program?] = [:]
  /// Link types for which libpcap knows no such filter: their frames are left out.
  package private(set) var refused: [LinkType: String] = [:]

  /// - Throws: what libpcap says when the expression is wrong for Ethernet.
  package init(_ expression: String) throws(Refusal) {
    self.expression = expression
    programs[.ethernet] = .some(try PacketFilter.compile(expression, for: .ethernet))
  }

  deinit {
    for program in programs.values {
      if var program { pcap_freecode(&program) }
    }
  }

  package func matches(_ frame: borrowing Frame) -> Bool {
    guard var program = program(for: frame.linkType) else { return false }
    let length = frame.originalLength
    return frame.bytes.withUnsafeBytes { bytes in
      var header = pcap_pkthdr()
      header.caplen = bpf_u_int32(bytes.count)
      header.len = length
      return pcap_offline_filter(&program, &header, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)) != 0
    }
  }

  private func program(for type: LinkType) -> bpf_program? {
    if let known = programs[type] { return known }
    do throws(Refusal) {
      let program = try PacketFilter.compile(expression, for: type)
      programs[type] = .some(program)
      return program
    } catch {
      refused[type] = error.description
      programs[type] = .some(nil)
      return nil
    }
  }

  private static func compile(_ expression: String, for type: LinkType) throws(Refusal) -> bpf_program {
    guard let handle = pcap_open_dead(Int32(type.rawValue), 262_144) else {
      throw Refusal(description: "libpcap cannot be opened for link type \(type.name)")
    }
    defer { pcap_close(handle) }
    var program = bpf_program()
    guard pcap_compile(handle, &program, expression, 1, 0xffff_ffff) == 0 else {
      throw Refusal(description: String(cString: pcap_geterr(handle)))
    }
    return program
  }
}
