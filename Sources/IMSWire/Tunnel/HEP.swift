// HEP version 3 as the specification of the Homer project has it (hep_rev12), versions 1 and 2 as its agents write them.
//
//   version 3     "HEP3", length of the packet 2, chunks
//   chunk         vendor 2 (0: these types), type 2, length 2 (with these six octets), value
//
//   1 family 1 (2 IPv4, 10 IPv6), 2 protocol of IP 1, 3 and 4 IPv4 addresses, 5 and 6 IPv6 addresses, 7 and 8 ports 2,
//   9 seconds 4, 10 microseconds 4, 11 kind of the payload 1, 12 agent 4, 15 payload, 16 payload packed by zlib,
//   17 correlation id
//
//   version 1, 2  version 1, length 1 (with the addresses), family 1, protocol 1, ports 2 + 2, addresses;
//                 version 2: seconds 4, microseconds 4, agent 2, padding 2, in the byte order of the agent
//
// What an agent says of a packet wins over what carried it here: addresses, time, and the agent as capture point.

import IMSBytes

enum HEP {
  static let magic: UInt32 = 0x4845_5033
  static let port: UInt16 = 9060

  /// What an agent recorded.
  struct Record {
    var source = Endpoint(IPAddress(v4: 0), 0)
    var destination = Endpoint(IPAddress(v4: 0), 0)
    /// Protocol number of IP.
    var transport: UInt8 = 17
    /// Nil where the agent did not say.
    var time: Timestamp?
    /// 1 SIP, 5 RTCP as JSON, 53 DNS as JSON, 56 Diameter, 100 log, …
    var kind: UInt8 = 1
    var agent: UInt32 = 0
    var correlation = 0..<0
    var payload = 0..<0
    var isPacked = false
    /// Bytes of the payload that are not there.
    var missing = 0
  }

  /// A datagram on any port: the form of the header is proof enough. That of version 1 is not: other protocols begin with
  /// the same numbers.
  static func stands(in bytes: RawSpan, _ walk: Walk) -> Bool {
    guard bytes.byteCount >= 8 else { return false }
    if bytes.u32(0) == magic { return (6...bytes.byteCount + walk.missing).contains(Int(bytes.u16(4))) }
    guard bytes.u8(0) == 2 || bytes.u8(0) == 1 && walk.destinationPort == port else { return false }
    return readFixed(bytes, missing: walk.missing) != nil
  }

  /// The first octet of a datagram that is HEP at any port.
  static func begins(_ first: UInt8) -> Bool { first == UInt8(magic >> 24) || first == 2 }

  /// Nil for what is no HEP.
  static func read(_ bytes: RawSpan, missing: Int) throws(DecodeIssue) -> Record? {
    guard bytes.byteCount >= 8 else { return nil }
    if bytes.u32(0) == magic { return try readChunks(bytes, missing: missing) }
    return bytes.u8(0) == 2 || bytes.u8(0) == 1 ? readFixed(bytes, missing: missing) : nil
  }

  /// What the agent sends that is no packet of a signalling protocol.
  private static func refusal(of record: Record, _ bytes: RawSpan) -> Undecoded? {
    if record.payload.isEmpty { return .hepKeepalive }
    switch record.kind {
    case 0, 1: return nil
    case 56: return bytes.u8(record.payload.lowerBound) == 0x7b ? .hep(56) : nil
    case let kind: return .hep(kind)
    }
  }

  private static func transport(of record: Record) -> Transport? {
    switch record.transport {
    case 6: .tcp
    case 17: .udp
    case 132: .sctp
    default: nil
    }
  }

  /// Delivers what the agent recorded in place of the packet that carried it, whose bytes are those of `payload`. Answers
  /// the agent's stamp; nil when there is nothing to deliver.
  static func open(
    _ payload: borrowing Payload, missing: Int, _ unpack: Unpack?, _ census: inout Census,
    _ deliver: (borrowing Payload) -> Taken
  ) -> Timestamp? {
    let bytes = payload.bytes
    let frame = payload.carried.first
    let record: Record?
    do throws(DecodeIssue) { record = try read(bytes, missing: missing) } catch {
      census.note(error, frame: frame)
      return nil
    }
    guard let record else { return nil }
    if let what = refusal(of: record, bytes) {
      census.count(what)
      return nil
    }
    guard let transport = transport(of: record) else {
      census.count(.ipProtocol(record.transport))
      return nil
    }
    let time = record.time ?? payload.time
    let isCut = record.missing > 0 || payload.isTruncated
    if isCut { census.note("HEP", "payload cut by the capture", frame: frame, bytes: record.missing) }
    let path = record.path(payload.path, transport)
    // What a stream carried is a whole message, and the same sending wherever it is seen: it has no number of its own.
    let delivery = transport == .udp ? Delivery.datagram : .message(position: 0)
    let correlation = bytes.extracting(record.correlation)
    guard record.isPacked else {
      let inner = Payload(
        path: path, time: time, bytes: bytes.extracting(record.payload), delivery: delivery, carried: payload.carried,
        isTruncated: isCut, marks: nil, correlation: correlation)
      if deliver(inner).bytes == 0, transport != .udp { census.count(.recorded) }
      return time
    }
    guard let plain = unpack?(bytes.extracting(record.payload)) else {
      census.count(.hepPacked)
      return nil
    }
    let inner = Payload(
      path: path, time: time, bytes: plain.span.bytes, delivery: delivery, carried: payload.carried,
      isTruncated: isCut, marks: nil, correlation: correlation)
    if deliver(inner).bytes == 0, transport != .udp { census.count(.recorded) }
    return time
  }

  // MARK: Version 3

  private static func readChunks(_ bytes: RawSpan, missing: Int) throws(DecodeIssue) -> Record? {
    let total = Int(bytes.u16(4))
    guard total >= 6, total <= bytes.byteCount + missing else { return nil }
    let end = min(total, bytes.byteCount)
    var record = Record()
    var clock = (seconds: UInt32(0), microseconds: UInt32(0))
    var offset = 6
    while offset + 6 <= end {
      let length = Int(bytes.u16(offset + 4))
      guard length >= 6 else { throw DecodeIssue("HEP", "chunk length under 6", at: offset + 4) }
      guard offset + length <= total else {
        throw DecodeIssue("HEP", "chunk reaches beyond the packet", at: offset + 4)
      }
      let value = offset + 6..<min(offset + length, end)
      if bytes.u16(offset) == 0 {
        record.note(bytes.u16(offset + 2), value, length - 6, bytes, &clock)
      }
      offset += length
    }
    record.setTime(clock.seconds, clock.microseconds)
    return record
  }

  // MARK: Versions 1 and 2

  private static func readFixed(_ bytes: RawSpan, missing: Int) -> Record? {
    let isIPv4 = bytes.u8(2) == 2
    let length = isIPv4 ? 16 : 40
    let header = bytes.u8(0) == 1 ? length : length + 12
    guard isIPv4 || bytes.u8(2) == 10, Int(bytes.u8(1)) == length, bytes.byteCount >= header,
      [6, 17, 132].contains(bytes.u8(3)), bytes.u16(4) != 0, bytes.u16(6) != 0
    else { return nil }
    var record = Record()
    record.transport = bytes.u8(3)
    record.source = Endpoint(isIPv4 ? IPAddress(v4: bytes.u32(8)) : IPAddress(v6: bytes, at: 8), bytes.u16(4))
    record.destination = Endpoint(isIPv4 ? IPAddress(v4: bytes.u32(12)) : IPAddress(v6: bytes, at: 24), bytes.u16(6))
    if bytes.u8(0) == 2 {
      // A microsecond is one of a million: that tells the byte order.
      let isLittleEndian = bytes.u32(length + 4).byteSwapped < 1_000_000
      func number(_ word: UInt32) -> UInt32 { isLittleEndian ? word.byteSwapped : word }
      guard number(bytes.u32(length + 4)) < 1_000_000 else { return nil }
      record.setTime(number(bytes.u32(length)), number(bytes.u32(length + 4)))
      let agent = bytes.u16(length + 8)
      record.agent = UInt32(isLittleEndian ? agent.byteSwapped : agent)
    }
    record.payload = header..<bytes.byteCount
    record.missing = missing
    return record
  }
}

/// Unpacks the format of zlib (RFC 1950); nil for anything else, and for what unpacks to more than a message may have.
package typealias Unpack = @Sendable (RawSpan) -> [UInt8]?

extension HEP.Record {
  /// As the agent saw the packet; `outer` is the way of the agent's own.
  fileprivate func path(_ outer: Path, _ transport: Transport) -> Path {
    var path = outer
    path.point.channel = CapturePoint.agent(agent)
    path.source = source
    path.destination = destination
    path.transport = transport
    path.hopLimit = 0
    path.identification = 0
    path.layers.append(.hep)
    return path
  }

  /// `length` is that of the whole value, of which the capture may hold less.
  fileprivate mutating func note(
    _ type: UInt16, _ value: Range<Int>, _ length: Int, _ bytes: RawSpan,
    _ clock: inout (seconds: UInt32, microseconds: UInt32)
  ) {
    let start = value.lowerBound
    switch (type, value.count) {
    case (2, 1): transport = bytes.u8(start)
    case (3, 4): source.address = IPAddress(v4: bytes.u32(start))
    case (4, 4): destination.address = IPAddress(v4: bytes.u32(start))
    case (5, 16): source.address = IPAddress(v6: bytes, at: start)
    case (6, 16): destination.address = IPAddress(v6: bytes, at: start)
    case (7, 2): source.port = bytes.u16(start)
    case (8, 2): destination.port = bytes.u16(start)
    case (9, 4): clock.seconds = bytes.u32(start)
    case (10, 4): clock.microseconds = bytes.u32(start)
    case (11, 1): kind = bytes.u8(start)
    case (12, 4): agent = bytes.u32(start)
    case (15, _), (16, _):
      payload = value
      missing = length - value.count
      // Some agents number the plain payload 16 too; that of zlib begins with its method and window.
      isPacked = type == 16 && value.count >= 2 && bytes.u8(start) & 0x0f == 8 && bytes.u16(start) % 31 == 0
    case (17, _): correlation = value
    default: break
    }
  }

  fileprivate mutating func setTime(_ seconds: UInt32, _ microseconds: UInt32) {
    guard seconds != 0 else { return }
    time = Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000 + Int64(microseconds) * 1000)
  }
}
