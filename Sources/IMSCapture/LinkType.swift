/// The link-layer header type of an interface (LINKTYPE_ registry of tcpdump.org).
package struct LinkType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  package var rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let null = LinkType(rawValue: 0)
  package static let ethernet = LinkType(rawValue: 1)
  /// LINKTYPE_RAW as some BSDs number it.
  package static let raw12 = LinkType(rawValue: 12)
  package static let raw14 = LinkType(rawValue: 14)
  package static let raw = LinkType(rawValue: 101)
  package static let loop = LinkType(rawValue: 108)
  package static let linuxCooked = LinkType(rawValue: 113)
  package static let ipv4 = LinkType(rawValue: 228)
  package static let ipv6 = LinkType(rawValue: 229)
  package static let linuxCooked2 = LinkType(rawValue: 276)
}
