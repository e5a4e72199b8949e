// Reading numbers in network byte order. The caller has checked the length once (`byteCount`); a read outside the
// span traps, it never reads foreign memory.

extension RawSpan {
  @inlinable package func u8(_ offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < byteCount)
    return unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }

  @inlinable package func u16(_ offset: Int) -> UInt16 {
    precondition(offset >= 0 && offset <= byteCount - 2)
    return UInt16(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
  }

  @inlinable package func u24(_ offset: Int) -> UInt32 {
    UInt32(u8(offset)) << 16 | UInt32(u16(offset + 1))
  }

  @inlinable package func u32(_ offset: Int) -> UInt32 {
    precondition(offset >= 0 && offset <= byteCount - 4)
    return UInt32(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
  }

  @inlinable package func u64(_ offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset <= byteCount - 8)
    return UInt64(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
  }

  /// The bytes from `offset` to the end.
  @_lifetime(copy self)
  package func suffix(from offset: Int) -> RawSpan { extracting(offset..<byteCount) }

  package var array: [UInt8] { withUnsafeBytes { Array($0) } }
}
