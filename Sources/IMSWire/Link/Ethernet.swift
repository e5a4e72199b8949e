// IEEE 802.3-2022, 3.1.1 (frame); IEEE 802.1Q-2022, 9.6 (VLAN tag).

import IMSBytes

enum Ethernet {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 14 else { return walk.stop("Ethernet", "header cut", at: bytes.byteCount) }
    walk.layers.append(.ethernet)
    walk.start += 14
    return next(bytes.u16(12))
  }

  /// Behind the addresses, behind a tag and in cooked captures: a length, or an EtherType.
  static func next(_ type: UInt16) -> Next { type < 0x0600 ? .undecoded(.llc) : .network(type) }
}

/// A tag of 802.1Q, 802.1ad or the older 0x9100; the caller has taken its EtherType.
enum VLAN {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 4 else { return walk.stop("VLAN", "tag cut", at: bytes.byteCount) }
    walk.layers.append(.vlan)
    walk.start += 4
    return Ethernet.next(bytes.u16(2))
  }
}
