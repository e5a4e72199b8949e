import IMSBytes
import IMSCapture
import IMSForge
import IMSMessages
import IMSWire
import Testing

/// What the sieve holds back, the reader would have made nothing of.
@Suite struct SieveTests {
  /// Frames are taken apart twice, with a sieve and without.
  struct Pair {
    private var plain = Side(sieve: nil)
    private var sieved = Side(sieve: MessageReader.sieve)
    private(set) var frames = 0

    mutating func feed(_ bytes: [UInt8], _ linkType: LinkType = .ethernet, missing: Int = 0) {
      frames += 1
      plain.feed(bytes, linkType, missing, number: frames)
      sieved.feed(bytes, linkType, missing, number: frames)
    }

    mutating func finish() -> (plain: Side, sieved: Side) {
      plain.dissector.finish { Taken(bytes: $0.bytes.byteCount) }
      sieved.dissector.finish { Taken(bytes: $0.bytes.byteCount) }
      return (plain, sieved)
    }
  }

  struct Side {
    var dissector: Dissector
    var reader = MessageReader()
    var delivered = 0

    init(sieve: Sieve?) { dissector = Dissector(input: 0, sieve: sieve) }

    mutating func feed(_ bytes: [UInt8], _ linkType: LinkType, _ missing: Int, number: Int) {
      let frame = Frame(
        number: UInt32(number), time: Timestamp(nanoseconds: Int64(number) * 1000), interface: 0, linkType: linkType,
        originalLength: UInt32(bytes.count + missing), fileOffset: UInt64(number), bytes: bytes.span.bytes)
      let news = dissector.feed(frame) { payload in
        delivered += 1
        return reader.feed(payload) { _ in 0 }
      }
      if news.hasForeignDatagram { reader.pass(at: news.time) }
    }

    var account: String {
      "\(reader.counts) \(reader.issues.entries) \(reader.notDecoded) \(dissector.census.issues) \(dissector.census.notDecoded)"
    }
  }

  private static let ends: (HostAddress, HostAddress) = ("10.0.0.1", "10.0.0.2")

  @Test func isSilentOfEveryPortAndFirstOctet() {
    let ports: [UInt16] = [
      53, 67, 68, 123, 500, 546, 547, 1023, 1024, 2123, 2152, 3386, 3387, 4500, 4789, 4790, 5060, 6081, 8472, 9060,
      16384,
      37008,
    ]
    var pair = Pair()
    for port in ports {
      for first in UInt8.min...UInt8.max {
        for (count, filler) in [(1, UInt8(0)), (30, 1), (63, 0x41), (64, 0x41), (64, 0x7f), (90, 0x80), (90, 0x0a)] {
          let payload = [first] + [UInt8](repeating: filler, count: count - 1)
          let (one, other) = (HostPort(Self.ends.0, port), HostPort(Self.ends.1, 40_000))
          pair.feed(PacketBuilder.udp(from: one, to: other, payload: payload))
          pair.feed(PacketBuilder.udp(from: other, to: one, payload: payload))
        }
      }
    }
    let (plain, sieved) = pair.finish()
    #expect(plain.account == sieved.account)
    #expect(plain.delivered - sieved.delivered > pair.frames / 10)
  }

  /// Headers in which one octet is another, in each kind of frame that the sieve looks into.
  @Test func isSilentOfChangedHeaders() {
    let media: [UInt8] = [0x80, 8, 0, 1] + [UInt8](repeating: 0xd5, count: 60)
    let datagram = PacketBuilder.udp(
      from: HostPort(Self.ends.0, 16384), to: HostPort(Self.ends.1, 16384), payload: media)
    let datagram6 = PacketBuilder.udp(
      from: HostPort("2001:db8::1", 16384), to: HostPort("2001:db8::2", 16384), payload: media)
    let segment = PacketBuilder.tcp(
      TCPBuilder(from: HostPort(Self.ends.0, 443), to: HostPort(Self.ends.1, 5000), sequence: 1, acknowledgement: 1))
    var pair = Pair()
    for frame in [datagram, datagram6, segment] {
      let type = Array(frame[12..<14])
      let packet = Array(frame[14...])
      let cooked: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
      let cooked2: [UInt8] = [0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0]
      let kinds: [(bytes: [UInt8], linkType: LinkType)] = [
        (frame, .ethernet), (frame[..<12] + [0x81, 0, 0, 7] + frame[12...], .ethernet),
        (cooked + type + packet, .linuxCooked), (type + cooked2 + packet, .linuxCooked2), (packet, .raw),
      ]
      for (bytes, linkType) in kinds {
        pair.feed(bytes, linkType, missing: 10)
        for count in 0..<bytes.count { pair.feed(Array(bytes[..<count]), linkType, missing: bytes.count - count) }
        for position in 0..<min(70, bytes.count) {
          for value in [UInt8(0), 1, 2, 5, 6, 8, 0x11, 0x14, 0x21, 0x2c, 0x32, 0x45, 0x46, 0x81, 0x86, 0xdd, 0xff] {
            var changed = bytes
            changed[position] = value
            pair.feed(changed, linkType)
          }
        }
      }
    }
    let (plain, sieved) = pair.finish()
    #expect(plain.account == sieved.account)
    #expect(plain.delivered - sieved.delivered > pair.frames / 10)
  }
}
