import IMSBytes
import IMSCapture
import IMSForge
import Testing

/// What the forge writes is read as it was.
@Suite struct WriterTests {
  private static let records = (0..<8).map { number in
    CaptureRecord(
      interface: number % 2, time: 1_700_000_000_123_456_000 + Int64(number) * 1_000_000,
      bytes: (0...number * 7).map { UInt8($0) }, originalLength: number * 7 + 1 + number % 3)
  }
  private static let interfaces = [
    CaptureInterface(name: "gm", resolution: 9), CaptureInterface(name: "mw", linkType: 113, resolution: 6),
  ]

  @Test(arguments: [ByteOrder.little, .big], [false, true]) func pcapIsReadAsItWasWritten(
    order: ByteOrder, nanoseconds: Bool
  ) throws {
    let file = CaptureWriter(byteOrder: order).pcap(Self.records, nanoseconds: nanoseconds, linkType: 113)
    var reader = try capture(file)
    let read = reader.readAll()
    #expect(read.map(\.bytes) == Self.records.map(\.bytes))
    #expect(read.map(\.nanoseconds) == Self.records.map(\.time))
    #expect(read.map { Int($0.original) } == Self.records.map(\.originalLength))
    #expect(read.allSatisfy { $0.linkType == 113 } && reader.issues.isEmpty)
  }

  @Test(arguments: [ByteOrder.little, .big]) func pcapngIsReadAsItWasWritten(order: ByteOrder) throws {
    let file = CaptureWriter(byteOrder: order).pcapng(Self.records, interfaces: Self.interfaces)
    var reader = try capture(file)
    let read = reader.readAll()
    #expect(read.map(\.bytes) == Self.records.map(\.bytes))
    #expect(read.map(\.nanoseconds) == Self.records.map(\.time))
    #expect(read.map { Int($0.interface) } == Self.records.map(\.interface))
    #expect(read.map { Int($0.original) } == Self.records.map(\.originalLength))
    #expect(
      reader.interfaces.map(\.name) == ["gm", "mw"] && reader.interfaces.map(\.linkType) == [.ethernet, .linuxCooked])
    #expect(reader.issues.isEmpty)
  }
}
