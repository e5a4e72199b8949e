import IMSBytes
import IMSCapture
import Testing

/// A damaged record costs itself, and what is said of it; the next one is read.
@Suite struct RecoveryTests {
  private let pcap = PcapRecipe()
  private let pcapng = PcapngRecipe()

  private static func packet(_ number: Int, count: Int = 90) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
  }

  private func records(_ numbers: ClosedRange<Int>) -> [[UInt8]] {
    numbers.map { pcap.record(1_700_000_000 + UInt32($0), 5, Self.packet($0)) }
  }

  private func blocks(_ numbers: ClosedRange<Int>) -> [[UInt8]] {
    numbers.map { pcapng.enhanced(0, (1_700_000_000 + UInt64($0)) * 1_000_000, Self.packet($0)) }
  }

  /// Whatever one byte of a record says: every other packet is read, and if anything was skipped, that is said.
  @Test(arguments: [false, true]) func oneChangedByteCostsOnePacket(isPcapng: Bool) throws {
    let head = isPcapng ? pcapng.section + pcapng.interface(1) : pcap.header
    let parts = isPcapng ? blocks(1...6) : records(1...6)
    let start = head.count + parts[0].count + parts[1].count
    let whole = head + parts.flatMap(\.self)
    let expected = (1...6).map { Self.packet($0) }
    let others = Array(expected[..<2] + expected[3...])
    for index in start..<start + parts[2].count {
      for flip in [UInt8(0x01), 0x10, 0x80, 0x5a, 0xff] {
        var bytes = whole
        bytes[index] ^= flip
        for chunk in [Int.max, 7] {
          var reader = try capture(bytes, blockSize: 1 << 20, chunk: chunk)
          let frames = reader.readAll()
          let read = frames.map(\.bytes).filter { others.contains($0) }
          #expect(read == others, "byte \(index - start) ^ \(flip): \(reader.issues)")
          let isWhole = frames.count == 6
          #expect(isWhole || !reader.issues.isEmpty, "byte \(index - start) ^ \(flip)")
          let places = UInt64(start)...UInt64(start + parts[2].count + 16)
          #expect(reader.issues.allSatisfy { places.contains($0.offset) })
          let times = frames.map { $0.nanoseconds / 1_000_000_000 - 1_700_000_000 }
          #expect(times.allSatisfy { (-60...66).contains($0) }, "byte \(index - start) ^ \(flip): \(times)")
        }
      }
    }
  }

  /// A damaged length that leads to the beginning of a later block.
  @Test func aLengthThatFitsByChanceCostsNothing() throws {
    let head = pcapng.section + pcapng.interface(1)
    var parts = blocks(1...6)
    parts[2].replaceSubrange(4..<8, with: pcapng.order.u32(UInt32(2 * parts[3].count)))
    var reader = try capture(head + parts.flatMap(\.self))
    #expect(reader.readAll().map(\.bytes) == (1...6).map { Self.packet($0) })
    #expect(
      reader.issues.map(\.reason) == [
        "packet 3 stands in a block that claims \(2 * parts[3].count) bytes and has \(parts[3].count)"
      ])
  }

  @Test(arguments: [false, true]) func saysHowMuchItSkipped(isPcapng: Bool) throws {
    let head = isPcapng ? pcapng.section + pcapng.interface(1) : pcap.header
    let parts = isPcapng ? blocks(1...3) : records(1...3)
    let garbage = [UInt8](repeating: 0xee, count: 1000)
    var reader = try capture(head + parts[0] + garbage + parts[1] + parts[2])
    #expect(reader.readAll().map(\.bytes) == (1...3).map { Self.packet($0) })
    #expect(reader.skipped == 1000)
    #expect(reader.losses == 1)
    #expect(reader.issues.count == 1)
    #expect(reader.issues.first?.reason.hasSuffix("damaged, 1000 bytes skipped") == true)
    #expect(reader.issues.first?.offset == UInt64(head.count + parts[0].count))
  }

  @Test(arguments: [false, true]) func findsTheNextRecordBehindMuchGarbage(isPcapng: Bool) throws {
    let head = isPcapng ? pcapng.section + pcapng.interface(1) : pcap.header
    let parts = isPcapng ? blocks(1...3) : records(1...3)
    let garbage = [UInt8](repeating: 0, count: 600_001)
    var reader = try capture(head + parts[0] + garbage + parts[1] + parts[2])
    #expect(reader.readAll().map(\.bytes) == (1...3).map { Self.packet($0) })
    #expect(reader.skipped == 600_001)
  }

  @Test(arguments: [false, true]) func garbageAtTheEndIsNoPacket(isPcapng: Bool) throws {
    let head = isPcapng ? pcapng.section + pcapng.interface(1) : pcap.header
    let parts = isPcapng ? blocks(1...2) : records(1...2)
    var reader = try capture(head + parts.flatMap(\.self) + [UInt8](repeating: 0xee, count: 200))
    #expect(reader.readAll().count == 2)
    #expect(reader.issues.map(\.reason.description).first?.hasSuffix("damaged, not read further") == true)
  }

  // MARK: Time stamps

  private func times(_ stamps: [UInt32], chunk: Int = .max) throws -> (seconds: [Int64], issues: [String]) {
    var reader = try capture(pcap.header + stamps.flatMap { pcap.record($0, 0, [1, 2]) }, chunk: chunk)
    let seconds = reader.readAll().map { $0.nanoseconds / 1_000_000_000 }
    return (seconds, reader.issues.map(\.reason))
  }

  @Test func aLoneStampIsNotBelieved() throws {
    for absurd: UInt32 in [0, 900, 1070, 4_000_000_000] {
      for place in 0..<4 {
        var stamps: [UInt32] = [1000, 1001, 1002, 1003]
        stamps[place] = absurd
        let (seconds, issues) = try times(stamps)
        // The last one may be a packet after a pause.
        if place == 3 {
          #expect(seconds == stamps.map { Int64($0) })
          continue
        }
        #expect(seconds.allSatisfy { (1000...1003).contains($0) }, "\(absurd) at \(place): \(seconds)")
        #expect(issues.count == 1)
        #expect(issues.first?.hasPrefix("packet \(place + 1) is stamped ") == true)
      }
    }
  }

  @Test func aPauseIsNoDamage() throws {
    for stamps: [UInt32] in [
      [1000, 1001, 5000, 5001, 900_000, 900_001], [1000, 5000, 9000, 13_000], [1000, 5000], [5000, 1000],
    ] {
      let (seconds, issues) = try times(stamps)
      #expect(seconds == stamps.map { Int64($0) })
      #expect(issues.isEmpty)
    }
  }

  @Test func interfacesWithClocksOfTheirOwnAreLeftAlone() throws {
    let stamps: [(UInt32, UInt64)] = [
      (0, 1000), (1, 90_000_000), (0, 1001), (1, 90_000_001), (0, 1002), (1, 90_000_002),
    ]
    let file =
      pcapng.section + pcapng.interface(1) + pcapng.interface(1)
      + stamps.flatMap { pcapng.enhanced($0.0, $0.1 * 1_000_000, [1, 2, 3]) }
    var reader = try capture(file)
    #expect(reader.readAll().map { UInt64($0.nanoseconds / 1_000_000_000) } == stamps.map(\.1))
    #expect(reader.issues.isEmpty)
  }

  @Test func neitherFirstNorLastTimeIsDragged() throws {
    var reader = try capture(
      pcap.header + [1000, 4_000_000_000, 1001, 1002].flatMap { pcap.record($0, 0, [1]) })
    _ = reader.readAll()
    #expect(reader.firstTime == Timestamp(nanoseconds: 1_000_000_000_000))
    #expect(reader.lastTime == Timestamp(nanoseconds: 1_002_000_000_000))
  }

  @Test func aStampMayBeAMinuteOff() throws {
    #expect(try times([1000, 1060, 1001, 1002]).issues.isEmpty)
    #expect(try times([1000, 1063, 1001, 1002]).issues.count == 1)
  }

  /// Only so many blocks are looked at for it; then the packets of other interfaces tell.
  @Test func itsOwnNextPacketIsNotSoughtForEver() throws {
    for (count, isOwnSeen) in [(10, true), (100, false)] {
      func packet(_ interface: UInt32, _ seconds: UInt64) -> [UInt8] {
        pcapng.enhanced(interface, seconds * 1_000_000, [1, 2, 3])
      }
      let others = (0..<count).flatMap { _ in packet(0, 1000) }
      let file =
        pcapng.section + pcapng.interface(1) + pcapng.interface(1) + packet(0, 1000) + packet(1, 9000) + others
        + packet(1, 9001)
      var reader = try capture(file)
      let seconds = reader.readAll().map { $0.nanoseconds / 1_000_000_000 }
      #expect(seconds[1] == (isOwnSeen ? 9000 : 1000))
      #expect(reader.issues.count == (isOwnSeen ? 0 : 1))
    }
  }

  // MARK: Bounds

  @Test func aBlockIsNoLongerThanItMayBe() throws {
    let head = pcapng.order.u32(5) + pcapng.order.u32(UInt32(Bounds.largestBlock) + 4)
    let long = head + [UInt8](repeating: 0, count: 40)
    var reader = try capture(
      pcapng.section + pcapng.interface(1) + blocks(1...1)[0] + long + blocks(2...2)[0])
    #expect(reader.readAll().count == 2)
    #expect(reader.issues.map(\.reason) == ["block of 268435460 bytes after packet 1: damaged, 48 bytes skipped"])
  }

  @Test func aLargePacketIsNotLookedFor() throws {
    let garbage = [UInt8](repeating: 0xee, count: 100)
    for count in [Bounds.largestSoughtPacket, Bounds.largestSoughtPacket + 1] {
      let large = pcap.record(1_700_000_001, 5, Self.packet(1, count: count))
      var reader = try capture(pcap.header + records(1...1)[0] + garbage + large + records(2...3).flatMap(\.self))
      #expect(reader.readAll().count == (count == Bounds.largestSoughtPacket ? 4 : 3))
    }
  }

  @Test func boundsTheInterfaces() throws {
    let one = pcapng.interface(1)
    var file = pcapng.section
    for _ in 0..<65_540 { file += one }
    var reader = try capture(file + pcapng.enhanced(65_000, 5, [1]) + pcapng.enhanced(65_537, 5, [1]))
    #expect(reader.readAll().count == 1)
    #expect(reader.interfaces.count == Bounds.interfaces)
    #expect(reader.issues.first?.reason == "more than 65535 interfaces")
  }
}

/// A file that does not begin as a capture does.
@Suite struct BeginningTests {
  private static func pcapng(_ isLittleEndian: Bool) -> [UInt8] {
    let recipe = PcapngRecipe(order: Order(isLittleEndian: isLittleEndian))
    return recipe.section + recipe.interface(1)
      + (1...3).flatMap { recipe.enhanced(0, (1_700_000_000 + UInt64($0)) * 1_000_000, [UInt8($0), 7, 9]) }
  }

  private static func pcap(_ isLittleEndian: Bool) -> [UInt8] {
    let recipe = PcapRecipe(order: Order(isLittleEndian: isLittleEndian))
    return recipe.header + (1...3).flatMap { recipe.record(1_700_000_000 + UInt32($0), 5, [UInt8($0), 7, 9]) }
  }

  @Test(arguments: [true, false]) func beginsAtTheFirstHeader(isLittleEndian: Bool) throws {
    let section = Self.pcapng(isLittleEndian)
    // The end of a section, cut anywhere, and of something else.
    let leads = stride(from: 1, to: section.count, by: 7).map { Array(section.suffix(from: $0)) }
    for lead in leads + [[UInt8](repeating: 0xee, count: 70_000), [7]] {
      for capture in [section, Self.pcap(isLittleEndian)] {
        for chunk in [Int.max, 7] {
          var reader = try CaptureReader(BlockFile(bytes: lead + capture, blockSize: 1 << 20, chunk: chunk))
          let frames = reader.readAll()
          #expect(frames.map(\.bytes) == (1...3).map { [$0, 7, 9] })
          #expect(reader.issues.map(\.reason) == ["no capture begins at the first byte: \(lead.count) bytes skipped"])
          #expect(reader.skipped == UInt64(lead.count) && reader.losses == 1)
          #expect(frames.allSatisfy { $0.offset > lead.count })
        }
      }
    }
  }

  @Test(arguments: [true, false]) func aPieceWithoutItsBeginningIsRefused(isLittleEndian: Bool) throws {
    let section = Self.pcapng(isLittleEndian)
    let error = #expect(throws: InputError.self) { _ = try capture(Array(section.dropFirst(40))) }
    #expect(error?.reason == "is a piece of a pcapng without its beginning, which says what its packets are")
  }

  /// Four bytes alone are no header.
  @Test func aMagicAloneIsNoBeginning() {
    for magic: [UInt8] in [[0x0a, 0x0d, 0x0d, 0x0a], [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0xc3, 0xd4]] {
      let error = #expect(throws: InputError.self) {
        _ = try capture(Array("text ".utf8) + magic + [UInt8](repeating: 0x20, count: 100))
      }
      #expect(error?.reason.hasPrefix("is neither pcap nor pcapng") == true)
    }
  }

  @Test func anArchiveStaysOne() {
    let error = #expect(throws: InputError.self) { _ = try capture([0x50, 0x4b, 3, 4] + Self.pcapng(true)) }
    #expect(error?.reason.contains("zip archive") == true)
  }
}
