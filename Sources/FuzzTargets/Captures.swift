import IMSBytes
import IMSCapture
import IMSForge

extension FuzzTarget {
  /// A capture file, read at once and in pieces as they may come from a pipe; the first byte says in which.
  package static let captures = FuzzTarget("captures", longest: 2048, seeds: CaptureSeeds.make) {
    (bytes) throws(Complaint) in
    var script = Script(bytes)
    let chunk = Int(script.u8())
    let file = script.rest()
    let whole = try CaptureCheck.read(BlockFile(bytes: file), file)
    let pieces = try CaptureCheck.read(BlockFile(bytes: file, blockSize: 64 + chunk, chunk: 1 + chunk), file)
    // The first packet with a stamp waits in a pipe for no other, so less is known of it.
    guard whole.packets.first == pieces.packets.first, whole.firstStamped == pieces.firstStamped else { return }
    try require(whole == pieces, "\(whole.summary) at once, \(pieces.summary) in pieces")
  }
}

private enum CaptureCheck {
  struct Reading: Equatable {
    struct Packet: Equatable {
      var bytes: [UInt8]
      var time: Timestamp
      var offset: UInt64
      var interface: UInt16
      var original: UInt32
    }

    var packets: [Packet] = []
    var interfaces: [CaptureReader.Interface] = []
    var refusal: String?

    var firstStamped: Packet? { packets.first { $0.time.nanoseconds != 0 } }
    var summary: String { refusal ?? "packets at \(packets.map { "\($0.offset): \($0.time.nanoseconds)" })" }
  }

  static func read(_ blocks: BlockFile, _ file: [UInt8]) throws(Complaint) -> Reading {
    var reading = Reading()
    var reader: CaptureReader
    do throws(InputError) { reader = try CaptureReader(blocks) } catch {
      reading.refusal = error.reason
      return reading
    }
    while true {
      let peeked = reader.peekTime()
      guard let frame = reader.next() else { break }
      let packet = Reading.Packet(
        bytes: frame.bytes.array, time: frame.time, offset: frame.fileOffset, interface: frame.interface,
        original: frame.originalLength)
      try require(peeked == frame.time, "packet \(frame.number) has another stamp than was told")
      try require(Int(frame.number) == reading.packets.count + 1, "packet \(frame.number) out of turn")
      try require(
        packet.offset >= reading.packets.last.map { $0.offset + UInt64($0.bytes.count) } ?? 0
          && Int(packet.offset) + packet.bytes.count <= file.count, "a packet at \(packet.offset)")
      reading.packets.append(packet)
    }
    try require(reader.peekTime() == nil && reader.packets == UInt32(reading.packets.count), "something behind the end")
    try require(reader.bytesRead <= UInt64(file.count) && reader.skipped <= UInt64(file.count), "more than there is")
    try require(reader.interfaces.reduce(0) { $0 + $1.packets } == reader.packets, "packets of no interface")
    for issue in reader.issues { try require(issue.offset <= UInt64(file.count), "\(issue)") }
    reading.interfaces = reader.interfaces
    return reading
  }
}

private enum CaptureSeeds {
  static func make(_ captures: [[UInt8]]) -> [[UInt8]] {
    let records = (0..<6).map { index in
      CaptureRecord(
        interface: index & 1, time: 1_700_000_000_000_000_000 + Int64(index) * 1_000_000,
        bytes: PacketBuilder.udp(
          from: HostPort("10.0.0.1", 5060), to: HostPort("10.0.0.2", 5060), payload: [UInt8(index), 1, 2]))
    }
    let interfaces = [
      CaptureInterface(name: "gm", resolution: 9), CaptureInterface(name: "mw", linkType: 1, resolution: 0x8a),
    ]
    var files: [[UInt8]] = []
    for order in [ByteOrder.little, .big] {
      let writer = CaptureWriter(byteOrder: order)
      let pcapng = writer.pcapng(records, interfaces: interfaces)
      files += [writer.pcap(records), writer.pcap(records, nanoseconds: true), pcapng, pcapng + pcapng]
      for at in [90, 150, 250] {
        var damaged = pcapng
        damaged[at] ^= 0xff
        files += [damaged, Array(pcapng.prefix(at)) + [1, 2, 3, 4] + pcapng.dropFirst(at), Array(pcapng.prefix(at))]
        damaged = writer.pcap(records)
        damaged[at] ^= 0xff
        files += [damaged, Array(damaged.prefix(at))]
      }
    }
    let little = CaptureWriter().pcapng(records, interfaces: interfaces)
    // Names, counters, a Simple Packet, an old packet block and one of nobody.
    files.append(
      little + block(4, [0, 0, 0, 0]) + block(5, [UInt8](repeating: 0, count: 12)) + block(3, [2, 0, 0, 0, 1, 2, 0, 0])
        + block(2, [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 2, 0, 0])
        + block(0x99, [1, 2, 3, 4]))
    return files.flatMap { file in [0, 7, 200].map { [$0] + file } }
  }

  private static func block(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    let length: [UInt8] = [UInt8(body.count + 12), 0, 0, 0]
    return [type, 0, 0, 0] + length + body + length
  }
}
