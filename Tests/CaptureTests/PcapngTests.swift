import IMSBytes
import IMSCapture
import Testing

@Suite struct PcapngTests {
  private let recipe = PcapngRecipe()

  @Test func readsEveryKindOfPacketBlock() throws {
    let file =
      recipe.section + recipe.interface(1, options: recipe.option(2, Array("eth0".utf8)))
      + recipe.enhanced(0, 1_000_001, [1, 2, 3], original: 9) + recipe.simple([4, 5]) + recipe.obsolete(0, 3, [6])
    var reader = try capture(file)
    #expect(reader.format == .pcapng)
    let frames = reader.readAll()
    #expect(frames.map(\.bytes) == [[1, 2, 3], [4, 5], [6]])
    #expect(frames.map(\.nanoseconds) == [1_000_001_000, 1_000_001_000, 3000])
    #expect(frames.map(\.original) == [9, 2, 1])
    #expect(frames.map(\.number) == [1, 2, 3])
    #expect(reader.interfaces == [.init(name: "eth0", linkType: .ethernet, packets: 3)])
    #expect(reader.issues.map(\.reason) == ["packets without time stamp (Simple Packet Block)"])
    #expect(reader.firstTime?.nanoseconds == 3000)
  }

  @Test func limitsASimplePacketToTheSnapLength() throws {
    var reader = try capture(
      recipe.section + recipe.interface(1, snapLength: 3) + recipe.simple([1, 2, 3], original: 50))
    let frames = reader.readAll()
    #expect(frames.first?.bytes == [1, 2, 3])
    #expect(frames.first?.original == 50)
  }

  /// if_tsresol and if_tsoffset, a count of units, and the nanoseconds it stands for.
  @Test(arguments: [
    (UInt8(6), Int64(0), UInt64(1_500_000), Int64(1_500_000_000)),
    (9, 0, 1_500_000_000, 1_500_000_000),
    (3, 0, 1500, 1_500_000_000),
    (0, 0, 2, 2_000_000_000),
    (12, 0, 1_500_000_000_000, 1_500_000_000),
    (127, 0, .max, 0),
    (0x80, 0, 3, 3_000_000_000),
    (0x8a, 0, 1536, 1_500_000_000),
    (0xa0, 0, 3 << 31, 1_500_000_000),
    (0xc0, 0, 1 << 63, 500_000_000),
    (0xff, 0, .max, 0),
    (6, 10, 1, 10_000_001_000),
    (6, -10, 1, -9_999_999_000),
    (6, .min, 0, .min),
  ])
  func countsTimeInAnyUnit(resolution: UInt8, offset: Int64, ticks: UInt64, nanoseconds: Int64) throws {
    let options =
      recipe.option(9, [resolution]) + recipe.option(14, recipe.order.u64(UInt64(bitPattern: offset)))
    var reader = try capture(
      recipe.section + recipe.interface(1, options: options) + recipe.enhanced(0, ticks, [0]))
    #expect(reader.next()?.time.nanoseconds == nanoseconds)
  }

  /// In such a time nothing was recorded: the unit of the interface is wrong.
  @Test(arguments: [(UInt8(0), UInt64.max), (0x81, .max), (6, 1_764_000_000_000_000_000)])
  func aStampBehindTheEndOfTimeIsThatOfThePacketBefore(resolution: UInt8, ticks: UInt64) throws {
    var reader = try capture(
      recipe.section + recipe.interface(1) + recipe.interface(1, options: recipe.option(9, [resolution]))
        + recipe.enhanced(0, 5, [0]) + recipe.enhanced(1, ticks, [1]) + recipe.enhanced(1, ticks, [2])
        + recipe.enhanced(0, 7, [3]))
    #expect(reader.readAll().map(\.nanoseconds) == [5000, 5000, 5000, 7000])
    #expect(reader.issues.count == 1 && reader.issues[0].reason.contains("if_tsresol"), "\(reader.issues)")
  }

  @Test func numbersInterfacesOverSectionsOfEitherByteOrder() throws {
    let other = PcapngRecipe(order: Order(isLittleEndian: false))
    let nano = other.option(9, [9]) + other.option(0, [])
    let file =
      recipe.section + recipe.interface(1) + recipe.interface(113) + recipe.enhanced(1, 5, [1])
      + other.section + other.interface(276, options: nano) + other.enhanced(0, 7, [2]) + other.interface(101)
      + other.enhanced(1, 9, [3])
    var reader = try capture(file)
    let frames = reader.readAll()
    #expect(frames.map(\.interface) == [1, 2, 3])
    #expect(frames.map(\.linkType) == [113, 276, 101])
    #expect(frames.map(\.nanoseconds) == [5000, 7, 9000])
    #expect(reader.interfaces.map(\.packets) == [0, 1, 1, 1])
    #expect(reader.issues.isEmpty)
  }

  @Test func skipsWhatHoldsNoPacket() throws {
    let file =
      recipe.section + recipe.block(0x0bad, [1, 2, 3, 4]) + recipe.interface(1) + recipe.block(4, [0, 0, 0, 0])
      + recipe.block(5, [UInt8](repeating: 7, count: 400)) + recipe.enhanced(0, 1, [1])
      + recipe.enhanced(9, 1, [2]) + recipe.block(6, [1, 2, 3, 4]) + recipe.block(0x7777_7777, [])
      + recipe.enhanced(0, 2, [3])
    var reader = try capture(file, blockSize: 64)
    #expect(reader.readAll().map(\.bytes) == [[1], [3]])
    #expect(
      reader.issues.map(\.reason) == [
        "packet of an interface that is not described after packet 1", "packet block of 16 bytes after packet 1",
        "block of 12 bytes after packet 1 skipped: unknown type 0x77777777",
      ])
  }

  @Test func reportsABlockThatDeniesItsLength() throws {
    var packet = recipe.enhanced(0, 1, [1])
    packet[packet.count - 4] ^= 4
    var reader = try capture(recipe.section + recipe.interface(1) + packet + recipe.enhanced(0, 2, [2]))
    #expect(reader.readAll().count == 2)
    #expect(reader.issues.map(\.reason) == ["the two lengths of a block after packet 0 differ"])
  }

  @Test func endsAtABreakWithAnIssue() throws {
    let head = recipe.section + recipe.interface(1) + recipe.enhanced(0, 1, [1, 2, 3, 4, 5])
    let whole = head + recipe.enhanced(0, 2, [6])
    for length in 0..<whole.count {
      let cut = Array(whole.prefix(length))
      guard length >= 12 else {
        #expect(throws: InputError.self) { _ = try capture(cut) }
        continue
      }
      var reader = try capture(cut)
      let count = reader.readAll().count
      #expect(count == (length < head.count ? 0 : 1))
      if length > head.count + 8 {
        #expect(reader.issues == [CaptureIssue(reason: "file ends inside packet 2", offset: UInt64(head.count))])
      }
    }
  }

  @Test func survivesAnyByteChanged() throws {
    let file =
      recipe.section + recipe.interface(1, options: recipe.option(2, [0x61]) + recipe.option(9, [9]))
      + recipe.enhanced(0, 1, [1, 2, 3]) + recipe.simple([1]) + recipe.obsolete(0, 3, [6])
    for index in file.indices {
      for value in [UInt8(0), 1, 0x7f, 0x80, 0xff] {
        var bytes = file
        bytes[index] = value
        guard var reader = try? capture(bytes) else { continue }
        #expect(reader.readAll().count <= 3)
      }
    }
  }

  @Test func boundsTheIssues() throws {
    var file = recipe.section + recipe.interface(1)
    for _ in 0..<150 { file += recipe.enhanced(7, 1, []) }
    var reader = try capture(file)
    #expect(reader.readAll().isEmpty)
    #expect(reader.issues.count == 100)
    #expect(reader.furtherIssues == 50)
  }
}
