package import IMSBytes
package import IMSCapture

/// Between whom a frame travels, as far as that tells where it was recorded.
package struct PacketEnds: Sendable, BitwiseCopyable {
  /// The two hosts, in both directions, and the link over which they talk here: another one behind the next router.
  package var conversation: Fingerprint
  /// One of the two may be the host that recorded: by its link address, or its own where the link has none.
  package var one: Fingerprint
  package var other: Fingerprint

  /// Nil for what does not go from one host to another one by IP.
  package init?(_ frame: borrowing Frame) {
    let bytes = frame.bytes
    var walk = Walk(
      point: CapturePoint(input: 0, interface: 0), time: frame.time, frames: FrameList(0, fileOffset: 0),
      count: bytes.byteCount, missing: 0)
    var next = Next.link(frame.linkType)
    while !walk.isInside, walk.layers.count < Self.deepest {
      switch next {
      case .link(let type): next = Dissector.link(type, bytes, &walk)
      case .network(let type): next = Dissector.network(type, bytes, &walk)
      default: return nil
      }
    }
    guard walk.isInside, !walk.destination.isGroup else { return nil }
    let (source, destination) = (walk.source.fingerprint, walk.destination.fingerprint)
    // All of the header is there: the layer was read.
    switch frame.linkType {
    case .ethernet:
      one = Fingerprint(of: bytes.extracting(6..<12))
      other = Fingerprint(of: bytes.extracting(0..<6))
    case .linuxCooked:
      one = bytes.u16(0) == Self.sent ? source : destination
      other = one
    case .linuxCooked2:
      one = UInt16(bytes.u8(10)) == Self.sent ? source : destination
      other = one
    default:
      one = source
      other = destination
    }
    conversation = Self.pair((source, one), (destination, other))
  }

  private static func pair(
    _ one: (host: Fingerprint, link: Fingerprint), _ other: (host: Fingerprint, link: Fingerprint)
  ) -> Fingerprint {
    var (first, second) = (one.host, other.host)
    first.combine(one.link)
    second.combine(other.link)
    var pair = min(first, second)
    pair.combine(max(first, second))
    return pair
  }

  /// The type of a packet that the host that recorded it sent itself, in a cooked capture.
  private static var sent: UInt16 { 4 }

  /// Frames around frames before the first header of IP: tags and labels.
  private static var deepest: UInt8 { 8 }
}

extension IPAddress {
  fileprivate var fingerprint: Fingerprint {
    var fingerprint = Fingerprint.empty
    fingerprint.combine(high, low)
    fingerprint.combine(isIPv4 ? 1 : 0)
    return fingerprint
  }

  /// Of all hosts of a network or of those that joined a group.
  fileprivate var isGroup: Bool { isIPv4 ? low >= 0xe000_0000 : high >> 56 == 0xff }
}
