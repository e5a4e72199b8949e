/// The vendors that own AVPs of this analyser (IANA enterprise numbers).
package enum Vendor: UInt32, Sendable {
  case none = 0
  case tgpp = 10415
  case etsi = 13019
}

/// An AVP's identity (RFC 6733 §4.1): the code means nothing without the vendor; 0 stands for no Vendor-Id.
package struct AVPName: Hashable, Sendable, BitwiseCopyable {
  package let code: UInt32
  package let vendor: UInt32

  package init(_ code: UInt32, vendor: UInt32) {
    self.code = code
    self.vendor = vendor
  }

  package init(_ code: UInt32, _ vendor: Vendor = .none) { self.init(code, vendor: vendor.rawValue) }

  /// The digest AVPs of RFC 4740 have no vendor, but some stacks send them with that of 3GPP.
  package var isBorrowedDigest: Bool {
    (vendor == 0 || vendor == Vendor.tgpp.rawValue) && [104, 110, 111, 121].contains(code)
  }

  /// Equal, or the same digest AVP with and without the vendor of 3GPP.
  func names(_ other: UInt32, vendor otherVendor: UInt32) -> Bool {
    other == code
      && (otherVendor == vendor || isBorrowedDigest && AVPName(other, vendor: otherVendor).isBorrowedDigest)
  }
}

/// One line of the AVP tables: code, vendor, name, type, rule for the M-bit.
package struct AVPDefinition: Hashable, Sendable {
  package let code: UInt32
  package let vendor: UInt32
  package let name: String
  package let type: AVPType
  package let mandatoryBit: MandatoryBit

  init(_ code: UInt32, _ name: String, _ type: AVPType, _ mandatoryBit: MandatoryBit) {
    self.init(code, .none, name, type, mandatoryBit)
  }

  init(_ code: UInt32, _ vendor: Vendor, _ name: String, _ type: AVPType, _ mandatoryBit: MandatoryBit) {
    self.code = code
    self.vendor = vendor.rawValue
    self.name = name
    self.type = type
    self.mandatoryBit = mandatoryBit
  }

  /// The line for an AVP; a digest AVP is found with the vendor of 3GPP too.
  package static func of(_ name: AVPName) -> AVPDefinition? {
    lookup[name] ?? (name.isBorrowedDigest ? lookup[AVPName(name.code)] : nil)
  }

  package static let all: [AVPDefinition] = base + cx + etsi

  private static let etsi = [AVPDefinition(500, .etsi, "Line-Identifier", .octetString, .mayM)]

  private static let lookup = Dictionary(
    all.map { (AVPName($0.code, vendor: $0.vendor), $0) }, uniquingKeysWith: { first, _ in first })
}

/// RFC 6733 §4.2 and §4.3.
package enum AVPType: Sendable, Hashable {
  case octetString, integer32, integer64, unsigned32, unsigned64, float32, float64, grouped
  case address, time, utf8String, diameterIdentity, diameterURI, enumerated, ipFilterRule
}

/// The columns "MUST" and "MUST NOT" of the AVP tables, as far as they speak of the M-bit.
package enum MandatoryBit: Sendable, Hashable {
  case mustM, mayM, mustNotM
}
