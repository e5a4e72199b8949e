/// A DNS resource record type (RFC 1035 §3.2.2, RFC 2782, RFC 3403, RFC 3596).
package struct DNSType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  package var rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let a = DNSType(rawValue: 1)
  package static let ns = DNSType(rawValue: 2)
  package static let cname = DNSType(rawValue: 5)
  package static let soa = DNSType(rawValue: 6)
  package static let ptr = DNSType(rawValue: 12)
  package static let aaaa = DNSType(rawValue: 28)
  package static let srv = DNSType(rawValue: 33)
  package static let naptr = DNSType(rawValue: 35)
  package static let opt = DNSType(rawValue: 41)
  package static let any = DNSType(rawValue: 255)

  /// `A`, `NAPTR`, …; `TYPE99` for the others (RFC 3597 §5).
  package var name: String {
    switch self {
    case .a: "A"
    case .ns: "NS"
    case .cname: "CNAME"
    case .soa: "SOA"
    case .ptr: "PTR"
    case .aaaa: "AAAA"
    case .srv: "SRV"
    case .naptr: "NAPTR"
    case .opt: "OPT"
    case .any: "ANY"
    default: "TYPE\(rawValue)"
    }
  }
}

/// A DNS response code (RFC 1035 §4.1.1, RFC 2136 §2.2).
package struct DNSResponseCode: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  package var rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let noError = DNSResponseCode(rawValue: 0)
  package static let serverFailure = DNSResponseCode(rawValue: 2)
  package static let nameError = DNSResponseCode(rawValue: 3)
  package static let refused = DNSResponseCode(rawValue: 5)

  package var name: String {
    switch rawValue {
    case 0: "NOERROR"
    case 1: "FORMERR"
    case 2: "SERVFAIL"
    case 3: "NXDOMAIN"
    case 4: "NOTIMP"
    case 5: "REFUSED"
    default: "RCODE\(rawValue)"
    }
  }
}
