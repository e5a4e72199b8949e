// RFC 1952 section 2.3.1 (gzip), RFC 8878 sections 3.1.1 and 3.1.2 (zstd frames and skippable frames).

/// A format that can be unpacked, told by its first bytes.
enum Compression {
  case gzip, zstd

  /// What `init(magic:)` wants to see.
  static let magicLength = 4

  init?(magic: UnsafeRawBufferPointer) {
    switch (byte(0), byte(1), byte(2), byte(3)) {
    case (0x1f, 0x8b, _, _): self = .gzip
    case (0x28, 0xb5, 0x2f, 0xfd): self = .zstd
    // A skippable frame: 0x184d2a50 to 0x184d2a5f.
    case (0x50...0x5f, 0x2a, 0x4d, 0x18): self = .zstd
    default: return nil
    }
    func byte(_ index: Int) -> Int { index < magic.count ? Int(magic[index]) : -1 }
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
}
