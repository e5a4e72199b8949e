/// A file, a pipe or some bytes in memory, read through one reused block.
///
/// The window is what has been read and not been skipped; `fill` waits only until the wanted bytes are there, so that
/// a pipe hands on each packet as it arrives. Spans are valid until the next `fill`.
@usableFromInline package final class BlockFile {
  /// Offset of the first byte of the window; in the unpacked bytes where the source unpacks.
  @inlinable package var position: UInt64 { origin &+ UInt64(truncatingIfNeeded: start) }

  private let source: any ByteSource
  // Asked for with every frame, read and written at once: there is no access for the runtime to guard.
  @exclusivity(unchecked) @usableFromInline var block: UnsafeMutableRawBufferPointer
  /// The window, in the block.
  @exclusivity(unchecked) @usableFromInline var start = 0
  @exclusivity(unchecked) @usableFromInline var end = 0
  /// Offset of the first byte of the block.
  @exclusivity(unchecked) @usableFromInline var origin: UInt64 = 0
  private var ended = false

  /// What is read at once stays in the second cache of a core until it was looked at.
  package static let blockSize = 256 << 10

  package init(_ source: any ByteSource, blockSize: Int = BlockFile.blockSize) {
    self.source = source
    block = .allocate(byteCount: max(64, blockSize), alignment: 16)
  }

  /// Opens a file, or standard input for "-", and reads it as it is.
  package convenience init(path: String) throws(InputError) { self.init(try FileSource(path: path)) }

  /// Bytes in memory, handed out at most `chunk` at a time through a block of `blockSize`.
  package convenience init(
    bytes: [UInt8], name: String = "memory", blockSize: Int = BlockFile.blockSize, chunk: Int = .max
  ) {
    self.init(MemorySource(bytes, name: name, chunk: chunk), blockSize: min(blockSize, bytes.count))
  }

  deinit { block.deallocate() }

  /// The same bytes once more, from the first one on, through a block of its own; nil where they come but once.
  package func again() -> BlockFile? {
    guard let source = source.again() else { return nil }
    source.isInterrupted = isInterrupted
    return BlockFile(source, blockSize: min(block.count, Self.blockSize))
  }

  /// As it was given; "standard input" for "-".
  package var path: String { source.path }

  /// Asked whenever a read would wait and after a signal: true makes the input behave as if it ended here.
  package var isInterrupted: (@Sendable () -> Bool)? {
    get { source.isInterrupted }
    set { source.isInterrupted = newValue }
  }

  /// `isInterrupted` ended the input.
  package var wasInterrupted: Bool { source.stop == .interrupted }

  /// What ended the input before its end.
  package var failure: InputError? {
    if case .failed(let error) = source.stop { error } else { nil }
  }

  /// Damage of a compressed input ended it before its end: the last of `damages`.
  package var isCutByDamage: Bool { source.stop == .damaged }

  /// What was found wrong with a compressed input so far. Bytes from before may still be in the window.
  package var damages: DamageLog { source.damages }

  /// The bytes are those that a compressed input held.
  package var isUnpacked: Bool { source.isUnpacked }

  /// Bytes taken from the file or pipe itself: of a compressed one, compressed bytes.
  package var taken: UInt64 { source.taken }

  @inlinable package var available: Int { end &- start }

  /// The window.
  @inlinable package var span: RawSpan {
    @_lifetime(borrow self) get {
      // SAFETY: 0 <= start <= end <= block.count, and a block has at least 64 bytes.
      let window = UnsafeRawBufferPointer(start: block.baseAddress! + start, count: end &- start)
      return _overrideLifetime(RawSpan(_unsafeBytes: window), borrowing: self)
    }
  }

  /// Reads until the window holds `count` bytes; false when the input ends before.
  @inlinable package func fill(_ count: Int) -> Bool { count <= available || readMore(count) }

  @usableFromInline func readMore(_ count: Int) -> Bool {
    while end - start < count {
      if ended { return false }
      makeRoom(for: count)
      let got = source.read(into: UnsafeMutableRawBufferPointer(rebasing: block[end...]))
      if got == 0 { ended = true } else { end += got }
    }
    return true
  }

  /// Moves the window's first byte on; false when the input ends before.
  @inlinable package func skip(_ count: Int) -> Bool {
    if count > available { return skipFurther(count) }
    start += count
    return true
  }

  @usableFromInline func skipFurther(_ count: Int) -> Bool {
    var left = count
    while left > available {
      left -= available
      start = end
      if !fill(1) { return false }
    }
    start += left
    return true
  }

  private func makeRoom(for count: Int) {
    if block.count - start >= count, end < block.count { return }
    if block.count >= count {
      block.baseAddress!.copyMemory(from: block.baseAddress! + start, byteCount: end - start)
    } else {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, block.count * 2), alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[start..<end]))
      block.deallocate()
      block = larger
    }
    end -= start
    origin += UInt64(start)
    start = 0
  }
}
