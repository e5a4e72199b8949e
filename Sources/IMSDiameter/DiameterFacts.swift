package import IMSBytes

/// What is asked of a Cx message again and again, as numbers: found in one pass over its AVPs.
package struct DiameterFacts: Sendable, BitwiseCopyable {
  package private(set) var marks = Marks(bits: 0)
  /// Of the data of the first AVP of each of these names; `empty` without one.
  package private(set) var session = Fingerprint.empty
  package private(set) var userName = Fingerprint.empty
  package private(set) var publicIdentity = Fingerprint.empty
  package private(set) var serverName = Fingerprint.empty
  package private(set) var visitedNetwork = Fingerprint.empty
  /// SIP-Auth-Data-Item AVPs, and what SIP-Number-Auth-Items says; nil without it.
  package private(set) var items = 0
  package private(set) var numberOfItems: UInt32?
  /// User-Authorization-Type of a request; nil without it.
  package private(set) var authorizationType: UInt32?
  /// The code of Experimental-Result of an answer; nil without it.
  package private(set) var experimentalCode: UInt32?

  @usableFromInline package struct Marks: Equatable, Sendable, BitwiseCopyable {
    @usableFromInline var bits: UInt32

    @inlinable init(bits: UInt32) { self.bits = bits }
    @inlinable init(_ bit: UInt32) { bits = 1 << bit }

    @inlinable package func contains(_ other: Marks) -> Bool { other.bits & ~bits == 0 }
    @inlinable package func isDisjoint(with other: Marks) -> Bool { bits & other.bits == 0 }
    @inlinable package func union(_ other: Marks) -> Marks { Marks(bits: bits | other.bits) }
    @inlinable package func intersection(_ other: Marks) -> Marks { Marks(bits: bits & other.bits) }
    mutating func insert(_ other: Marks) { bits |= other.bits }
    mutating func remove(_ other: Marks) { bits &= ~other.bits }

    @inlinable package static var request: Marks { Marks(0) }
    /// Something is odd in its first 20 octets, or it is an answer with the T flag.
    @inlinable package static var oddHeader: Marks { Marks(1) }
    /// The length of an AVP contradicts its shape or what it stands in.
    @inlinable package static var oddShape: Marks { Marks(2) }
    /// Vendor-Specific-Application-Id does not name Cx and nothing else.
    @inlinable package static var otherApplication: Marks { Marks(3) }
    /// An AVP of Cx without vendor or M flag, or one of digests with a vendor.
    @inlinable package static var oddFlags: Marks { Marks(4) }
    /// Session-Id does not stand first, or Auth-Session-State is another than 1.
    @inlinable package static var oddSession: Marks { Marks(5) }
    /// An answer without origin, with two results or none, or with one that is no success.
    @inlinable package static var oddAnswer: Marks { Marks(6) }
    @inlinable package static var userName: Marks { Marks(7) }
    @inlinable package static var publicIdentity: Marks { Marks(8) }
    /// Several Public-Identity AVPs.
    @inlinable package static var identities: Marks { Marks(9) }
    /// Visited-Network-Identifier that is not empty.
    @inlinable package static var visitedNetwork: Marks { Marks(10) }
    @inlinable package static var serverName: Marks { Marks(11) }
    @inlinable package static var assignmentType: Marks { Marks(12) }
    @inlinable package static var dataAvailable: Marks { Marks(13) }
    /// Public-Identity is no URI of SIP or tel, User-Name is a URI, or Visited-Network-Identifier is empty.
    @inlinable package static var oddIdentity: Marks { Marks(14) }
    /// Some SIP-Auth-Data-Item is not of AKA.
    @inlinable package static var otherScheme: Marks { Marks(15) }
    /// Some SIP-Auth-Data-Item is no whole vector of AKA, or RAND is zero.
    @inlinable package static var oddVector: Marks { Marks(16) }
    /// SIP-Authorization of 30 octets: RAND and AUTS.
    @inlinable package static var resynchronisation: Marks { Marks(17) }
    @inlinable package static var capabilities: Marks { Marks(20) }
    /// Server-Name is no SIP URI.
    @inlinable package static var oddServerName: Marks { Marks(21) }
    fileprivate static var originHost: Marks { Marks(18) }
    fileprivate static var originRealm: Marks { Marks(19) }
  }

  package let command: CommandCode
  package let endToEnd: UInt32
  package let isProxiable: Bool

  package init(_ message: DiameterMessage) {
    (command, endToEnd, isProxiable) = (message.command, message.endToEnd, message.isProxiable)
    if message.isRequest { marks.insert(.request) }
    if message.issues.contains(where: { $0.offset < 20 }) || !message.isRequest && message.isRetransmitted {
      marks.insert(.oddHeader)
    }
    if message.malformed != nil { marks.insert(.oddShape) }
    let (bytes, headers) = (message.bytes, message.headers)
    if headers.first.map({ $0.code != AVPName.sessionID.code || $0.vendor != 0 }) ?? true { marks.insert(.oddSession) }
    let span = bytes.span.bytes
    var hasApplication = false
    for header in headers {
      check(header, span, level: 1)
      if header.vendor == 0 {
        readBase(header, span, &hasApplication)
      } else if header.vendor == Vendor.tgpp.rawValue {
        readCx(header, span)
      }
    }
    if !hasApplication { marks.insert(.otherApplication) }
    if !message.isRequest { judgeResult(of: message) }
  }

  /// Shape and flags of an AVP and of what stands in it.
  private mutating func check(_ header: AVPSequence.Header, _ span: RawSpan, level: Int) {
    let isOfCx = header.code >= 600 && header.code <= 626
    if isOfCx {
      if header.vendor == 0 || header.vendor == Vendor.tgpp.rawValue && header.flags & 0x40 == 0 {
        marks.insert(.oddFlags)
      }
    } else if header.code == 104 || header.code == 110 || header.code == 111 || header.code == 121,
      header.flags & 0x80 != 0
    {
      marks.insert(.oddFlags)
    }
    switch header.shape {
    case .number: if header.dataCount != 4 { marks.insert(.oddShape) }
    case .other: break
    case .group:
      guard level < AVPSequence.depthLimit else {
        marks.insert(.oddShape.union(.oddFlags))
        return
      }
      Self.walk(header, span) { child in
        guard let child else {
          marks.insert(.oddShape)
          return
        }
        check(child, span, level: level + 1)
      }
    }
  }

  private mutating func readBase(
    _ header: AVPSequence.Header, _ span: RawSpan, _ hasApplication: inout Bool
  ) {
    switch header.code {
    case AVPName.sessionID.code where session == .empty: session = Self.fingerprint(header, span)
    case AVPName.userName.code where !marks.contains(.userName):
      marks.insert(.userName)
      userName = Self.fingerprint(header, span)
      if Self.data(header, span).spells("sip:", at: 0, ignoringCase: true) { marks.insert(.oddIdentity) }
    case AVPName.originHost.code: marks.insert(.originHost)
    case AVPName.originRealm.code: marks.insert(.originRealm)
    case AVPName.authSessionState.code:
      if header.dataCount != 4 || span.u32(header.dataStart) != 1 { marks.insert(.oddSession) }
    case AVPName.vendorSpecificApplicationID.code where !hasApplication:
      hasApplication = true
      if !Self.namesCx(header, span) { marks.insert(.otherApplication) }
    default: break
    }
  }

  private static func namesCx(_ group: AVPSequence.Header, _ span: RawSpan) -> Bool {
    var (vendor, auth, others) = (0, 0, 0)
    walk(group, span) { child in
      guard let child, child.vendor == 0, child.dataCount == 4 else { return others += 1 }
      let value = span.u32(child.dataStart)
      switch child.code {
      case AVPName.vendorID.code where value == Vendor.tgpp.rawValue: vendor += 1
      case AVPName.authApplicationID.code where value == ApplicationID.cx.rawValue: auth += 1
      default: others += 1
      }
    }
    return vendor == 1 && auth == 1 && others == 0
  }

  private mutating func readCx(_ header: AVPSequence.Header, _ span: RawSpan) {
    switch header.code {
    case AVPName.publicIdentity.code:
      guard !marks.contains(.publicIdentity) else {
        marks.insert(.identities)
        return
      }
      marks.insert(.publicIdentity)
      publicIdentity = Self.fingerprint(header, span)
      let uri = Self.data(header, span)
      if !uri.spells("sip:", at: 0, ignoringCase: true), !uri.spells("sips:", at: 0, ignoringCase: true),
        !uri.spells("tel:", at: 0, ignoringCase: true)
      {
        marks.insert(.oddIdentity)
      }
    case AVPName.visitedNetworkIdentifier.code where visitedNetwork == .empty:
      if header.dataCount == 0 { return marks.insert(.oddIdentity) }
      marks.insert(.visitedNetwork)
      visitedNetwork = Self.fingerprint(header, span)
    case AVPName.serverName.code where serverName == .empty:
      marks.insert(.serverName)
      serverName = Self.fingerprint(header, span)
      let uri = Self.data(header, span)
      if !uri.spells("sip:", at: 0, ignoringCase: true), !uri.spells("sips:", at: 0, ignoringCase: true) {
        marks.insert(.oddServerName)
      }
    case AVPName.userAuthorizationType.code where authorizationType == nil && header.dataCount == 4:
      authorizationType = span.u32(header.dataStart)
    case AVPName.serverCapabilities.code: marks.insert(.capabilities)
    case AVPName.serverAssignmentType.code: marks.insert(.assignmentType)
    case AVPName.userDataAlreadyAvailable.code: marks.insert(.dataAvailable)
    case AVPName.sipNumberAuthItems.code where numberOfItems == nil:
      numberOfItems = header.dataCount == 4 ? span.u32(header.dataStart) : nil
    case AVPName.sipAuthDataItem.code: readItem(header, span)
    default: break
    }
  }

  /// What most vectors are: RAND and AUTN of 32 octets, XRES of 4 to 16, CK and IK of 16 (TS 29.229 §6.3.13).
  private mutating func readItem(_ item: AVPSequence.Header, _ span: RawSpan) {
    items += 1
    var (isAKA, challenge, response, keys, others) = (false, 0, 0, 0, 0)
    Self.walk(item, span) { child in
      guard let child, child.vendor == Vendor.tgpp.rawValue else { return others += 1 }
      let (start, count) = (child.dataStart, child.dataCount)
      switch child.code {
      case AVPName.sipAuthenticationScheme.code:
        isAKA = Self.data(child, span).spells("Digest-AKA", at: 0, ignoringCase: true)
      case AVPName.sipAuthenticate.code:
        let isVector = count == 32 && span.u64(start) | span.u64(start + 8) != 0
        if isVector { challenge += 1 } else { others += 1 }
      case AVPName.sipAuthorization.code:
        if count == 30 { marks.insert(.resynchronisation) }
        if count >= 4, count <= 16 { response += 1 } else { others += 1 }
      case AVPName.confidentialityKey.code, AVPName.integrityKey.code:
        if count == 16 { keys += child.code == AVPName.integrityKey.code ? 16 : 1 } else { others += 1 }
      default: break
      }
    }
    if !isAKA { marks.insert(.otherScheme) }
    if challenge != 1 || response != 1 || keys != 17 || others != 0 { marks.insert(.oddVector) }
  }

  private mutating func judgeResult(of answer: DiameterMessage) {
    let (base, experimental) = (answer.resultCode, answer.experimentalResult)
    let isBase = answer.has(.resultCode)
    experimentalCode = experimental?.code
    let isSuccess =
      isBase
      ? base == 2001 && !answer.has(.experimentalResult)
      : experimental.map { $0.vendor == Vendor.tgpp.rawValue && ($0.code == 2001 || $0.code == 2002) } ?? false
    if !isSuccess || answer.isError || !marks.contains(.originHost.union(.originRealm)) { marks.insert(.oddAnswer) }
    if !isBase, answer.command != .userAuthorization { marks.insert(.oddAnswer) }
  }

  private static func fingerprint(_ header: AVPSequence.Header, _ span: RawSpan) -> Fingerprint {
    Fingerprint(of: data(header, span))
  }

  @_lifetime(copy span)
  private static func data(_ header: AVPSequence.Header, _ span: RawSpan) -> RawSpan {
    span.extracting(header.dataStart..<header.dataStart + header.dataCount)
  }

  /// The AVPs of a group; nil at the end where they do not fill it.
  private static func walk(
    _ group: AVPSequence.Header, _ span: RawSpan, _ body: (AVPSequence.Header?) -> Void
  ) {
    var at = group.dataStart
    let end = at + group.dataCount
    while at < end {
      guard end - at >= 8 else { return body(nil) }
      let child = AVPSequence.Header(span.extracting(at..<end), 0, start: at)
      guard child.length >= child.size, child.length <= end - at else { return body(nil) }
      body(child)
      at = min(at + (child.length + 3) & ~3, end)
    }
  }
}

extension AVPSequence.Header {
  /// Index of the first octet of its data in the message.
  fileprivate var dataStart: Int { start + size }
}
