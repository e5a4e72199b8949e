import IMSBytes

/// Where a segment began and some of its first bytes: enough to tell whether another one that begins there repeats it.
///
/// A sender never puts other bytes at a sequence number that it has used, but traces that vendors' equipment writes may
/// give every segment the same one.
struct SegmentSample: BitwiseCopyable {
  /// So many contradictions in a row prove that the numbers stand still; one may be a damaged copy.
  static let proof = 2

  private(set) var start: UInt32 = 0
  private(set) var count = 0
  /// At the Hop-by-Hop and End-to-End Ids of Diameter, and where SIP has its Request-URI and topmost Via.
  private var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))

  init() {}

  init(_ bytes: RawSpan, at start: UInt32) {
    self.start = start
    count = bytes.byteCount
    if count >= 20 { words.0 = bytes.u64(12) }
    if count >= 56 { words.1 = bytes.u64(48) }
    if count >= 80 { words.2 = bytes.u64(72) }
    if count >= 104 { words.3 = bytes.u64(96) }
    if count >= 128 { words.4 = bytes.u64(120) }
  }

  /// Both begin at one place, and bytes that both have differ.
  func contradicts(_ other: SegmentSample) -> Bool {
    guard start == other.start, count > 1, other.count > 1 else { return false }
    let shared = min(count, other.count)
    return shared >= 20 && words.0 != other.words.0 || shared >= 56 && words.1 != other.words.1
      || shared >= 80 && words.2 != other.words.2 || shared >= 104 && words.3 != other.words.3
      || shared >= 128 && words.4 != other.words.4
  }

  func isCopy(of other: SegmentSample) -> Bool { count == other.count && start == other.start && !contradicts(other) }
}
