public import IMSBytes

/// What is asked of a Cx message again and again, as numbers: found in one pass over its AVPs.
@usableFromInline package struct DiameterFacts: Sendable, BitwiseCopyable {
  package private(set) var marks = Marks()
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
  /// Server-Assignment-Type; nil without it.
  package private(set) var assignmentType: UInt32?
  /// The code of Experimental-Result of an answer; nil without it.
  package private(set) var experimentalCode: UInt32?

  @usableFromInline package typealias Marks = MarkSet<DiameterFacts>

  package let command: CommandCode
  package let endToEnd: UInt32
  package let isProxiable: Bool

  /// Of a message that is none of Diameter.
  package init() { (command, endToEnd, isProxiable) = (CommandCode(rawValue: 0), 0, false) }

  package init(_ message: DiameterMessage) {
    (command, endToEnd, isProxiable) = (message.command, message.endToEnd, message.isProxiable)
    marks.insert(.request, if: message.isRequest)
    marks.insert(.oddHeader, if: message.hasOddHeader || !message.isRequest && message.isRetransmitted)
    marks.insert(.oddShape, if: message.isMalformed)
    let span = message.span
    let headers = message.headerSpan
    var hasApplication = false
    for number in headers.indices {
      let header = headers[number]
      if number == 0 { marks.insert(.oddSession, if: header.code != AVPName.sessionID.code || header.vendor != 0) }
      check(header, span, level: 1)
      if header.vendor == 0 {
        readBase(header, span, &hasApplication)
      } else if header.vendor == Vendor.tgpp.rawValue {
        readCx(header, span)
      }
    }
    marks.insert(.oddSession, if: headers.isEmpty)
    if !hasApplication { marks.insert(.otherApplication) }
    if !message.isRequest { judgeResult(of: message) }
  }

  /// Shape and flags of an AVP and of what stands in it.
  private mutating func check(_ header: AVPSequence.Header, _ span: RawSpan, level: Int) {
    if header.code &- 600 <= 26 {
      // An AVP of Cx.
      if header.vendor == 0 || header.vendor == Vendor.tgpp.rawValue && header.flags & 0x40 == 0 {
        marks.insert(.oddFlags)
      }
    } else if header.flags & 0x80 != 0 {
      switch header.code {
      case 104, 110, 111, 121: marks.insert(.oddFlags)
      default: break
      }
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
      if Self.isPlainServer(uri) {
        marks.insert(.plainServerName)
      } else if !uri.spells("sip:", at: 0, ignoringCase: true), !uri.spells("sips:", at: 0, ignoringCase: true) {
        marks.insert(.oddServerName)
      }
    case AVPName.userAuthorizationType.code where authorizationType == nil && header.dataCount == 4:
      authorizationType = span.u32(header.dataStart)
    case AVPName.serverCapabilities.code: marks.insert(.capabilities)
    case AVPName.serverAssignmentType.code where !marks.contains(.assignmentType):
      marks.insert(.assignmentType)
      assignmentType = header.dataCount == 4 ? span.u32(header.dataStart) : nil
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

  /// "sip:host" or "sip:host:port", the host a name or an IPv4 address.
  private static func isPlainServer(_ uri: RawSpan) -> Bool {
    guard uri.byteCount > 4, uri.spells("sip:", at: 0) else { return false }
    let colon = uri.firstIndex(of: 0x3a, from: 4) ?? uri.byteCount
    let digits = uri.byteCount - colon - 1
    guard colon > 4, digits < 5, digits != 0 else { return false }
    for index in 4..<colon {
      let byte = uri.u8(index)
      guard ASCII.isAlphanumeric(byte) || byte == 0x2d || byte == 0x2e else { return false }
    }
    for index in colon..<uri.byteCount where index > colon && !ASCII.isDigit(uri.u8(index)) { return false }
    return true
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
    let isWhole = AVPSequence.walk(span.extracting(0..<group.dataStart + group.dataCount), from: group.dataStart) {
      body($0)
    }
    if !isWhole { body(nil) }
  }
}

extension MarkSet<DiameterFacts> {
  @inlinable package static var request: Self { Self(0) }
  /// Something is odd in its first 20 octets, or it is an answer with the T flag.
  @inlinable package static var oddHeader: Self { Self(1) }
  /// The length of an AVP contradicts its shape or what it stands in.
  @inlinable package static var oddShape: Self { Self(2) }
  /// Vendor-Specific-Application-Id does not name Cx and nothing else.
  @inlinable package static var otherApplication: Self { Self(3) }
  /// An AVP of Cx without vendor or M flag, or one of digests with a vendor.
  @inlinable package static var oddFlags: Self { Self(4) }
  /// Session-Id does not stand first, or Auth-Session-State is another than 1.
  @inlinable package static var oddSession: Self { Self(5) }
  /// An answer without origin, with two results or none, or with one that is no success.
  @inlinable package static var oddAnswer: Self { Self(6) }
  @inlinable package static var userName: Self { Self(7) }
  @inlinable package static var publicIdentity: Self { Self(8) }
  /// Several Public-Identity AVPs.
  @inlinable package static var identities: Self { Self(9) }
  /// Visited-Network-Identifier that is not empty.
  @inlinable package static var visitedNetwork: Self { Self(10) }
  @inlinable package static var serverName: Self { Self(11) }
  @inlinable package static var assignmentType: Self { Self(12) }
  @inlinable package static var dataAvailable: Self { Self(13) }
  /// Public-Identity is no URI of SIP or tel, User-Name is a URI, or Visited-Network-Identifier is empty.
  @inlinable package static var oddIdentity: Self { Self(14) }
  /// Some SIP-Auth-Data-Item is not of AKA.
  @inlinable package static var otherScheme: Self { Self(15) }
  /// Some SIP-Auth-Data-Item is no whole vector of AKA, or RAND is zero.
  @inlinable package static var oddVector: Self { Self(16) }
  /// SIP-Authorization of 30 octets: RAND and AUTS.
  @inlinable package static var resynchronisation: Self { Self(17) }
  @inlinable package static var capabilities: Self { Self(20) }
  /// Server-Name is no SIP URI.
  @inlinable package static var oddServerName: Self { Self(21) }
  /// Server-Name is a SIP URI of a host and perhaps a port, and nothing else.
  @inlinable package static var plainServerName: Self { Self(22) }
  fileprivate static var originHost: Self { Self(18) }
  fileprivate static var originRealm: Self { Self(19) }
}
