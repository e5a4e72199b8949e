import IMSBytes

/// What the dissector met and did not decode, and what was damaged.
package struct Census: Sendable {
  package struct Issue: Hashable, Sendable, CustomStringConvertible {
    package var layer: String
    /// One sentence without a full stop.
    package var reason: String
    package var count: UInt64
    /// Bytes lost by all of them, 0 when the issue tells no number.
    package var bytes: UInt64
    /// The first three.
    package var frames: [UInt32]

    package var description: String {
      let lost = bytes > 0 ? ", \(bytes) bytes" : ""
      return "\(layer): \(reason) (\(count)×\(lost), frames \(frames.map(String.init).joined(separator: ", ")))"
    }
  }

  /// Frames that were fed.
  package var frames: UInt64 = 0
  /// In the order of their first occurrence; at most `Bounds.censusIssues`.
  package private(set) var issues: [Issue] = []
  /// Occurrences of further ones.
  package private(set) var furtherIssues: UInt64 = 0

  private(set) var losses = LossLog(most: Bounds.frameLosses)
  package var lossesLeftOut: Int { losses.leftOut }

  private var undecoded: [(what: Undecoded, frames: UInt64)] = []
  /// In `undecoded`.
  private var undecodedIndices: [Undecoded: Int] = [:]
  /// Of what was met last, which is nearly always what comes next.
  private var latestUndecoded = 0
  private var indices: [Key: Int] = [:]

  private struct Key: Hashable {
    var layer: String
    var reason: String
  }

  package init() {}

  /// What was not decoded, by name, with the number of frames.
  package var notDecoded: [(name: String, frames: UInt64)] {
    undecoded.map { (name: $0.what.name, frames: $0.frames) }.sorted { $0.name < $1.name }
  }

  mutating func count(_ what: Undecoded) {
    if latestUndecoded == undecoded.count || undecoded[latestUndecoded].what != what {
      latestUndecoded = undecodedIndices[what] ?? undecoded.count
      if latestUndecoded == undecoded.count {
        undecodedIndices[what] = latestUndecoded
        undecoded.append((what, 0))
      }
    }
    undecoded[latestUndecoded].frames += 1
  }

  package mutating func note(_ layer: String, _ reason: String, frame: UInt32, bytes: Int = 0) {
    let key = Key(layer: layer, reason: reason)
    let index = indices[key] ?? issues.count
    if index == issues.count {
      guard index < Bounds.censusIssues else {
        furtherIssues += 1
        return
      }
      indices[key] = index
      issues.append(Issue(layer: layer, reason: reason, count: 0, bytes: 0, frames: []))
    }
    issues[index].count += 1
    issues[index].bytes += UInt64(max(0, bytes))
    if issues[index].frames.count < 3 { issues[index].frames.append(frame) }
  }

  mutating func lose(_ loss: Loss) { if losses.last != loss { losses.add(loss) } }

  mutating func takeLosses() -> [Loss] { losses.take() }

  mutating func note(_ issue: DecodeIssue, frame: UInt32) { note(issue.layer, issue.reason, frame: frame) }
}

/// A protocol that the dissector knows by number only.
enum Undecoded: Hashable, Sendable, BitwiseCopyable {
  case linkType(UInt32)
  case etherType(UInt16)
  /// IEEE 802.3 with a length in the place of the EtherType.
  case llc
  /// ARPHRD of a cooked capture whose protocol field is no EtherType.
  case cookedHardware(UInt16)
  case ipProtocol(UInt8)
  /// A user message of SCTP that nobody read, by its payload protocol identifier.
  case sctpPayload(UInt32)
  /// A message of GTP-U that carries no packet of a user, by its type.
  case gtpU(UInt8)
  /// A packet of a user that is no IP packet.
  case gtpUPayload
  case gtpPrime
  /// A datagram from or to the port of GTP-U.
  case notGTPU
  /// Behind the non-ESP marker of RFC 3948.
  case ike
  case natKeepalive
  /// GRE of another version, with routing, or around something that is no EtherType.
  case gre(UInt16)
  /// A version that is neither II nor III, or a frame of another kind than Ethernet and IP.
  case erspan
  /// Behind the labels: neither an IP packet nor an Ethernet frame that holds one.
  case mplsPayload
  /// The protocol of PPP.
  case ppp(UInt16)
  /// A sensor's frames of another kind than Ethernet, or its own messages.
  case tzsp(UInt16)
  case vxlanPayload(UInt8)
  case geneveControl
  /// What an agent of HEP sends beside SIP and Diameter, by its kind.
  case hep(UInt8)
  case hepKeepalive
  /// Packed by zlib, and damaged or too large.
  case hepPacked
  case exportedPDU
  /// What a recorder took out of TCP or SCTP, and nobody read.
  case recorded
  case tooDeep

  var name: String {
    switch self {
    case .linkType(let number): "link type \(number)"
    case .etherType(0x0806): "ARP"
    case .etherType(0x8863): "PPPoE discovery"
    case .etherType(let number): "EtherType \(Self.hex(number))"
    case .llc: "802.3"
    case .cookedHardware(let number): "cooked ARPHRD \(number)"
    case .ipProtocol(let number): Self.protocols[number] ?? "IP protocol \(number)"
    case .sctpPayload(let number):
      "SCTP PPID \(number)" + (Self.payloads[number].map { " (\($0))" } ?? "")
    case .gtpU(let type): "GTP-U " + (GTPU.name(type) ?? "message \(type)")
    case .gtpUPayload: "GTP-U payload that is no IP packet"
    case .gtpPrime: "GTP'"
    case .notGTPU: "UDP port 2152 without GTP-U"
    case .ike: "IKE on UDP port 4500"
    case .natKeepalive: "NAT keepalive"
    case .gre(let type): "GRE protocol \(Self.hex(type))"
    case .erspan: "ERSPAN of another kind"
    case .mplsPayload: "MPLS payload that is no IP packet"
    case .ppp(let number): "PPP " + (PPP.name(number) ?? "protocol \(Self.hex(number))")
    case .tzsp(let type): TZSP.name(type)
    case .vxlanPayload(let number): "VXLAN-GPE protocol \(number)"
    case .geneveControl: "Geneve control message"
    case .hep(let kind): "HEP " + (Self.hepKinds[kind] ?? "payload type \(kind)")
    case .hepKeepalive: "HEP without payload"
    case .hepPacked: "HEP payload that does not unpack"
    case .exportedPDU: "exported PDU of another protocol"
    case .recorded: "recorded message that is neither SIP nor Diameter"
    case .tooDeep: "more than \(LayerStack.capacity) layers"
    }
  }

  private static func hex(_ number: UInt16) -> String { "0x" + Hex.encode([UInt8(number >> 8), UInt8(number & 0xff)]) }

  private static let protocols: [UInt8: String] = [1: "ICMP", 2: "IGMP", 50: "ESP", 58: "ICMPv6"]

  private static let hepKinds: [UInt8: String] = [
    2: "XMPP", 3: "SDP", 4: "RTP", 5: "RTCP", 6: "MGCP", 7: "Megaco", 8: "MTP2", 9: "M3UA", 10: "IAX", 11: "H.322",
    12: "H.321", 13: "M2PA", 34: "RTP statistics", 35: "RTP statistics", 50: "SIP as JSON", 53: "DNS", 54: "M3UA",
    55: "RTSP", 56: "Diameter as JSON", 57: "GSM MAP", 60: "CDR", 100: "log",
  ]

  /// As IANA registered them.
  private static let payloads: [UInt32: String] = [
    3: "M3UA", 18: "S1AP", 27: "X2AP", 46: "Diameter", 47: "DTLS", 60: "NGAP",
  ]
}
