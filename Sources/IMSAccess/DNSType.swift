/// A DNS resource record type (RFC 1035 §3.2.2, RFC 2782, RFC 3403, RFC 3596).
package struct DNSType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  package var rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let a = DNSType(rawValue: 1)
  package static let cname = DNSType(rawValue: 5)
  package static let aaaa = DNSType(rawValue: 28)
  package static let srv = DNSType(rawValue: 33)
  package static let naptr = DNSType(rawValue: 35)
  package static let opt = DNSType(rawValue: 41)
}
