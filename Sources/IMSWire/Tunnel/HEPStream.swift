import IMSBytes

extension HEP {
  /// The magic, the length, and vendor and type of the first chunk.
  private static let recognised = 10

  /// What stands at the beginning of a stream's untaken bytes.
  enum Start {
    /// A packet of so many bytes, not all of which need be there.
    case packet(Int)
    /// Too little to tell.
    case need(Int)
    /// So many bytes before the next packet.
    case skip(Int)
    case foreign
  }

  /// In the middle of a stream the next packet is looked for: the messages in HEP look like those of others.
  static func start(_ bytes: RawSpan, afterGap: Bool) -> Start {
    switch length(ofPacket: bytes) {
    case 0: return .need(recognised)
    case let length?: return .packet(length)
    case nil: break
    }
    guard afterGap else { return .foreign }
    var offset = 1
    while let hit = bytes.firstIndex(of: 0x48, from: offset) {
      if let length = length(ofPacket: bytes.suffix(from: hit)), length > 0 { return .skip(hit) }
      offset = hit + 1
    }
    return .foreign
  }

  /// The length that the packet gives itself; nil where none begins, 0 where too little is there to tell.
  private static func length(ofPacket bytes: RawSpan) -> Int? {
    for index in 0..<min(4, bytes.byteCount)
    where bytes.u8(index) != UInt8(truncatingIfNeeded: magic >> UInt32(24 - 8 * index)) {
      return nil
    }
    guard bytes.byteCount >= recognised else { return 0 }
    // The first chunk is one of the general ones.
    let length = Int(bytes.u16(4))
    return length >= recognised && bytes.u16(6) == 0 && (1...64).contains(bytes.u16(8)) ? length : nil
  }
}

extension TCPStreams {
  /// Opens the packet of HEP that stands at the beginning of `payload`; nil when none does.
  mutating func takeHEP(
    _ payload: borrowing Payload, _ afterGap: Bool, _ census: inout Census, _ deliver: Deliver
  ) -> Taken? {
    let count = payload.bytes.byteCount
    switch HEP.start(payload.bytes, afterGap: afterGap) {
    case .foreign: return nil
    case .need(let total): return payload.isTruncated ? nil : Taken(bytes: 0, wanted: total)
    case .skip(let lost):
      census.note("HEP", "bytes before the next packet skipped", frame: payload.carried.first, bytes: lost)
      return Taken(bytes: lost)
    case .packet(let length):
      if length > count, !payload.isTruncated { return Taken(bytes: 0, wanted: length) }
      let range = 0..<min(length, count)
      let packet = Payload(
        path: payload.path, time: payload.time(of: range), bytes: payload.bytes.extracting(range),
        delivery: payload.delivery, carried: payload.frames(of: range), isTruncated: length > count)
      if let time = HEP.open(packet, missing: length - range.count, unpack, &census, deliver) { recorded = time }
      return Taken(bytes: range.count)
    }
  }
}
