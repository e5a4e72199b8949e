import IMSBytes
import Testing

@Suite struct IndexedBytesTests {
  private struct Entry: BitwiseCopyable, Sendable, Equatable {
    var start: UInt32
    var mark: UInt8
  }

  private struct Record: BitwiseCopyable, Sendable, Equatable {
    var sum: UInt64
    var mark: UInt8
  }

  private struct Refusal: Error {}

  private static func made(_ bytes: [UInt8], entries: Int) -> IndexedBytes<Entry, Record> {
    IndexedBytes(bytes.span.bytes) { list in
      for number in 0..<entries { list.append(Entry(start: UInt32(number), mark: UInt8(number & 255))) }
      return Record(sum: UInt64(entries), mark: 7)
    }
  }

  /// Of every length beside a multiple of eight, with fewer and more entries than lie on the stack.
  @Test(arguments: [0, 1, 7, 8, 9, 600, 70_000], [0, 1, 2, 127, 128, 129, 5000])
  func holdsWhatItWasGiven(count: Int, entries: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let indexed = Self.made(bytes, entries: entries)
    #expect(indexed.count == count && indexed.entryCount == entries)
    #expect(Array(indexed.slice) == bytes && indexed.span.array == bytes)
    #expect(indexed.record == Record(sum: UInt64(entries), mark: 7))
    #expect(indexed.entries.map(\.start) == (0..<UInt32(entries)).map { $0 })
    if entries > 0 {
      #expect(indexed[entries - 1] == Entry(start: UInt32(entries - 1), mark: UInt8((entries - 1) & 255)))
    }
  }

  @Test func aTextIsASliceWithTheOffsetsOfTheWire() {
    let indexed = Self.made(Array("REGISTER".utf8), entries: 3)
    #expect(indexed.text(2..<5) == "GIS" && indexed.text(2..<5).bytes.startIndex == 2 && indexed.text(8..<8).isEmpty)
  }

  @Test func anotherRecordLeavesTheFirstAsItIs() {
    let first = Self.made([1, 2, 3], entries: 2)
    let second = IndexedBytes(first, record: Record(sum: 9, mark: 1))
    #expect(first.record.sum == 2 && second.record == Record(sum: 9, mark: 1))
    #expect(Array(second.slice) == [1, 2, 3] && second.entries.map(\.start) == [0, 1])
    #expect(first.isIdentical(to: first) && !first.isIdentical(to: second))
  }

  @Test func whatIsRefusedIsThrown() {
    #expect(throws: Refusal.self) {
      try IndexedBytes<Entry, Record>([UInt8](repeating: 1, count: 1).span.bytes) { (list) throws(Refusal) in
        throw Refusal()
      }
    }
  }

  @Test func entriesChangeWhileTheIndexIsMade() {
    let indexed = IndexedBytes<Entry, Record>([UInt8]().span.bytes) { list in
      for number in 0..<300 {
        list.append(Entry(start: 0, mark: 0))
        var entry = list[number]
        entry.start = UInt32(number)
        list[number] = entry
      }
      return Record(sum: UInt64(list.count), mark: 0)
    }
    #expect(indexed.entries.map(\.start) == (0..<300).map { UInt32($0) } && indexed.record.sum == 300)
  }
}
