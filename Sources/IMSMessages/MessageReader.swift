import IMSAccess
package import IMSBytes
import IMSDiameter
import IMSSIP
package import IMSWire

/// Recognises SIP, Diameter, DNS and the signalling of the access network in payloads and makes messages of them; further
/// copies of a known message become sightings and retransmissions before anything is copied.
package struct MessageReader: Sendable {
  package private(set) var counts = Counts()
  package private(set) var issues = IssueLog()
  /// Bytes of known endpoints that hold no message, and messages that cannot be read; since they were asked for last.
  private var losses = LossLog(most: Bounds.messageLosses)
  private var unread = UnreadCounts()
  private var duplicates: Duplicates
  private var endpoints: KnownEndpoints
  private var nextID: UInt32 = 0
  private let outerPaths: OuterPaths

  /// How far the clocks of the capture points are apart, as far as the packets that several saw tell it.
  package var clocks: Clocks { duplicates.clocks.clocks }
  /// What they follow from.
  package var clockEstimator: ClockEstimator { duplicates.clocks }

  /// - Parameters:
  ///   - outerPaths: those of the dissectors.
  ///   - knownMessages, knownEndpoints: how many are remembered, so that copies and what is said of them are known.
  package init(
    outerPaths: OuterPaths = OuterPaths(), knownMessages: Int = Bounds.knownMessages,
    knownEndpoints: Int = Bounds.knownEndpoints
  ) {
    self.outerPaths = outerPaths
    duplicates = Duplicates(capacity: knownMessages)
    endpoints = KnownEndpoints(capacity: knownEndpoints)
  }

  /// What had to be forgotten, by name.
  package var forgotten: [String: Int] {
    [
      "messages whose copies would be known": duplicates.evicted, "endpoints of messages": endpoints.evicted,
      "appearances of messages that came again and again": duplicates.marksForgotten,
      "pairs of capture points whose clocks are compared": duplicates.clocks.unused,
      "places of loss": losses.leftOut, "issues of other kinds": issues.unlisted,
    ].filter { $0.value > 0 }
  }

  package mutating func takeLosses() -> [Loss] { losses.take() }

  /// Tells what `takeLosses` would give: asked after each payload.
  package mutating func tellLosses(_ tell: (Loss) -> Void) {
    if !losses.isEmpty { takeLosses().forEach(tell) }
  }

  private mutating func lose(_ payload: borrowing Payload) {
    losses.add(Loss(payload.path, payload.time, isCut: payload.isTruncated))
  }

  /// Bytes that may have been signalling: between endpoints that are known for it.
  private mutating func loseUnlessForeign(_ payload: borrowing Payload) { if isKnown(payload.path) { lose(payload) } }

  private func isKnown(_ path: Path) -> Bool { endpoints.contains(path.source) && endpoints.contains(path.destination) }

  /// What was recognised and not read, by name, with the number of packets.
  package var notDecoded: [(name: String, frames: UInt64)] { unread.all }

  /// What it makes nothing of, for dissectors to hold back; each datagram that they did is to be told by `pass`.
  package static let sieve = Sieve(ports: Recognizer.ports, begins: Recognizer.mayBeRead)

  /// A datagram that the sieve held back.
  package mutating func pass(at time: Timestamp) { duplicates.expire(at: time) }

  /// Gives what the payload holds to `emit`, which answers a route of its own choice (a lane, a subscriber) that comes
  /// back with each further sighting of that message.
  package mutating func feed(_ payload: borrowing Payload, _ emit: (consuming Event) -> UInt64) -> Taken {
    duplicates.expire(at: payload.time)
    switch payload.delivery {
    case .datagram:
      readDatagram(payload, emit)
      return Taken(bytes: payload.bytes.byteCount)
    case .message(let position):
      return readMessage(payload, position: position, emit)
    case .stream(let position, let afterGap):
      return readStream(payload, position: position, afterGap: afterGap, emit)
    case .passed:
      loseUnlessForeign(payload)
      noteClosed(payload.path, Unread.tls)
      return Taken(bytes: payload.bytes.byteCount)
    case .repeated(let position):
      readRepeated(payload, position: position, emit)
      return Taken(bytes: payload.bytes.byteCount)
    case .event(let event):
      return Taken(bytes: readEvent(event, payload, emit) ? 1 : 0)
    }
  }

  private mutating func readDatagram(_ payload: borrowing Payload, _ emit: (consuming Event) -> UInt64) {
    let bytes = payload.bytes
    let whole = 0..<bytes.byteCount
    let identity = UInt32(payload.path.identification)
    // Most datagrams are copies of a message that is known: they need no second look.
    if Recognizer.mayBeMessage(bytes, payload.path) {
      guard case .new(let key) = see(payload, whole, identity: identity, emit) else { return }
      if let proto = Recognizer.datagram(bytes, payload.path, isTruncated: payload.isTruncated) {
        return accept(proto, payload, whole, key, identity: identity, emit)
      }
    }
    if Recognizer.mayBeAccess(payload.path), readAccess(payload, emit) { return }
    // What the capture cut was counted with the packet.
    if !payload.isTruncated { noteRefusal(of: bytes, payload) }
    if noteSigComp(bytes, payload, isCut: payload.isTruncated) {
      lose(payload)
    } else if Recognizer.resemblesText(bytes) {
      loseUnlessForeign(payload)
    }
  }

  /// False when it is something else, or somebody else's.
  private mutating func noteSigComp(_ bytes: RawSpan, _ payload: borrowing Payload, isCut: Bool) -> Bool {
    guard SigComp.recognise(bytes, isCut: isCut), Unread.port(of: payload.path) != nil || isKnown(payload.path) else {
      return false
    }
    unread.add(.sigComp)
    return true
  }

  private mutating func noteClosed(_ path: Path, _ what: (UInt16) -> Unread) {
    if let port = Unread.port(of: path) { unread.add(what(port)) } else if isKnown(path) { unread.add(what(0)) }
  }

  /// False when the datagram is none of the access network.
  private mutating func readAccess(_ payload: borrowing Payload, _ emit: (consuming Event) -> UInt64) -> Bool {
    let bytes = payload.bytes
    guard let found = Recognizer.access(bytes, payload.path, isTruncated: payload.isTruncated) else { return false }
    let length = Recognizer.lengthBeforeNext(bytes, found)
    take(found, payload, 0..<length, emit)
    if length < bytes.byteCount,
      let next = Recognizer.access(bytes.suffix(from: length), payload.path, isTruncated: payload.isTruncated)
    {
      take(next, payload, length..<bytes.byteCount, emit)
    }
    return true
  }

  private mutating func take(
    _ found: Recognizer.Access, _ payload: borrowing Payload, _ range: Range<Int>, _ emit: (consuming Event) -> UInt64
  ) {
    switch found {
    case .unread(let what): unread.add(what)
    case .message(let proto): accept(proto, payload, range, identity: UInt32(payload.path.identification), emit)
    }
  }

  private mutating func readMessage(
    _ payload: borrowing Payload, position: UInt32, _ emit: (consuming Event) -> UInt64
  ) -> Taken {
    let count = payload.bytes.byteCount
    guard let (proto, range) = Recognizer.userMessage(payload.bytes) else {
      loseUnlessForeign(payload)
      if TLSRecord.beginsDTLS(payload.bytes) { noteClosed(payload.path, Unread.dtls) }
      return Taken(bytes: 0)
    }
    if range.count < count {
      issues.add("SCTP", "bytes behind the message", frame: payload.carried.first, point: payload.path.point)
    }
    let identity = position == 0 ? 0 : Self.identity(position, 0)
    guard payload.path.transport == .sctp else {
      accept(proto, payload, range, identity: identity, emit)
      return Taken(bytes: count)
    }
    // Any of the addresses of an association may carry a copy.
    var key = Fingerprint.empty
    key.combine(UInt64(payload.path.source.port) << 16 | UInt64(payload.path.destination.port))
    key.combine(payload.bytes.extracting(range))
    if case .new = see(key, payload, range, identity: identity, emit) {
      accept(proto, payload, range, key, identity: identity, emit)
    }
    return Taken(bytes: count)
  }

  private mutating func readStream(
    _ payload: borrowing Payload, position: UInt32, afterGap: Bool, _ emit: (consuming Event) -> UInt64
  ) -> Taken {
    var offset = 0
    var afterGap = afterGap
    let count = payload.bytes.byteCount
    // Most segments are copies of one that held one message and nothing else: they need no second look.
    let all: Fingerprint? = Recognizer.mayBegin(payload.bytes) ? Self.key(payload, 0..<count) : nil
    if let all,
      case .known = see(all, payload, 0..<count, identity: Self.identity(position, 0), onlyFramed: true, emit)
    {
      return Taken(bytes: count)
    }
    while offset < count {
      switch Recognizer.stream(payload.bytes.suffix(from: offset), payload.path) {
      case .message(let proto, let range):
        let whole = offset + range.lowerBound..<offset + range.upperBound
        let key = all.flatMap { whole == 0..<count ? $0 : nil } ?? Self.key(payload, whole)
        let identity = Self.identity(position, whole.lowerBound)
        if case .new = see(key, payload, whole, identity: identity, emit) {
          accept(proto, payload, whole, key, identity: identity, isFramed: true, emit)
        }
        offset = whole.upperBound
        afterGap = false
      case .skip(let bytes):
        offset += max(1, bytes)
      case .need(let total):
        if payload.isTruncated, SIPFramer.recogniseCut(payload.bytes.suffix(from: offset)) {
          accept(.sip, payload, offset..<count, identity: Self.identity(position, offset), emit)
          return Taken(bytes: count)
        }
        return Taken(bytes: offset, wanted: max(total, count - offset + 1))
      case .foreign:
        if !afterGap {
          noteRefusal(of: payload.bytes.suffix(from: offset), payload)
          loseUnlessForeign(payload)
          // In a stream a mark stands at its end, and its length is not told.
          if offset == 0 { _ = noteSigComp(payload.bytes, payload, isCut: true) }
        }
        if let end = TLSRecord.end(payload.bytes, from: offset) {
          if offset == 0 { noteClosed(payload.path, Unread.tls) }
          offset = end
          continue
        }
        guard let next = Recognizer.nextStart(payload.bytes, from: offset + 1) else {
          return Self.leftover(offset: offset, count: count, afterGap: afterGap)
        }
        issues.add(
          "stream", "bytes between two messages skipped", frame: payload.carried.first, point: payload.path.point)
        offset = next
      }
    }
    // Of a record of TLS the rest is yet to come.
    return Taken(bytes: count, passing: offset - count)
  }

  /// Bytes in which no message begins: after a gap the first half of a message may still arrive behind its second half,
  /// so a little is kept; in an orderly stream they are somebody else's protocol.
  private static func leftover(offset: Int, count: Int, afterGap: Bool) -> Taken {
    let keep = afterGap && count - offset <= 16_384
    return keep ? Taken(bytes: offset, wanted: count - offset + 1) : Taken(bytes: count)
  }

  /// A segment that came again, or one of a gap that was given up: the messages in it are known, unless they were lost there.
  private mutating func readRepeated(
    _ payload: borrowing Payload, position: UInt32, _ emit: (consuming Event) -> UInt64
  ) {
    var offset = 0
    while offset < payload.bytes.byteCount {
      switch Recognizer.stream(payload.bytes.suffix(from: offset), payload.path) {
      case .message(let proto, let range):
        let whole = offset + range.lowerBound..<offset + range.upperBound
        accept(proto, payload, whole, identity: Self.identity(position, whole.lowerBound), emit)
        offset = whole.upperBound
      case .skip(let bytes): offset += max(1, bytes)
      case .need, .foreign: return
      }
    }
  }

  private mutating func accept(
    _ proto: Recognizer.Proto, _ payload: borrowing Payload, _ range: Range<Int>, identity: UInt32,
    _ emit: (consuming Event) -> UInt64
  ) {
    guard case .new(let key) = see(payload, range, identity: identity, emit) else { return }
    accept(proto, payload, range, key, identity: identity, emit)
  }

  private mutating func accept(
    _ proto: Recognizer.Proto, _ payload: borrowing Payload, _ range: Range<Int>, _ key: Fingerprint,
    identity: UInt32, isFramed: Bool = false, _ emit: (consuming Event) -> UInt64
  ) {
    guard let body = parse(proto, payload, range) else { return }
    endpoints.insert(payload.path.source)
    endpoints.insert(payload.path.destination)
    give(consume body, key, payload, range, identity: identity, isFramed: isFramed, emit)
  }

  private mutating func give(
    _ body: consuming Message.Body, _ key: Fingerprint, _ payload: borrowing Payload, _ range: Range<Int>,
    identity: UInt32, isFramed: Bool = false, _ emit: (consuming Event) -> UInt64
  ) {
    let sighting = Self.sighting(payload, range, identity)
    let message = Message(
      id: MessageID(nextID), body: consume body, source: payload.path.source, destination: payload.path.destination,
      transport: payload.path.transport, isTruncated: payload.isTruncated, sighting: sighting,
      outerPaths: outerPaths, correlation: payload.correlation.byteCount == 0 ? nil : payload.correlation.array)
    let id = message.id
    nextID += 1
    let route = emit(.message(consume message))
    duplicates.insert(
      key, id: id, route: route, identity: identity, isFramed: isFramed, point: payload.path.point,
      time: payload.time)
  }

  /// False when it speaks of packets between endpoints of which no message was seen. Said again of the same packets it is a
  /// repetition.
  private mutating func readEvent(
    _ event: TransportEvent, _ payload: borrowing Payload, _ emit: (consuming Event) -> UInt64
  ) -> Bool {
    guard endpoints.contains(event.source) || endpoints.contains(event.destination) else { return false }
    var key = Fingerprint.empty
    for endpoint in [payload.path.source, payload.path.destination, event.source, event.destination] {
      key.combine(endpoint)
    }
    key.combine(event.code)
    let identity = UInt32(payload.path.identification)
    guard case .new = see(key, payload, 0..<0, identity: identity, emit) else { return true }
    counts.events += 1
    give(.event(event), key, payload, 0..<0, identity: identity, emit)
    return true
  }

  private enum Appearance {
    case known
    case new(Fingerprint)
  }

  private mutating func see(
    _ payload: borrowing Payload, _ range: Range<Int>, identity: UInt32, _ emit: (consuming Event) -> UInt64
  ) -> Appearance {
    see(Self.key(payload, range), payload, range, identity: identity, emit)
  }

  /// What makes two copies of a message equal: its ends and its bytes.
  private static func key(_ payload: borrowing Payload, _ range: Range<Int>) -> Fingerprint {
    var key = Fingerprint.empty
    key.combine(from: payload.path.source, to: payload.path.destination)
    key.combine(payload.bytes.extracting(range))
    return key
  }

  private mutating func see(
    _ key: Fingerprint, _ payload: borrowing Payload, _ range: Range<Int>, identity: UInt32,
    onlyFramed: Bool = false, _ emit: (consuming Event) -> UInt64
  ) -> Appearance {
    guard
      let match = duplicates.match(
        key, identity: identity, onlyFramed: onlyFramed, point: payload.path.point, time: payload.time,
        from: payload.path.source, to: payload.path.destination)
    else { return .new(key) }
    if match.isNew { counts.retransmissions += 1 } else { counts.copies += 1 }
    _ = emit(
      .sighting(
        match.id, route: match.route, transmission: match.transmission, Self.sighting(payload, range, identity),
        source: payload.path.source, destination: payload.path.destination))
    return .known
  }

  private mutating func parse(
    _ proto: Recognizer.Proto, _ payload: borrowing Payload, _ range: Range<Int>
  ) -> Message.Body? {
    let bytes = payload.bytes.extracting(range)
    do throws(DecodeIssue) {
      switch proto {
      case .sip:
        let message = try SIPMessage(parsing: bytes, truncated: payload.isTruncated)
        for issue in message.issues { log(issue, payload) }
        counts.sip += 1
        return .sip(message)
      case .diameter:
        let message = try DiameterMessage(parsing: bytes)
        for issue in message.issues { log(issue, payload) }
        counts.diameter += 1
        return .diameter(message)
      case .dns:
        let message = try DNSMessage(parsing: bytes)
        counts.dns += 1
        return .dns(message)
      case .gtp:
        let message = try GTPMessage(parsing: bytes)
        counts.gtp += 1
        return access(.gtp(message), payload)
      case .dhcp, .dhcpv6:
        let message = try DHCPMessage(parsing: bytes, version: proto == .dhcp ? 4 : 6)
        counts.dhcp += 1
        return access(.dhcp(message), payload)
      }
    } catch {
      log(error, payload)
      lose(payload)
      return nil
    }
  }

  private mutating func access(_ message: AccessMessage, _ payload: borrowing Payload) -> Message.Body {
    // What the capture cut was counted with the packet.
    if !payload.isTruncated { for issue in message.issues { log(issue, payload) } }
    return .access(message)
  }

  private mutating func log(_ issue: DecodeIssue, _ payload: borrowing Payload) {
    issues.add(issue.layer, issue.reason, frame: payload.carried.first, point: payload.path.point)
  }

  /// Bytes that look like SIP and are not read are lost, but not without a word.
  private mutating func noteRefusal(of bytes: RawSpan, _ payload: borrowing Payload) {
    guard let reason = SIPFramer.refusal(of: bytes) else { return }
    issues.add("SIP", reason, frame: payload.carried.first, point: payload.path.point)
  }

  private static func sighting(_ payload: borrowing Payload, _ range: Range<Int>, _ identity: UInt32) -> Sighting {
    Sighting(
      point: payload.path.point, time: payload.time(of: range), frames: payload.frames(of: range),
      hopLimit: payload.path.hopLimit, layers: payload.path.layers, identity: identity, spi: payload.path.spi,
      outer: payload.path.outer)
  }

  /// The TCP sequence number of a message's first byte, the TSN of its first chunk; never 0, which means "none".
  private static func identity(_ position: UInt32, _ offset: Int) -> UInt32 {
    max(1, position &+ UInt32(truncatingIfNeeded: offset))
  }
}
