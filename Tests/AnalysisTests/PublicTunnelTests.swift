import Foundation
import IMSBytes
import IMSCapture
import IMSWire
import TestSupport
import Testing

/// Captures of others with tunnels: what stands inside appears, in the layers that tshark sees.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
struct PublicTunnelTests {
  private static let captures = [
    "arkime-arkime__gre-erspan-vxlan.pcap", "arkime-arkime__ipv6-gtp6.pcap", "irontec-sngrep__ipip.pcap",
    "sipcapture-heplify__ipip0.pcap", "NormB-sipnab__DTMFsipinfo.pcap", "seladb-PcapPlusPlus__sip_reqs.pcap",
    "ntop-nDPI__ipv6_in_gtp.pcap", "ntop-nDPI__gtp_prime.pcapng", "seladb-PcapPlusPlus__gtp.pcap",
    "zeek-zeek__gtp1_gn_normal_incl_fragmentation.pcap", "zeek-zeek__gtp_ext_header.pcap",
    "zeek-zeek__gtp3_false_gtp.pcap", "OISF-suricata-verify__decode-sll2-01.pcap",
    "open5gs-open5gs__ipsec_reg.pcapng",
  ]

  /// By frame, the layers of what it delivered last; and what was not decoded.
  private static func read(_ file: URL) throws -> (layers: [UInt32: [String]], notDecoded: [String]) {
    var reader = try CaptureReader(try BlockFile(path: file.path))
    var dissector = Dissector(input: 0)
    var layers: [UInt32: [String]] = [:]
    while let frame = reader.next() {
      let number = frame.number
      dissector.feed(frame) { payload in
        if payload.carried.all.contains(number) { layers[number] = payload.path.layers.layers.map(\.name) }
        return Taken(bytes: payload.bytes.byteCount)
      }
    }
    return (layers, dissector.census.notDecoded.map(\.name))
  }

  /// tshark names both cooked formats "sll" and both kinds of tags apart.
  private static func protocols(_ file: URL) throws -> [UInt32: [String]] {
    let text = try Tshark.run(file.path, ["-T", "fields", "-e", "frame.number", "-e", "frame.protocols"])
    var found: [UInt32: [String]] = [:]
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      let columns = line.split(separator: "\t")
      guard columns.count == 2, let number = UInt32(columns[0]) else { continue }
      found[number] = columns[1].split(separator: ":").map(String.init).filter { $0 != "ethertype" }
        .map { $0 == "ieee8021ad" ? "vlan" : $0 }
    }
    return found
  }

  @Test(.enabled(if: Tshark.isInstalled, Comment(rawValue: Tshark.absence)), arguments: captures)
  func theInnerPacketsAppearInTheLayersThatTsharkSees(_ name: String) throws {
    let file = try #require(Files.shared).appending(path: "public/\(name)")
    let (layers, _) = try Self.read(file)
    let theirs = try Self.protocols(file)
    #expect(!layers.isEmpty)
    for (frame, names) in layers {
      // ESP is not opened by tshark here, and is the last that it shows.
      let ours = names[...(names.firstIndex(of: "esp") ?? names.count - 1)].map { $0 == "sll2" ? "sll" : $0 }
      #expect(theirs[frame].map { Array($0.prefix(ours.count)) } == ours, "frame \(frame)")
    }
  }

  /// A datagram from port 2152 to that of DNS, and GTP' on its own port.
  @Test func falseFriendsOfGTPStayWhatTheyAre() throws {
    let folder = try #require(Files.shared).appending(path: "public")
    let dns = try Self.read(folder.appending(path: "zeek-zeek__gtp3_false_gtp.pcap"))
    #expect(dns.layers == [1: ["eth", "vlan", "ip", "udp"]])
    #expect(dns.notDecoded.isEmpty)
    let prime = try Self.read(folder.appending(path: "ntop-nDPI__gtp_prime.pcapng"))
    #expect(prime.layers == [1: ["eth", "vlan", "vlan", "ip", "udp"]])
    let others = try Self.read(folder.appending(path: "ntop-nDPI__gtp_false_positive.pcapng"))
    #expect(others.layers.values.allSatisfy { !$0.contains("gtp") })
    let http = try Self.read(folder.appending(path: "ntop-nDPI__http_on_sip_port.pcap"))
    #expect(http.layers.values.allSatisfy { $0 == ["eth", "ip", "tcp"] })
  }
}
