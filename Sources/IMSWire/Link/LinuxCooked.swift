// LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 as tcpdump.org describes them.

import IMSBytes

enum LinuxCooked {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 16 else { return walk.stop("SLL", "header cut", at: bytes.byteCount) }
    walk.layers.append(.sll)
    walk.start += 16
    return next(hardware: bytes.u16(2), bytes.u16(14))
  }

  static func decode2(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 20 else { return walk.stop("SLL2", "header cut", at: bytes.byteCount) }
    walk.layers.append(.sll2)
    walk.start += 20
    walk.point.channel = bytes.u32(4)
    return next(hardware: bytes.u16(8), bytes.u16(0))
  }

  /// For these kinds of interface the protocol field is no EtherType: netlink, 802.11 with radio header. That of a GRE
  /// interface (778) is the one of GRE, whose header the kernel took off.
  private static func next(hardware: UInt16, _ type: UInt16) -> Next {
    hasEtherType(hardware: hardware) ? Ethernet.next(type) : .undecoded(.cookedHardware(hardware))
  }

  static func hasEtherType(hardware: UInt16) -> Bool { hardware != 803 && hardware != 824 }
}
