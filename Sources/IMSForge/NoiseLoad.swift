/// What a capture of a whole site holds beside signalling: voice, video, its reports and files over TLS, with few
/// registrations in it. The same values give the same packets.
package struct NoiseLoad: Sendable {
  /// Of capture time.
  package var seconds: Int
  /// Begun in each of them.
  package var registrationRate: Int
  /// Of everything else.
  package var packetRate: Int
  private let registrations: RegistrationLoad

  package init(
    seconds: Int, registrationRate: Int = 1, packetRate: Int = 20_000, traffic: CarrierTraffic? = nil,
    respond: RegistrationLoad.Responder? = nil
  ) {
    precondition(registrationRate > 0 && packetRate > 0, "a rate of nothing")
    self.seconds = seconds
    self.registrationRate = registrationRate
    self.packetRate = packetRate
    registrations = RegistrationLoad(
      count: seconds * registrationRate, rate: registrationRate, traffic: traffic, respond: respond)
  }

  /// The point at which everything but the registrations was recorded.
  package static let point = RegistrationLoad.interfaces.firstIndex { $0.name == "p" } ?? 0

  /// Hands over all packets in order of time, a second of capture time at once. Registrations that nobody answers go on when
  /// the noise has ended.
  package func eachSecond(_ body: ([CaptureRecord]) throws -> Void) rethrows {
    var noise = Noise()
    var second = 0
    try registrations.eachSecond { signalling in
      defer { second += 1 }
      guard second < seconds else { return try body(signalling) }
      let begin = TraceText.start + Int64(second) * 1_000_000_000
      var records: [CaptureRecord] = []
      records.reserveCapacity(packetRate + signalling.count)
      var next = 0
      for index in 0..<packetRate {
        let time = begin + Int64(index) * 1_000_000_000 / Int64(packetRate)
        while next < signalling.count, signalling[next].time <= time {
          records.append(signalling[next])
          next += 1
        }
        records.append(CaptureRecord(interface: Self.point, time: time, bytes: noise.frame()))
      }
      try body(records + signalling[next...])
    }
  }

  private struct Noise {
    private static let gateway: HostAddress = "10.20.0.60"
    private static let server: HostAddress = "10.20.0.70"
    private static let streams = 400

    private var count = 0
    private var sequences = [UInt32](repeating: 0, count: Noise.streams)
    private var state: UInt64 = 0x2545_f491_4f6c_dd1d

    /// Of ten packets five are G.711, two AMR, one video, one of TLS; the last one is RTCP, STUN or ARP.
    mutating func frame() -> [UInt8] {
      count += 1
      switch count % 10 {
      case 0...4: return rtp(type: 8, octets: 160, tick: 160)
      case 5, 6: return rtp(type: 96, octets: 33, tick: 320)
      case 7: return rtp(type: 102, octets: 1150, tick: 3000)
      case 8: return tls(octets: 1395)
      default: return other()
      }
    }

    private mutating func random(_ octets: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(octets + 8)
      while bytes.count < octets {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: state >> UInt64(shift))) }
      }
      bytes.removeLast(bytes.count - octets)
      return bytes
    }

    private mutating func stream() -> (number: Int, handset: HostAddress, sequence: UInt32) {
      let number = count * 7 % Self.streams
      sequences[number] &+= 1
      return (number, HostAddress([10, 40, UInt8(number / 250), UInt8(number % 250 + 1)]), sequences[number])
    }

    /// RFC 3550 §5.1.
    private mutating func rtp(type: UInt8, octets: Int, tick: UInt32) -> [UInt8] {
      let (number, handset, sequence) = stream()
      var writer = ByteWriter()
      writer.u8(0x80)
      writer.u8(type)
      writer.u16(UInt16(truncatingIfNeeded: sequence))
      writer.u32(sequence &* tick)
      writer.u32(0x5000_0000 + UInt32(number))
      writer.raw(random(octets))
      return datagram(handset, port: 16384, writer.bytes, isDownward: number % 2 == 0)
    }

    private mutating func other() -> [UInt8] {
      let (number, handset, _) = stream()
      var writer = ByteWriter()
      switch count / 10 % 3 {
      case 0:
        // A sender report (RFC 3550 §6.4.1) without report blocks.
        writer.raw([0x80, 200, 0, 6])
        writer.u32(0x5000_0000 + UInt32(number))
        writer.raw(random(20))
        return datagram(handset, port: 16385, writer.bytes, isDownward: number % 2 == 0)
      case 1:
        // A binding request (RFC 8489 §5).
        writer.raw([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42])
        writer.raw(random(12))
        return datagram(handset, port: 3478, writer.bytes, isDownward: false)
      default:
        // Who has this address (RFC 826)?
        writer.raw([0, 1, 8, 0, 6, 4, 0, 1])
        writer.raw(handset.linkAddress + handset.bytes + [0, 0, 0, 0, 0, 0] + Self.gateway.bytes)
        writer.raw(repeatElement(0, count: 18))
        let broadcast = [UInt8](repeating: 0xff, count: 6)
        return EthernetBuilder(from: handset.linkAddress, to: broadcast, type: 0x0806, payload: writer.bytes).bytes
      }
    }

    /// A record of application data (RFC 8446 §5.1) on a connection that nobody closes.
    private mutating func tls(octets: Int) -> [UInt8] {
      let (_, handset, sequence) = stream()
      let segment = TCPBuilder(
        from: HostPort(Self.server, 443), to: HostPort(handset, 51_000),
        sequence: (sequence &- 1) &* UInt32(octets + 5), acknowledgement: 1,
        payload: [0x17, 3, 3, UInt8(octets >> 8), UInt8(octets & 255)] + random(octets))
      return PacketBuilder.tcp(segment, identification: UInt16(truncatingIfNeeded: sequence))
    }

    private func datagram(_ handset: HostAddress, port: UInt16, _ payload: [UInt8], isDownward: Bool) -> [UInt8] {
      let (here, there) = (HostPort(handset, port), HostPort(Self.gateway, port))
      return PacketBuilder.udp(
        from: isDownward ? there : here, to: isDownward ? here : there,
        identification: UInt16(truncatingIfNeeded: count), payload: payload)
    }
  }
}
