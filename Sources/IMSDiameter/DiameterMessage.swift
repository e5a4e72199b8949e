package import IMSBytes

/// A Diameter message (RFC 6733 §3): its own bytes, the decoded header and an index of its AVPs, in one allocation. The data of
/// AVPs are read when they are asked for.
package struct DiameterMessage: Sendable, Equatable {
  private let octets: IndexedBytes<AVPSequence.Header, Record>

  /// What is known of a message beside its AVPs.
  package struct Record: BitwiseCopyable, Sendable {
    var flags: UInt8
    /// There are issues, or none but in the first 20 octets; the walk over the AVPs ends before they do. They are found again
    /// when they are asked for: hardly any message has one.
    var isOdd = false
    var hasOddHeader = false
    var isMalformed = false
    var command: CommandCode
    var application: ApplicationID
    var hopByHop: UInt32
    var endToEnd: UInt32
    /// Of the message, as it says.
    var length: UInt32
    /// Rules ask for it again and again.
    var result = DiameterResult()
  }

  /// `IndexedBytes.fetch`.
  package func fetch() -> UInt8 { octets.fetch() }
  package var flags: UInt8 { octets.record.flags }
  package var command: CommandCode { octets.record.command }
  package var application: ApplicationID { octets.record.application }
  package var hopByHop: UInt32 { octets.record.hopByHop }
  package var endToEnd: UInt32 { octets.record.endToEnd }

  /// The whole message as it was framed, one copy. Offsets of issues and AVPs count from its first byte.
  package var bytes: ArraySlice<UInt8> { octets.slice }
  var span: RawSpan { @_lifetime(borrow self) get { octets.span } }
  /// Octets of the whole message.
  package var count: Int { octets.count }
  package var hasIssues: Bool { octets.record.isOdd }
  var hasOddHeader: Bool { octets.record.hasOddHeader }
  var isMalformed: Bool { octets.record.isMalformed }
  /// What was odd in the header and at the top level of the AVPs.
  package var issues: [DecodeIssue] { hasIssues ? Self.issues(bytes, octets.record, malformed: malformed) : [] }

  /// Reads one whole message. Throws when there is no header of version 1.
  package init(parsing bytes: RawSpan) throws(DecodeIssue) {
    guard bytes.byteCount >= 20 else { throw DecodeIssue("Diameter", "header cut short", at: bytes.byteCount) }
    guard bytes.u8(0) == 1 else { throw DecodeIssue("Diameter", "version \(bytes.u8(0)) is not 1", at: 0) }
    let length = Int(bytes.u24(1))
    guard length >= 20 else {
      throw DecodeIssue("Diameter", "message length \(length) is smaller than the header", at: 1)
    }
    guard bytes.byteCount <= Int(UInt32.max) else {
      throw DecodeIssue("Diameter", "message larger than 4 GiB", at: 0)
    }
    octets = IndexedBytes(bytes) { headers in Record(bytes, &headers) }
  }

  private init(_ octets: IndexedBytes<AVPSequence.Header, Record>) { self.octets = octets }

  /// A message without what its User-Data ends with as others do.
  package struct Folded: Sendable {
    fileprivate let octets: FoldedOctets

    package var whole: DiameterMessage { DiameterMessage(IndexedBytes(unfolding: octets)) }
  }

  /// What has to be kept of it where the end of its User-Data is known; nil where it is short, or like none before.
  package func folded(by ends: inout CommonEnds) -> Folded? {
    guard let number = index(of: .userData) else { return nil }
    let data = octets[number].dataStart
    return octets.folded(data..<data + octets[number].dataCount, by: &ends).map { Folded(octets: $0) }
  }

  private static func issues(_ bytes: ArraySlice<UInt8>, _ record: Record, malformed: DecodeIssue?) -> [DecodeIssue] {
    var issues: [DecodeIssue] = []
    let length = Int(record.length)
    func add(_ reason: String, _ offset: Int) { issues.append(DecodeIssue("Diameter", reason, at: offset)) }
    if length % 4 != 0 { add("message length \(length) is not a multiple of 4", 1) }
    if length > bytes.count { add("message length \(length) is larger than the \(bytes.count) bytes there", 1) }
    if length < bytes.count { add("bytes after the end of the message", length) }
    if record.flags & 0x0f != 0 { add("reserved command flags set", 4) }
    if let malformed { issues.append(malformed) }
    return issues
  }

  /// What is known of a message follows from its bytes.
  package static func == (left: DiameterMessage, right: DiameterMessage) -> Bool {
    left.octets.isIdentical(to: right.octets) || left.bytes == right.bytes
  }

  package var isRequest: Bool { flags & 0x80 != 0 }
  package var isProxiable: Bool { flags & 0x40 != 0 }
  package var isError: Bool { flags & 0x20 != 0 }
  /// The T flag: potentially sent again after a link failure.
  package var isRetransmitted: Bool { flags & 0x10 != 0 }

  package var avps: AVPSequence {
    AVPSequence(octets.text(20..<min(Int(octets.record.length), octets.count)).bytes, depth: 1)
  }
  /// Of the AVPs at the top level, in order.
  package var headers: IndexedBytes<AVPSequence.Header, Record>.Entries { octets.entries }
  /// For a loop over all of them, without a reference.
  var headerSpan: Span<AVPSequence.Header> { @_lifetime(borrow self) get { octets.entrySpan } }
  /// Why the walk over the AVPs ends before they do.
  package var malformed: DecodeIssue? { isMalformed ? avps.malformed : nil }
  package func first(_ avp: AVPName) -> AVP? { index(of: avp).map { self.avp($0) } }
  package func first(_ code: UInt32, vendor: UInt32) -> AVP? { first(AVPName(code, vendor: vendor)) }
  package func all(_ avp: AVPName) -> [AVP] {
    var found: [AVP] = []
    for number in 0..<octets.entryCount where avp.names(octets[number]) { found.append(self.avp(number)) }
    return found
  }
  package func has(_ avp: AVPName) -> Bool { index(of: avp) != nil }

  private func index(of avp: AVPName) -> Int? {
    for number in 0..<octets.entryCount where avp.names(octets[number]) { return number }
    return nil
  }
  private func avp(_ index: Int) -> AVP { AVP(octets[index], of: octets.slice, depth: 1) }
}

// MARK: - AVPs of a registration

extension DiameterMessage {
  package var sessionID: Text? { first(.sessionID)?.data }
  package var originHost: Text? { first(.originHost)?.data }
  package var originRealm: Text? { first(.originRealm)?.data }
  package var destinationHost: Text? { first(.destinationHost)?.data }
  package var destinationRealm: Text? { first(.destinationRealm)?.data }
  package var userName: Text? { first(.userName)?.data }
  /// The first one; a SAR or RTR may carry more (`all(.publicIdentity)`).
  package var publicIdentity: Text? { first(.publicIdentity)?.data }
  package var serverName: Text? { first(.serverName)?.data }
  package var visitedNetworkIdentifier: Text? { first(.visitedNetworkIdentifier)?.data }
  package var resultCode: UInt32? { octets.record.result.code }

  /// Experimental-Result (RFC 6733 §7.6): Vendor-Id and Experimental-Result-Code.
  package var experimentalResult: (vendor: UInt32?, code: UInt32)? {
    octets.record.result.experimental.map { (octets.record.result.vendor, $0) }
  }

  package var authSessionState: UInt32? { first(.authSessionState)?.unsigned32 }
  package var userAuthorizationType: UInt32? { first(.userAuthorizationType)?.unsigned32 }
  package var serverAssignmentType: UInt32? { first(.serverAssignmentType)?.unsigned32 }
  package var userDataAlreadyAvailable: UInt32? { first(.userDataAlreadyAvailable)?.unsigned32 }
  package var userData: Text? { first(.userData)?.data }
  package var serverCapabilities: AVP? { first(.serverCapabilities) }
  package var numberOfAuthItems: UInt32? { first(.sipNumberAuthItems)?.unsigned32 }
  package var authDataItems: [AVP] { all(.sipAuthDataItem) }

  /// Deregistration-Reason (TS 29.229 §6.3.16): Reason-Code and Reason-Info.
  package var deregistrationReason: (code: UInt32?, info: Text?)? {
    guard let group = first(.deregistrationReason)?.children else { return nil }
    return (group.first(.reasonCode)?.unsigned32, group.first(.reasonInfo)?.data)
  }
}

// MARK: - Names

extension DiameterMessage {
  /// `UAR`, `UAA`, …; `Command 999 request` when the command is unknown in its application.
  package var name: String {
    CommandName.short(command, application, isRequest: isRequest)
      ?? "Command \(command.rawValue) \(isRequest ? "request" : "answer")"
  }

  /// `2001 DIAMETER_SUCCESS`, or `exp 2001 FIRST_REGISTRATION` when Experimental-Result says it; both, where both are there; nil
  /// without a result.
  package var resultText: String? {
    let base = resultCode.map { code in "\(code)" + (ResultCode.name(base: code).map { " " + $0 } ?? "") }
    guard let experimental = experimentalText else { return base }
    return base.map { "\($0) and \(experimental)" } ?? experimental
  }

  private var experimentalText: String? {
    guard let result = experimentalResult else { return nil }
    if let vendor = result.vendor, vendor != Vendor.tgpp.rawValue { return "exp \(result.code) of vendor \(vendor)" }
    return "exp \(result.code)" + (ResultCode.name(cx: result.code).map { " " + $0 } ?? "")
  }
}

extension DiameterMessage.Record {
  /// Of a message with a whole header; finds its AVPs.
  init(_ bytes: RawSpan, _ headers: inout EntryList<AVPSequence.Header>) {
    flags = bytes.u8(4)
    command = CommandCode(rawValue: bytes.u24(5))
    application = ApplicationID(rawValue: bytes.u32(8))
    hopByHop = bytes.u32(12)
    endToEnd = bytes.u32(16)
    length = bytes.u24(1)
    let end = min(Int(length), bytes.byteCount)
    isMalformed = !AVPSequence.walk(bytes.extracting(0..<end), from: 20) { header in
      headers.append(header)
      if header.vendor == 0 { result.note(header, bytes) }
    }
    hasOddHeader =
      length % 4 != 0 || Int(length) > bytes.byteCount || flags & 0x0f != 0
    isOdd = hasOddHeader || Int(length) < bytes.byteCount || isMalformed
  }
}

/// Result-Code and Experimental-Result (RFC 6733 §7.1, §7.6) of an answer, the first of each.
struct DiameterResult: Sendable, BitwiseCopyable {
  var code: UInt32?
  var experimental: UInt32?
  /// Of the experimental one.
  var vendor: UInt32?
  private var hasCode = false
  private var hasExperimental = false

  /// An AVP of the top level.
  mutating func note(_ header: AVPSequence.Header, _ bytes: RawSpan) {
    switch header.code {
    case AVPName.resultCode.code where !hasCode:
      hasCode = true
      code = header.unsigned32(bytes)
    case AVPName.experimentalResult.code where !hasExperimental:
      hasExperimental = true
      var children: (code: AVPSequence.Header?, vendor: AVPSequence.Header?)
      AVPSequence.walk(bytes.extracting(0..<header.start + header.length), from: header.dataStart) { child in
        if children.code == nil, AVPName.experimentalResultCode.names(child) { children.code = child }
        if children.vendor == nil, AVPName.vendorID.names(child) { children.vendor = child }
      }
      experimental = children.code?.unsigned32(bytes)
      if experimental != nil { vendor = children.vendor?.unsigned32(bytes) }
    default: break
    }
  }
}
