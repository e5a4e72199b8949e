/// The address family that stands before the packet in LINKTYPE_NULL, in the byte order of the machine that captured, and
/// in LINKTYPE_LOOP, in network order.
package enum LoopbackFamily: Hashable, Sendable {
  case ipv4, ipv6

  /// Its four bytes, read in network order. Families are small numbers, so the order they were written in shows.
  package init?(_ word: UInt32) {
    switch Self.isLittleEndian(word) ? word.byteSwapped : word {
    case 2: self = .ipv4
    // AF_INET6 of Linux, of Windows, of NetBSD and OpenBSD, of FreeBSD, of Darwin.
    case 10, 23, 24, 28, 30: self = .ipv6
    default: return nil
    }
  }

  package static func isLittleEndian(_ word: UInt32) -> Bool { word > 0xffff }
}
