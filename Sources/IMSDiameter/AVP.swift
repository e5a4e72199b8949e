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
    data.count == 4 ? data.bytes.reduce(0) { $0 << 8 | UInt32($1) } : nil
  }

  package var unsigned64: UInt64? {
    data.count == 8 ? data.bytes.reduce(0) { $0 << 8 | UInt64($1) } : nil
  }

  /// The data read as a group, whatever the dictionary says. Empty and malformed below the eighth level.
  package var children: AVPSequence { AVPSequence(data.bytes, depth: depth + 1) }
}

/// AVPs one after the other, read while they are walked. A malformed AVP ends the walk; `malformed` tells why.
package struct AVPSequence: Sequence, Hashable, Sendable {
  package static let depthLimit = 8

  let bytes: ArraySlice<UInt8>
  let depth: Int

  init(_ bytes: ArraySlice<UInt8>, depth: Int) {
    self.bytes = bytes
    self.depth = depth
  }

  package struct Iterator: IteratorProtocol {
    var rest: ArraySlice<UInt8>
    let depth: Int
    package private(set) var malformed: DecodeIssue?

    package mutating func next() -> AVP? {
      guard !rest.isEmpty, malformed == nil else { return nil }
      guard depth <= AVPSequence.depthLimit else { return stop("AVPs nested deeper than \(AVPSequence.depthLimit)") }
      guard rest.count >= 8 else { return stop("AVP header cut short") }
      let start = rest.startIndex
      let flags = rest[start + 4]
      let header = flags & 0x80 != 0 ? 12 : 8
      let length = Int(rest[start + 5]) << 16 | Int(rest[start + 6]) << 8 | Int(rest[start + 7])
      guard length >= header else { return stop("AVP length \(length) is smaller than its header") }
      guard length <= rest.count else {
        return stop("AVP length \(length) is larger than the \(rest.count) bytes left")
      }
      let avp = AVP(
        code: number(start), vendor: header == 12 ? number(start + 8) : 0, flags: flags,
        data: Text(rest[(start + header)..<(start + length)]), offset: start, depth: depth)
      // The padding of the last AVP may be missing; the length of the message or of the group says so.
      rest = rest[Swift.min(start + (length + 3) & ~3, rest.endIndex)...]
      return avp
    }

    private func number(_ at: Int) -> UInt32 {
      UInt32(rest[at]) << 24 | UInt32(rest[at + 1]) << 16 | UInt32(rest[at + 2]) << 8 | UInt32(rest[at + 3])
    }

    private mutating func stop(_ reason: String) -> AVP? {
      malformed = DecodeIssue("Diameter", reason, at: rest.startIndex)
      return nil
    }
  }

  package func makeIterator() -> Iterator { Iterator(rest: bytes, depth: depth) }

  /// Why the walk ends before the bytes do.
  package var malformed: DecodeIssue? {
    var iterator = makeIterator()
    while iterator.next() != nil {}
    return iterator.malformed
  }

  package func first(_ name: AVPName) -> AVP? { first { name.names($0) } }
  package func all(_ name: AVPName) -> [AVP] { filter { name.names($0) } }
}
