import IMSBytes
import IMSForge
import Testing

@Suite struct CaptureWriterTests {
  private let records = [
    CaptureRecord(interface: 0, time: 1_767_225_600_123_456_789, bytes: [1, 2, 3], originalLength: 60),
    CaptureRecord(interface: 1, linkType: 101, time: 1_767_225_600_123_457_000, bytes: [4, 5, 6, 7]),
  ]

  @Test func classicFile() {
    let file = CaptureWriter(byteOrder: .big).pcap(records.prefix(1))
    #expect(
      Hex.encode(file) == "a1b2c3d4000200040000000000000000" + "0004000000000001" + "6955b900" + "0001e240"
        + "00000003" + "0000003c" + "010203")
  }

  @Test(arguments: [ByteOrder.little, .big], [false, true])
  func classicFileIsReadBack(order: ByteOrder, nanoseconds: Bool) throws {
    let file = CaptureWriter(byteOrder: order).pcap(records, nanoseconds: nanoseconds, linkType: 101)
    let read = try CaptureEditor(file)
    #expect(read.records.map(\.bytes) == records.map(\.bytes))
    #expect(read.records.map(\.originalLength) == [60, 4])
    #expect(read.records.map(\.linkType) == [101, 101])
    #expect(read.records[0].time == 1_767_225_600_123_456_000 + (nanoseconds ? 789 : 0))
  }

  @Test(arguments: [ByteOrder.little, .big])
  func interfacesAreReadBack(order: ByteOrder) throws {
    let interfaces = [
      CaptureInterface(name: "eth0", resolution: 9), CaptureInterface(name: "lo", linkType: 101, snapLength: 300),
    ]
    let read = try CaptureEditor(CaptureWriter(byteOrder: order).pcapng(records, interfaces: interfaces))
    #expect(read.interfaces == interfaces)
    #expect(read.records == records)
  }

  @Test func resolutionInPowersOfTwo() {
    let interface = CaptureInterface(resolution: 0x80 | 20)
    #expect(interface.ticks(1_500_000_000) == 3 << 19)
    #expect(interface.nanoseconds(3 << 19) == 1_500_000_000)
  }

  @Test func refusesWhatIsNoCapture() {
    #expect(throws: CaptureEditor.Refusal.self) { try CaptureEditor(Array(repeating: 0, count: 24)) }
    #expect(throws: CaptureEditor.Refusal.self) { try CaptureEditor([0xa1]) }
  }
}
