// RFC 1952 section 2.3.1 (gzip), RFC 8878 sections 3.1.1 and 3.1.2 (zstd frames and skippable frames).

/// A format that can be unpacked, told by its first bytes.
enum Compression {
  case gzip, zstd

  /// What `init(magic:)` wants to see.
  static let magicLength = 4

  private static let magics: [(compression: Compression, bytes: [ClosedRange<UInt8>])] = [
    (.gzip, [0x1f...0x1f, 0x8b...0x8b]),
    (.zstd, [0x28...0x28, 0xb5...0xb5, 0x2f...0x2f, 0xfd...0xfd]),
    // A skippable frame: 0x184d2a50 to 0x184d2a5f.
    (.zstd, [0x50...0x5f, 0x2a...0x2a, 0x4d...0x4d, 0x18...0x18]),
  ]

  init?(magic: UnsafeRawBufferPointer) {
    let match = Self.magics.first { $0.bytes.count <= magic.count && Self.agree($0.bytes, magic) }
    guard let match else { return nil }
    self = match.compression
  }

  /// The format whose magic the last bytes of a file may have begun.
  init?(cutMagic: UnsafeRawBufferPointer) {
    let match = Self.magics.first {
      !cutMagic.isEmpty && cutMagic.count < $0.bytes.count && Self.agree($0.bytes, cutMagic)
    }
    guard let match else { return nil }
    self = match.compression
  }

  private static func agree(_ magic: [ClosedRange<UInt8>], _ bytes: UnsafeRawBufferPointer) -> Bool {
    zip(magic, bytes).allSatisfy { $0.contains($1) }
  }

  /// "gzip member"
  var unit: String {
    switch self {
    case .gzip: "gzip member"
    case .zstd: "zstd frame"
    }
  }

  func makeDecoder() -> (any StreamDecoder)? {
    switch self {
    case .gzip: GzipDecoder()
    case .zstd: ZstdDecoder()
    }
  }
}

/// Unpacks one member (frame) after the other.
protocol StreamDecoder: AnyObject {
  /// Ready for the first byte of the next one; false when memory is short.
  func begin() -> Bool
  /// Gives out what it can; with an empty input, what it still holds.
  func decode(_ input: UnsafeRawBufferPointer, into free: UnsafeMutableRawBufferPointer) -> DecodeStep
}

struct DecodeStep {
  enum State {
    case unfinished
    /// Of the member.
    case end
    /// With the library's words.
    case damaged(String)
  }

  var consumed: Int
  var produced: Int
  var state: State
  /// The member's content is not what its check sum or length says, in the library's words. Where the member ends is
  /// known all the same, so that the next one can be read.
  var mismatch: String?
}
