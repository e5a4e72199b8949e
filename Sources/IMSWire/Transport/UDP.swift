// RFC 768.

import IMSBytes

enum UDP {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk, _ census: inout Census) -> Next {
    guard bytes.byteCount >= 8 else { return walk.stop("UDP", "header cut", at: bytes.byteCount) }
    walk.layers.append(.udp)
    walk.sourcePort = bytes.u16(0)
    walk.destinationPort = bytes.u16(2)
    let length = Int(bytes.u16(4))
    if length >= 8 {
      if length > bytes.byteCount + walk.missing {
        census.note("UDP", "length field beyond the packet", frame: walk.frames.first)
      }
      walk.limit(to: length)
    } else if length != 0 {
      census.note("UDP", "length field under 8", frame: walk.frames.first)
    }
    walk.start += 8
    if walk.missing > 0 {
      census.note("UDP", "datagram cut by the capture", frame: walk.frames.first, bytes: walk.missing)
    }
    if walk.destinationPort == GTPU.port || walk.sourcePort == GTPU.port {
      return GTPU.decode(bytes.extracting(8..<8 + walk.count), &walk)
    }
    if walk.destinationPort == ESP.port || walk.sourcePort == ESP.port {
      return ESP.inDatagram(bytes.extracting(8..<8 + walk.count), &walk)
    }
    guard walk.count > 0, Tunnels.mayBegin(bytes.u8(8)) else { return .done(.udp) }
    return Tunnels.datagram(bytes.extracting(8..<8 + walk.count), &walk)
  }
}
