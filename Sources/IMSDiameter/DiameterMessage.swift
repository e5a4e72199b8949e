package import IMSBytes

/// A Diameter message (RFC 6733 §3): its own bytes, the decoded header and an index of its AVPs. Their data are read when
/// they are asked for.
package struct DiameterMessage: Sendable, Equatable {
  package let flags: UInt8
  package let command: CommandCode
  package let application: ApplicationID
  package let hopByHop: UInt32
  package let endToEnd: UInt32
  /// Shared and never changed: a message is passed on often, and each array would be counted on its own.
  private let storage: Storage

  private final class Storage: Sendable {
    let bytes: [UInt8]
    let headers: [AVPSequence.Header]
    let malformed: DecodeIssue?
    let issues: [DecodeIssue]
    /// Of the AVPs.
    let end: Int
    /// Rules ask for it again and again.
    let result: DiameterResult

    init(
      _ bytes: [UInt8], headers: [AVPSequence.Header], malformed: DecodeIssue?, issues: [DecodeIssue], end: Int
    ) {
      self.bytes = bytes
      self.headers = headers
      self.malformed = malformed
      self.issues = issues
      self.end = end
      result = DiameterResult(headers, bytes)
    }
  }

  /// The whole message as it was framed, one copy. Offsets of issues and AVPs count from its first byte.
  package var bytes: [UInt8] { storage.bytes }
  /// What was odd in the header and at the top level of the AVPs.
  package var issues: [DecodeIssue] { storage.issues }

  /// Reads one whole message. Throws when there is no header of version 1.
  package init(parsing bytes: RawSpan) throws(DecodeIssue) {
    guard bytes.byteCount >= 20 else { throw DecodeIssue("Diameter", "header cut short", at: bytes.byteCount) }
    guard bytes.u8(0) == 1 else { throw DecodeIssue("Diameter", "version \(bytes.u8(0)) is not 1", at: 0) }
    let length = Int(bytes.u24(1))
    guard length >= 20 else {
      throw DecodeIssue("Diameter", "message length \(length) is smaller than the header", at: 1)
    }
    flags = bytes.u8(4)
    command = CommandCode(rawValue: bytes.u24(5))
    application = ApplicationID(rawValue: bytes.u32(8))
    hopByHop = bytes.u32(12)
    endToEnd = bytes.u32(16)
    let copy = bytes.array
    let end = min(length, bytes.byteCount)
    var walk = AVPSequence(copy[20..<end], depth: 1).makeIterator()
    var headers: [AVPSequence.Header] = []
    // About 24 bytes per AVP is usual; a second allocation is then rare.
    headers.reserveCapacity(min(64, end / 24))
    while let header = walk.nextHeader() { headers.append(header) }
    storage = Storage(
      copy, headers: headers, malformed: walk.malformed,
      issues: Self.issues(copy, flags: flags, length: length, malformed: walk.malformed), end: end)
  }

  private static func issues(
    _ bytes: [UInt8], flags: UInt8, length: Int, malformed: DecodeIssue?
  ) -> [DecodeIssue] {
    var issues: [DecodeIssue] = []
    func add(_ reason: String, _ offset: Int) { issues.append(DecodeIssue("Diameter", reason, at: offset)) }
    if length % 4 != 0 { add("message length \(length) is not a multiple of 4", 1) }
    if length > bytes.count { add("message length \(length) is larger than the \(bytes.count) bytes there", 1) }
    if length < bytes.count { add("bytes after the end of the message", length) }
    if flags & 0x0f != 0 { add("reserved command flags set", 4) }
    if let malformed { issues.append(malformed) }
    return issues
  }

  /// What is known of a message follows from its bytes.
  package static func == (left: DiameterMessage, right: DiameterMessage) -> Bool {
    left.storage === right.storage || left.bytes == right.bytes
  }

  package var isRequest: Bool { flags & 0x80 != 0 }
  package var isProxiable: Bool { flags & 0x40 != 0 }
  package var isError: Bool { flags & 0x20 != 0 }
  /// The T flag: potentially sent again after a link failure.
  package var isRetransmitted: Bool { flags & 0x10 != 0 }

  package var avps: AVPSequence { AVPSequence(storage.bytes[20..<storage.end], depth: 1) }
  /// Of the AVPs at the top level, in order.
  package var headers: [AVPSequence.Header] { storage.headers }
  package var malformed: DecodeIssue? { storage.malformed }
  package func first(_ avp: AVPName) -> AVP? { index(of: avp).map { self.avp($0) } }
  package func first(_ code: UInt32, vendor: UInt32) -> AVP? { first(AVPName(code, vendor: vendor)) }
  package func all(_ avp: AVPName) -> [AVP] {
    storage.headers.indices.filter { avp.names(storage.headers[$0]) }.map { self.avp($0) }
  }
  package func has(_ avp: AVPName) -> Bool { index(of: avp) != nil }

  private func index(of avp: AVPName) -> Int? { storage.headers.firstIndex { avp.names($0) } }
  private func avp(_ index: Int) -> AVP { AVP(storage.headers[index], of: storage.bytes[...], depth: 1) }
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
  package var resultCode: UInt32? { storage.result.code }

  /// Experimental-Result (RFC 6733 §7.6): Vendor-Id and Experimental-Result-Code.
  package var experimentalResult: (vendor: UInt32?, code: UInt32)? {
    storage.result.experimental.map { (storage.result.vendor, $0) }
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

  /// `2001 DIAMETER_SUCCESS`, or `exp 2001 FIRST_REGISTRATION` when Experimental-Result says it; nil without a result.
  package var resultText: String? {
    if let code = resultCode { return "\(code)" + (ResultCode.name(base: code).map { " " + $0 } ?? "") }
    guard let result = experimentalResult else { return nil }
    if let vendor = result.vendor, vendor != Vendor.tgpp.rawValue { return "exp \(result.code) of vendor \(vendor)" }
    return "exp \(result.code)" + (ResultCode.name(cx: result.code).map { " " + $0 } ?? "")
  }
}

/// Result-Code and Experimental-Result (RFC 6733 §7.1, §7.6) of an answer, the first of each.
private struct DiameterResult: Sendable, BitwiseCopyable {
  var code: UInt32?
  var experimental: UInt32?
  /// Of the experimental one.
  var vendor: UInt32?

  init(_ headers: [AVPSequence.Header], _ bytes: [UInt8]) {
    let top = AVPSequence(bytes[...], depth: 1)
    if let found = headers.first(where: AVPName.resultCode.names) { code = top.avp(found).unsigned32 }
    guard let found = headers.first(where: AVPName.experimentalResult.names) else { return }
    let group = top.children(found)
    experimental = group.first(.experimentalResultCode)?.unsigned32
    if experimental != nil { vendor = group.first(.vendorID)?.unsigned32 }
  }
}
