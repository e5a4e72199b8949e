package import IMSBytes

/// An attribute-value pair (RFC 6733 §4.1): a view on the bytes of its message.
package struct AVP: Hashable, Sendable {
  package let code: UInt32
  /// 0 when the V-bit is not set.
  package let vendor: UInt32
  package let flags: UInt8
  /// Without header and padding.
  package let data: Text
  /// Of the AVP header, from the first byte of the message.
  package let offset: Int
  /// 1 at the top level of the message.
  package let depth: Int

  package var name: AVPName { AVPName(code, vendor: vendor) }
  package var isVendorSpecific: Bool { flags & 0x80 != 0 }
  package var isMandatory: Bool { flags & 0x40 != 0 }
  package var isProtected: Bool { flags & 0x20 != 0 }
  package var definition: AVPDefinition? { AVPDefinition.of(name) }
  package var dictionary: AVPDefinition? { definition }

  /// Header and data, without padding.
  package var range: Range<Int> { offset..<data.bytes.endIndex }

  package var text: Text { data }

  package var unsigned32: UInt32? {
    data.read { $0.byteCount == 4 ? $0.u32(0) : nil }
  }

  package var unsigned64: UInt64? {
    data.count == 8 ? data.bytes.reduce(0) { $0 << 8 | UInt64($1) } : nil
  }

  /// The data read as a group, whatever the dictionary says. Empty and malformed below the eighth level.
  package var children: AVPSequence { AVPSequence(data.bytes, depth: depth + 1) }
}

/// AVPs one after the other, read while they are walked. A malformed AVP ends the walk; `malformed` tells why.
package struct AVPSequence: Sequence, Hashable, Sendable {
  package static var depthLimit: Int { Bounds.diameterDepth }

  let bytes: ArraySlice<UInt8>
  let depth: Int

  init(_ bytes: ArraySlice<UInt8>, depth: Int) {
    self.bytes = bytes
    self.depth = depth
  }

  /// The fields of one AVP, without a reference to the bytes: what most walks need of most AVPs. 16 bytes.
  package struct Header: BitwiseCopyable, Sendable {
    package let code: UInt32
    package let vendor: UInt32
    /// The flags, and behind them the length.
    private let word: UInt32
    private let place: UInt32

    /// At least 8 bytes stand at `offset`.
    init(_ bytes: RawSpan, _ offset: Int, start: Int) {
      let words = bytes.u64(offset)
      code = UInt32(truncatingIfNeeded: words >> 32)
      word = UInt32(truncatingIfNeeded: words)
      vendor = word & 0x8000_0000 != 0 && bytes.byteCount - offset >= 12 ? bytes.u32(offset + 8) : 0
      place = UInt32(truncatingIfNeeded: start)
    }

    package var flags: UInt8 { UInt8(truncatingIfNeeded: word >> 24) }
    /// As it says: header and data.
    var length: Int { Int(word & 0xff_ffff) }
    /// Index of its first byte in the message.
    var start: Int { Int(place) }

    /// Without header and padding.
    package var dataCount: Int { length - size }
    /// Index of the first octet of its data in the message.
    var dataStart: Int { start + size }

    /// `AVP.unsigned32`, in the bytes of its message.
    func unsigned32(_ bytes: RawSpan) -> UInt32? { dataCount == 4 ? bytes.u32(dataStart) : nil }

    /// Of the header.
    var size: Int { word & 0x8000_0000 != 0 ? 12 : 8 }
  }

  package struct Iterator: IteratorProtocol {
    private let bytes: ArraySlice<UInt8>
    private let depth: Int
    private var at: Int
    package private(set) var malformed: DecodeIssue?

    init(_ sequence: AVPSequence) {
      bytes = sequence.bytes
      depth = sequence.depth
      at = bytes.startIndex
    }

    package mutating func next() -> AVP? { nextHeader().map { AVP($0, of: bytes, depth: depth) } }

    package mutating func nextHeader() -> Header? {
      let left = bytes.endIndex - at
      guard left > 0, malformed == nil else { return nil }
      guard depth <= AVPSequence.depthLimit else { return stop("AVPs nested deeper than \(AVPSequence.depthLimit)") }
      guard left >= 8 else { return stop("AVP header cut short") }
      let found = Header(bytes.span.bytes, at - bytes.startIndex, start: at)
      guard found.length >= found.size else { return stop("AVP length \(found.length) is smaller than its header") }
      guard found.length <= left else {
        return stop("AVP length \(found.length) is larger than the \(left) bytes left")
      }
      // The padding of the last AVP may be missing; the length of the message or of the group says so.
      at = Swift.min(at + (found.length + 3) & ~3, bytes.endIndex)
      return found
    }

    private mutating func stop(_ reason: String) -> Header? {
      malformed = DecodeIssue("Diameter", reason, at: at)
      return nil
    }
  }

  package func makeIterator() -> Iterator { Iterator(self) }

  /// The AVPs that stand one after the other from `start` to the end of a message's bytes; false when the walk ends before,
  /// as `malformed` says of the same.
  @discardableResult
  static func walk(_ bytes: RawSpan, from start: Int, _ body: (Header) -> Void) -> Bool {
    var at = start
    let end = bytes.byteCount
    while at < end {
      guard end - at >= 8 else { return false }
      let header = Header(bytes, at, start: at)
      guard header.length >= header.size, header.length <= end - at else { return false }
      body(header)
      // The padding of the last AVP may be missing; the length of the message or of the group says so.
      at = Swift.min(at + (header.length + 3) & ~3, end)
    }
    return true
  }

  package func avp(_ header: Header) -> AVP { AVP(header, of: bytes, depth: depth) }

  /// `avp(header).unsigned32`.
  package func unsigned32(_ header: Header) -> UInt32? {
    header.dataCount == 4 ? bytes.span.bytes.u32(header.dataStart - bytes.startIndex) : nil
  }

  /// `avp(header).children`.
  package func children(_ header: Header) -> AVPSequence {
    AVPSequence(bytes[header.dataStart..<(header.start + header.length)], depth: depth + 1)
  }

  /// Why the walk ends before the bytes do.
  package var malformed: DecodeIssue? {
    var iterator = makeIterator()
    while iterator.nextHeader() != nil {}
    return iterator.malformed
  }

  package func first(_ name: AVPName) -> AVP? {
    var iterator = makeIterator()
    while let header = iterator.nextHeader() {
      if name.names(header) { return AVP(header, of: bytes, depth: depth) }
    }
    return nil
  }

  package func all(_ name: AVPName) -> [AVP] {
    var found: [AVP] = []
    var iterator = makeIterator()
    while let header = iterator.nextHeader() {
      if name.names(header) { found.append(AVP(header, of: bytes, depth: depth)) }
    }
    return found
  }
}

extension AVPName {
  func names(_ header: AVPSequence.Header) -> Bool { names(header.code, vendor: header.vendor) }
}

extension AVP {
  init(_ header: AVPSequence.Header, of bytes: ArraySlice<UInt8>, depth: Int) {
    self.init(
      code: header.code, vendor: header.vendor, flags: header.flags,
      data: Text(bytes[(header.start + header.size)..<(header.start + header.length)]), offset: header.start,
      depth: depth)
  }
}
