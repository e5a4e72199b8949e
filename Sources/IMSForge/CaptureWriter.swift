/// One recorded packet: what a capture file keeps of it.
package struct CaptureRecord: Hashable, Sendable {
  package var interface: Int
  package var linkType: UInt32
  /// Nanoseconds since 1970.
  package var time: Int64
  package var bytes: [UInt8]
  /// The length on the wire, larger than `bytes.count` when the capture cut the packet.
  package var originalLength: Int

  package init(interface: Int = 0, linkType: UInt32 = 1, time: Int64, bytes: [UInt8], originalLength: Int? = nil) {
    self.interface = interface
    self.linkType = linkType
    self.time = time
    self.bytes = bytes
    self.originalLength = originalLength ?? bytes.count
  }
}

/// An interface as a pcapng file describes it.
package struct CaptureInterface: Hashable, Sendable {
  package var name: String?
  package var linkType: UInt32
  package var snapLength: UInt32
  /// `if_tsresol`: a negative power of ten, or of two when bit 7 is set. Nil leaves the option out: microseconds.
  package var resolution: UInt8?

  package init(name: String? = nil, linkType: UInt32 = 1, snapLength: UInt32 = 262_144, resolution: UInt8? = nil) {
    self.name = name
    self.linkType = linkType
    self.snapLength = snapLength
    self.resolution = resolution
  }

  /// Nanoseconds as a count of this interface's unit; what is finer than the unit is cut off.
  package func ticks(_ nanoseconds: Int64) -> UInt64 {
    let value = UInt64(max(0, nanoseconds))
    let resolution = resolution ?? 6
    if resolution & 0x80 != 0 {
      let (seconds, rest) = value.quotientAndRemainder(dividingBy: 1_000_000_000)
      let shift = UInt64(resolution & 0x7f)
      return seconds << shift + (rest << shift) / 1_000_000_000
    }
    return resolution <= 9 ? value / powerOfTen(9 - resolution) : value * powerOfTen(resolution - 9)
  }

  /// The inverse of `ticks`.
  package func nanoseconds(_ ticks: UInt64) -> Int64 {
    let resolution = resolution ?? 6
    if resolution & 0x80 != 0 {
      let shift = UInt64(resolution & 0x7f)
      let fraction = ticks & (1 << shift - 1)
      return Int64((ticks >> shift) * 1_000_000_000 + (fraction * 1_000_000_000) >> shift)
    }
    return Int64(resolution <= 9 ? ticks * powerOfTen(9 - resolution) : ticks / powerOfTen(resolution - 9))
  }

  private func powerOfTen(_ exponent: UInt8) -> UInt64 { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}

package enum ByteOrder: Sendable { case little, big }

/// Capture files as bytes: classic pcap in both resolutions, pcapng with any number of interfaces; in either byte
/// order.
package struct CaptureWriter: Sendable {
  package var byteOrder: ByteOrder

  package init(byteOrder: ByteOrder = .little) { self.byteOrder = byteOrder }

  /// A classic file has one link type and no interfaces: those of the records are not looked at.
  package func pcap(
    _ records: some Sequence<CaptureRecord>, nanoseconds: Bool = false, linkType: UInt32 = 1,
    snapLength: UInt32 = 262_144
  ) -> [UInt8] {
    var file: [UInt8] = []
    u32(nanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4, to: &file)
    u16(2, to: &file)
    u16(4, to: &file)
    u32(0, to: &file)
    u32(0, to: &file)
    u32(snapLength, to: &file)
    u32(linkType, to: &file)
    for record in records {
      let (seconds, rest) = record.time.quotientAndRemainder(dividingBy: 1_000_000_000)
      u32(UInt32(truncatingIfNeeded: seconds), to: &file)
      u32(UInt32(nanoseconds ? rest : rest / 1000), to: &file)
      u32(UInt32(record.bytes.count), to: &file)
      u32(UInt32(record.originalLength), to: &file)
      file.append(contentsOf: record.bytes)
    }
    return file
  }

  package func pcapng(_ records: some Sequence<CaptureRecord>, interfaces: [CaptureInterface]) -> [UInt8] {
    var file: [UInt8] = []
    block(0x0a0d_0d0a, in: &file) { body in
      u32(0x1a2b_3c4d, to: &body)
      u16(1, to: &body)
      u16(0, to: &body)
      u32(.max, to: &body)  // section length not given
      u32(.max, to: &body)
    }
    for interface in interfaces {
      block(1, in: &file) { body in describe(interface, in: &body) }
    }
    for record in records {
      let ticks = interfaces[record.interface].ticks(record.time)
      block(6, in: &file) { body in
        u32(UInt32(record.interface), to: &body)
        u32(UInt32(ticks >> 32), to: &body)
        u32(UInt32(ticks & 0xffff_ffff), to: &body)
        u32(UInt32(record.bytes.count), to: &body)
        u32(UInt32(record.originalLength), to: &body)
        body.append(contentsOf: record.bytes)
        pad(&body)
      }
    }
    return file
  }

  private func describe(_ interface: CaptureInterface, in body: inout [UInt8]) {
    u16(UInt16(interface.linkType), to: &body)
    u16(0, to: &body)
    u32(interface.snapLength, to: &body)
    if let name = interface.name { option(2, Array(name.utf8), to: &body) }
    if let resolution = interface.resolution { option(9, [resolution], to: &body) }
    if interface.name != nil || interface.resolution != nil { option(0, [], to: &body) }
  }

  private func option(_ code: UInt16, _ value: [UInt8], to body: inout [UInt8]) {
    u16(code, to: &body)
    u16(UInt16(value.count), to: &body)
    body.append(contentsOf: value)
    pad(&body)
  }

  private func block(_ type: UInt32, in file: inout [UInt8], _ fill: (inout [UInt8]) -> Void) {
    var body: [UInt8] = []
    fill(&body)
    let length = UInt32(body.count + 12)
    u32(type, to: &file)
    u32(length, to: &file)
    file.append(contentsOf: body)
    u32(length, to: &file)
  }

  private func pad(_ body: inout [UInt8]) {
    while body.count % 4 != 0 { body.append(0) }
  }

  private func u16(_ value: UInt16, to bytes: inout [UInt8]) {
    let ordered = byteOrder == .big ? value : value.byteSwapped
    bytes.append(UInt8(ordered >> 8))
    bytes.append(UInt8(ordered & 0xff))
  }

  private func u32(_ value: UInt32, to bytes: inout [UInt8]) {
    let ordered = byteOrder == .big ? value : value.byteSwapped
    for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(ordered >> shift & 0xff)) }
  }
}
