internal import IMSBytes

/// Finds Diameter messages in bytes: recognition on any port, framing on a stream (RFC 6733 §3), resynchronisation after
/// a gap. Allocates nothing.
package enum DiameterFramer {
  package enum StartVerdict: Hashable, Sendable {
    case yes, no
    /// Nothing contradicts Diameter, but the first AVP header is not there yet.
    case needMore
  }

  package enum FrameVerdict: Hashable, Sendable {
    /// One whole message.
    case message(Range<Int>)
    /// At least so many bytes, counted from the first byte given, are needed to decide.
    case need(Int)
    case notDiameter
  }

  package static var lengthLimit: Int { Bounds.diameterLength }

  /// The first octet of no message's length is larger.
  package static var mostLength: UInt8 { UInt8(truncatingIfNeeded: min(lengthLimit, 0xff_ffff) >> 16) }

  /// The first byte of every message.
  package static var version: UInt8 { 1 }

  /// Do the version and the length of a message stand here?
  package static func mayBegin(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= 4 && bytes.u8(0) == version && isLength(Int(bytes.u24(1)))
  }

  /// Does a message stand here? Version 1, a sane length, reserved flags 0 and a first AVP that a message can begin with.
  package static func recognise(_ bytes: RawSpan) -> Bool { start(bytes, at: 0) == .yes }

  package static func looksLikeStart(_ bytes: RawSpan) -> StartVerdict { start(bytes, at: 0) }

  /// The message at the beginning of a stream that is known to be Diameter: only the header is judged, so that a message
  /// with an unusual first AVP does not lose the stream. Use `looksLikeStart` before the first message and after a gap.
  package static func frame(stream bytes: RawSpan) -> FrameVerdict {
    let header = self.header(bytes, at: 0)
    guard header != .no else { return .notDiameter }
    guard bytes.byteCount >= 4 else { return .need(20) }
    let length = Int(bytes.u24(1))
    guard header == .yes else { return .need(20) }
    return length <= bytes.byteCount ? .message(0..<length) : .need(length)
  }

  /// The next offset, at or after `from`, where a message with a known command begins or may begin once more bytes are
  /// there.
  package static func nextStart(in bytes: RawSpan, from: Int) -> Int? {
    var at = max(0, from)
    while let candidate = bytes.firstIndex(of: version, from: at) {
      if mayStart(bytes, at: candidate) { return candidate }
      at = candidate + 1
    }
    return nil
  }

  /// Does a message with a known command begin at this octet, which is `version`, or may one once more bytes are there?
  package static func mayStart(_ bytes: RawSpan, at candidate: Int) -> Bool {
    // Most bytes of this value begin nothing, and no length stands behind them.
    if candidate + 4 <= bytes.byteCount, !isLength(Int(bytes.u24(candidate + 1))) { return false }
    return (candidate + 8 > bytes.byteCount || CommandName.isKnown(bytes.u24(candidate + 5)))
      && start(bytes, at: candidate) != .no
  }
}

extension DiameterFramer {
  private static func isLength(_ length: Int) -> Bool { length >= 20 && length % 4 == 0 && length <= lengthLimit }

  /// Version, length, flags, as far as they are there.
  private static func header(_ bytes: RawSpan, at start: Int) -> StartVerdict {
    let count = bytes.byteCount - start
    guard count > 0 else { return .needMore }
    guard bytes.u8(start) == 1 else { return .no }
    guard count >= 4 else { return .needMore }
    let length = Int(bytes.u24(start + 1))
    guard isLength(length) else { return .no }
    guard count >= 5 else { return .needMore }
    let flags = bytes.u8(start + 4)
    // Reserved bits are 0, and a request is no error (RFC 6733 §3).
    guard flags & 0x0f == 0, flags & 0xa0 != 0xa0 else { return .no }
    return count >= 20 ? .yes : .needMore
  }

  private static func start(_ bytes: RawSpan, at start: Int) -> StartVerdict {
    let header = self.header(bytes, at: start)
    guard header == .yes else { return header }
    guard bytes.byteCount - start >= 24 else { return .needMore }
    guard canBegin(bytes.u32(start + 20), command: bytes.u24(start + 5)) else { return .no }
    guard bytes.byteCount - start >= 28 else { return .needMore }
    let room = Int(bytes.u24(start + 1)) - 20
    let smallest = bytes.u8(start + 24) & 0x80 != 0 ? 12 : 8
    let length = Int(bytes.u24(start + 25))
    return length >= smallest && length <= room ? .yes : .no
  }

  /// Session-Id and Origin-Host begin most messages. Result-Code begins the answers that RFC 6733 §5 defines for the
  /// connection itself, whose AVPs have no fixed place at all.
  private static func canBegin(_ code: UInt32, command: UInt32) -> Bool {
    switch code {
    case 263, 264: true
    case 257, 266, 268, 269, 273, 278, 281, 296: [257, 280, 282].contains(command)
    default: false
    }
  }
}
