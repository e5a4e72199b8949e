import IMSBytes
import IMSCapture
import IMSForge
import IMSWire

/// Packets of one conversation, byte by byte.
enum Recipe {
  static let addresses: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]

  static func ethernet(_ type: UInt16, _ rest: [UInt8]) -> [UInt8] { addresses + number(type) + rest }

  static func ipv4(
    _ transport: UInt8, _ rest: [UInt8], identification: UInt16 = 7, fragment: UInt16 = 0, total: UInt16? = nil,
    source: UInt8 = 1, destination: UInt8 = 2
  ) -> [UInt8] {
    [0x45, 0] + number(total ?? UInt16(truncatingIfNeeded: rest.count + 20)) + number(identification)
      + number(fragment) + [64, transport, 0, 0] + [10, 0, 0, source, 10, 0, 0, destination] + rest
  }

  static func ipv6(_ next: UInt8, _ rest: [UInt8]) -> [UInt8] {
    [0x60, 0, 0, 0] + number(UInt16(rest.count)) + [next, 63] + address6(1) + address6(2) + rest
  }

  static func address6(_ last: UInt8) -> [UInt8] { [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [last] }

  static func udp(_ rest: [UInt8], length: UInt16? = nil, source: UInt16 = 5060, destination: UInt16 = 5061) -> [UInt8]
  {
    number(source) + number(destination) + number(length ?? UInt16(rest.count + 8)) + [0, 0] + rest
  }

  static func tcp(_ sequence: UInt32, _ rest: [UInt8], flags: UInt8 = 0x18, source: UInt16 = 5060) -> [UInt8] {
    var writer = ByteWriter()
    writer.u16(source)
    writer.u16(40000)
    writer.u32(sequence)
    writer.u32(1)
    writer.raw([0x50, flags, 0xff, 0xff, 0, 0, 0, 0])
    return writer.bytes + rest
  }

  static func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }
}

/// A payload that outlives the closure.
struct Delivered: Equatable {
  var bytes: [UInt8]
  var delivery: Delivery
  var frames: [UInt32]
  var path: Path
  var time: Timestamp
  var isTruncated: Bool

  init(_ payload: borrowing Payload) {
    bytes = payload.bytes.array
    delivery = payload.delivery
    frames = payload.carried.all
    path = payload.path
    time = payload.time
    isTruncated = payload.isTruncated
  }

  /// Carries nothing and speaks of other packets.
  var isEvent: Bool {
    if case .event = delivery { return true }
    return false
  }
}

/// Feeds packets to a dissector and keeps what it delivers.
struct Bench {
  var dissector = Dissector(input: 3)
  var number: UInt32 = 0
  var delivered: [Delivered] = []
  /// Takes everything unless the test says otherwise.
  var take: (borrowing Payload) -> Taken = { Taken(bytes: $0.bytes.byteCount) }

  mutating func feed(
    _ bytes: [UInt8], linkType: LinkType = .ethernet, milliseconds: Int64? = nil, captured: Int? = nil
  ) {
    number += 1
    let frame = Frame(
      number: number, time: Timestamp(nanoseconds: 0) + .milliseconds(milliseconds ?? Int64(number)), interface: 1,
      linkType: linkType, originalLength: UInt32(bytes.count), fileOffset: UInt64(number) * 1000,
      bytes: bytes.span.bytes.extracting(0..<(captured ?? bytes.count)))
    var seen: [Delivered] = []
    let take = take
    dissector.feed(frame) { payload in
      seen.append(Delivered(payload))
      return take(payload)
    }
    delivered += seen
  }

  /// The packet with each byte changed to each of some values.
  mutating func feedChanged(_ packet: [UInt8], linkType: LinkType = .ethernet) {
    for position in packet.indices {
      for value in [UInt8(0), 1, 2, 9, 0x0f, 0x10, 0x11, 0x21, 0x2c, 0x40, 0x48, 0x7f, 0x80, 0x88, 0xff] {
        var changed = packet
        changed[position] = value
        feed(changed, linkType: linkType)
      }
    }
    finish()
  }

  mutating func finish() {
    var seen: [Delivered] = []
    let take = take
    dissector.finish { payload in
      seen.append(Delivered(payload))
      return take(payload)
    }
    delivered += seen
  }

  mutating func feedTCP(
    _ sequence: UInt32, _ text: String, flags: UInt8 = 0x18, milliseconds: Int64? = nil, cut: Int = 0
  ) {
    let packet = Recipe.ethernet(0x0800, Recipe.ipv4(6, Recipe.tcp(sequence, Array(text.utf8), flags: flags)))
    feed(packet, milliseconds: milliseconds, captured: packet.count - cut)
  }

  var texts: [String] { delivered.map { String(decoding: $0.bytes, as: UTF8.self) } }
  var issues: [String] { dissector.census.issues.map { "\($0.layer): \($0.reason)" } }
  var notDecoded: [String] { dissector.census.notDecoded.map { "\($0.name) \($0.frames)" } }
}

/// A protocol whose messages are lines: `take` answers with the lines that are whole.
final class Lines {
  struct Line: Equatable {
    var text: String
    var frames: [UInt32]
    var milliseconds: Int64
  }

  var lines: [Line] = []
  var repeated: [String] = []
  var afterGap: [Bool] = []

  func take(_ payload: borrowing Payload) -> Taken {
    let bytes = payload.bytes.array
    guard case .stream(_, let isAfterGap) = payload.delivery else {
      repeated.append(String(decoding: bytes, as: UTF8.self))
      return Taken(bytes: 0)
    }
    guard let end = bytes.firstIndex(of: 0x0a) else { return Taken(bytes: 0, wanted: bytes.count + 1) }
    let range = 0..<end + 1
    lines.append(
      Line(
        text: String(decoding: bytes[0..<end], as: UTF8.self), frames: payload.frames(of: range).all,
        milliseconds: payload.time(of: range).nanoseconds / 1_000_000))
    afterGap.append(isAfterGap)
    return Taken(bytes: end + 1)
  }

  var texts: [String] { lines.map(\.text) }
}
