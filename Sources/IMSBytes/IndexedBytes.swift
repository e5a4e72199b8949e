/// The bytes of a message, an index of their parts and a record of what is known of them: one allocation that never changes.
///
/// The bytes stand first, so that offsets in it are those of the wire and a `Text` is a slice of it. Behind them follow the
/// entries of the index, the record, and how many there are of bytes and of entries.
@frozen @usableFromInline
package struct IndexedBytes<Entry: BitwiseCopyable & Sendable, Record: BitwiseCopyable & Sendable>: Sendable {
  @usableFromInline let storage: [UInt8]

  /// Copies `bytes`; `read` fills the index and makes the record. `bytes` are shorter than 4 GiB.
  @inlinable
  package init<Failure: Error>(
    _ bytes: RawSpan, _ read: (inout EntryList<Entry>) throws(Failure) -> Record
  ) throws(Failure) {
    var made: Result<[UInt8], Failure>?
    withUnsafeTemporaryAllocation(of: Entry.self, capacity: EntryList<Entry>.usual) { room in
      var entries = EntryList(room)
      do throws(Failure) {
        let record = try read(&entries)
        made = .success(Self.pack(bytes, entries, record))
      } catch {
        made = .failure(error)
      }
    }
    switch made {
    case .success(let storage): self.storage = storage
    case .failure(let error): throw error
    case nil: storage = []
    }
  }

  /// The same with another record.
  @inlinable package init(_ other: Self, record: Record) {
    var storage = other.storage
    storage.withUnsafeMutableBytes { $0.storeBytes(of: record, toByteOffset: other.recordStart, as: Record.self) }
    self.storage = storage
  }

  /// What was folded by `folded`.
  @inlinable package init(unfolding folded: FoldedOctets) { storage = folded.whole }

  /// Without what the text that stands there ends with as others do: see `CommonEnds`.
  @inlinable package func folded(_ text: Range<Int>, by ends: inout CommonEnds) -> FoldedOctets? {
    precondition(text.upperBound <= count)
    return ends.fold(storage, from: text.lowerBound, to: text.upperBound)
  }

  @inlinable static func pack(_ bytes: RawSpan, _ entries: borrowing EntryList<Entry>, _ record: Record) -> [UInt8] {
    precondition(MemoryLayout<Record>.alignment <= 8 && MemoryLayout<Entry>.alignment <= 8)
    let (count, index) = (bytes.byteCount, entries.count * MemoryLayout<Entry>.stride)
    let start = (count + index + 7) & ~7
    let total = start + tailSize
    return ByteRoom.filled(total) { room in
      // SAFETY: what is copied was counted into `total`, one behind the other.
      bytes.withUnsafeBytes { room.copyMemory(from: $0) }
      entries.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: room[(start - index)...]).copyMemory(from: $0) }
      room.storeBytes(of: record, toByteOffset: start, as: Record.self)
      room.storeBytes(of: UInt32(count), toByteOffset: total - 8, as: UInt32.self)
      room.storeBytes(of: UInt32(entries.count), toByteOffset: total - 4, as: UInt32.self)
    }
  }

  /// Of the record and the two numbers behind it, a multiple of 8.
  @inlinable static var tailSize: Int { (MemoryLayout<Record>.size + 7) & ~7 + 8 }
  @inlinable var recordStart: Int { storage.count &- Self.tailSize }

  // SAFETY: `init` wrote each of them at this place, and nothing changes the storage. Arrays begin at a multiple of 16.

  @inlinable package var count: Int {
    storage.withUnsafeBytes { Int($0.load(fromByteOffset: $0.count &- 8, as: UInt32.self)) }
  }
  @inlinable package var entryCount: Int {
    storage.withUnsafeBytes { Int($0.load(fromByteOffset: $0.count &- 4, as: UInt32.self)) }
  }
  @inlinable package var record: Record {
    unsafeAddress {
      storage.withUnsafeBytes {
        ($0.baseAddress! + ($0.count &- Self.tailSize)).assumingMemoryBound(to: Record.self)
      }
    }
  }

  /// Entry `number`, from 0.
  @inlinable package subscript(number: Int) -> Entry {
    let count = entryCount
    precondition(number >= 0 && number < count)
    return storage.withUnsafeBytes {
      $0.load(
        fromByteOffset: $0.count &- Self.tailSize &- (count &- number) &* MemoryLayout<Entry>.stride, as: Entry.self)
    }
  }

  @inlinable package var entries: Entries { Entries(bytes: self) }

  /// The index, for a loop over all of it.
  @inlinable package var entrySpan: Span<Entry> {
    @_lifetime(borrow self) get {
      let end = storage.count &- Self.tailSize
      return Span(_bytes: storage.span.bytes.extracting(end &- entryCount &* MemoryLayout<Entry>.stride..<end))
    }
  }

  /// The index as a collection.
  @frozen @usableFromInline package struct Entries: RandomAccessCollection, Sendable {
    @usableFromInline let bytes: IndexedBytes

    @inlinable init(bytes: IndexedBytes) { self.bytes = bytes }

    @inlinable package var startIndex: Int { 0 }
    @inlinable package var endIndex: Int { bytes.entryCount }
    @inlinable package subscript(number: Int) -> Entry { bytes[number] }
  }

  @inlinable package var span: RawSpan {
    @_lifetime(borrow self) get { storage.span.bytes.extracting(0..<count) }
  }
  @inlinable package var slice: ArraySlice<UInt8> { storage[0..<count] }
  /// Within the bytes.
  @inlinable package func text(_ range: Range<Int>) -> Text {
    precondition(range.upperBound <= count)
    return Text(storage[range])
  }

  /// Reads one octet of each cache line, so that what lay long untouched is fetched all at once and not line by line.
  @inlinable package func fetch() -> UInt8 {
    storage.withUnsafeBytes { buffer in
      var (sum, at): (UInt8, Int) = (0, 0)
      while at < buffer.count {
        sum ^= buffer[at]
        at &+= 64
      }
      return sum
    }
  }

  @inlinable package func isIdentical(to other: Self) -> Bool {
    storage.withUnsafeBytes { mine in other.storage.withUnsafeBytes { mine.baseAddress == $0.baseAddress } }
  }
}

@usableFromInline enum ByteRoom {
  /// So many bytes, zero but for what `fill` writes. Here, where it is made for bytes alone.
  @usableFromInline static func filled(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
    // Cheaper than an array that is not initialized, which the library makes for elements of any type.
    var bytes = [UInt8](repeating: 0, count: count)
    bytes.withUnsafeMutableBytes(fill)
    return bytes
  }
}

/// The index of a message while it is made: on the stack as long as it has no more entries than most.
@frozen @usableFromInline package struct EntryList<Entry: BitwiseCopyable & Sendable>: ~Copyable {
  @usableFromInline let room: UnsafeMutableBufferPointer<Entry>
  /// All of them, when there are more than `usual`.
  @usableFromInline var further: [Entry] = []
  @usableFromInline package internal(set) var count = 0

  /// What the stack gives without a second thought.
  @inlinable static var usual: Int { max(1, 1024 / MemoryLayout<Entry>.stride) }

  @inlinable init(_ room: UnsafeMutableBufferPointer<Entry>) { self.room = room }

  @inlinable package mutating func append(_ entry: Entry) {
    if count < room.count { room[count] = entry } else { spill(entry) }
    count &+= 1
  }

  @inlinable mutating func spill(_ entry: Entry) {
    if further.isEmpty { further = Array(room) }
    further.append(entry)
  }

  @inlinable package subscript(number: Int) -> Entry {
    get {
      precondition(number >= 0 && number < count)
      return count <= room.count ? room[number] : further[number]
    }
    set {
      precondition(number >= 0 && number < count)
      if count <= room.count { room[number] = newValue } else { further[number] = newValue }
    }
  }

  @inlinable borrowing func withUnsafeBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    if count <= room.count {
      body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<(count * MemoryLayout<Entry>.stride)]))
    } else {
      further.withUnsafeBytes(body)
    }
  }
}
