package import IMSBytes

/// The bytes of another source, unpacked where they are compressed: any number of gzip members and zstd frames in a row.
/// Bytes that begin otherwise are handed on as they are.
package final class InflatingSource: ByteSource {
  private enum Stage {
    case begin
    /// Not compressed.
    case plain
    case inside(Compression, any StreamDecoder)
    /// A member ended.
    case between
    case over
  }

  private let inner: any ByteSource
  private var stage = Stage.begin
  /// Used again for the next member.
  private var decoder: (compression: Compression, stream: any StreamDecoder)?
  package private(set) var damages = DamageLog()
  private var isDamaged = false
  private var wasInterrupted = false
  /// Members begun.
  private var members = 0
  /// The decoder filled all the room it had: it may hold more.
  private var holdsOutput = false

  private var block: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0

  package static let blockSize = 256 << 10

  package init(_ inner: any ByteSource) {
    self.inner = inner
    block = .allocate(byteCount: Self.blockSize, alignment: 16)
  }

  deinit { block.deallocate() }

  package var path: String { inner.path }
  package var isUnpacked: Bool { members > 0 }
  package var taken: UInt64 { inner.taken }
  package var isInterrupted: (@Sendable () -> Bool)? {
    get { inner.isInterrupted }
    set { inner.isInterrupted = newValue }
  }
  package var stop: SourceStop? {
    if isDamaged { return .damaged }
    return wasInterrupted ? .interrupted : inner.stop
  }

  package func again() -> (any ByteSource)? { inner.again().map { InflatingSource($0) } }

  package func read(into free: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      switch stage {
      case .begin: begin()
      case .plain: return readPlain(into: free)
      case .between: goOn()
      case .inside(let compression, let decoder):
        // A few bytes may unpack to gigabytes: the source below is too seldom asked.
        if inner.isInterrupted?() ?? false {
          wasInterrupted = true
          return 0
        }
        let produced = unpack(compression, decoder, into: free)
        if produced > 0 { return produced }
      case .over: return 0
      }
    }
  }

  private func begin() {
    _ = more(to: Compression.magicLength)
    if let compression = Compression(magic: window) { enter(compression) } else { stage = .plain }
  }

  private func readPlain(into free: UnsafeMutableRawBufferPointer) -> Int {
    guard start < end else {
      block.deallocate()
      block = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      start = 0
      end = 0
      return inner.read(into: free)
    }
    let count = min(end - start, free.count)
    free.copyMemory(from: UnsafeRawBufferPointer(rebasing: window.prefix(count)))
    start += count
    return count
  }

  /// Zeros may fill up the last block of a tape; everything else must be another member.
  private func goOn() {
    while more(to: 1), window[0] == 0 { start += 1 }
    _ = more(to: Compression.magicLength)
    if let compression = Compression(magic: window) {
      enter(compression)
      return
    }
    stage = .over
    if start == end || inner.stop != nil { return }
    if let compression = Compression(cutMagic: window) {
      start = end
      giveUp("compressed file ends inside \(compression.unit) \(members + 1)")
    } else {
      note("what follows \(decoder?.compression.unit ?? "member") \(members) is not compressed")
    }
  }

  private func enter(_ compression: Compression) {
    members += 1
    holdsOutput = false
    if decoder?.compression != compression { decoder = compression.makeDecoder().map { (compression, $0) } }
    if let decoder, decoder.stream.begin() {
      stage = .inside(compression, decoder.stream)
    } else {
      giveUp("not enough memory to unpack \(compression.unit) \(members)")
    }
  }

  private func unpack(
    _ compression: Compression, _ decoder: any StreamDecoder, into free: UnsafeMutableRawBufferPointer
  ) -> Int {
    if start == end, !holdsOutput, !more(to: 1) {
      stage = .over
      if inner.stop == nil { giveUp("compressed file ends inside \(compression.unit) \(members)") }
      return 0
    }
    let step = decoder.decode(window, into: free)
    start += step.consumed
    holdsOutput = step.produced == free.count
    if let reason = step.mismatch { note("\(compression.unit) \(members) is damaged: \(reason)") }
    switch step.state {
    case .unfinished where step.consumed == 0 && step.produced == 0 && start < end:
      giveUp("\(compression.unit) \(members) is damaged: it unpacks to nothing")
    case .unfinished: break
    case .end: stage = .between
    case .damaged(let reason):
      giveUp("\(compression.unit) \(members) is damaged: \(reason)")
    }
    return step.produced
  }

  private var window: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: block[start..<end]) }

  /// Reads until the window holds `count` bytes, far fewer than the block; false when the source ends before.
  private func more(to count: Int) -> Bool {
    while end - start < count {
      if start > 0 {
        block.baseAddress!.copyMemory(from: block.baseAddress! + start, byteCount: end - start)
        end -= start
        start = 0
      }
      let got = inner.read(into: UnsafeMutableRawBufferPointer(rebasing: block[end...]))
      if got == 0 { return false }
      end += got
    }
    return true
  }

  /// At the first byte that was not unpacked.
  private func note(_ reason: String) {
    damages.add(SourceDamage(reason: reason, offset: inner.taken - UInt64(end - start)))
  }

  /// Where the next member begins is not known either.
  private func giveUp(_ reason: String) {
    note(reason)
    isDamaged = true
    stage = .over
  }
}
