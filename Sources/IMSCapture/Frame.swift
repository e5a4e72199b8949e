package import IMSBytes

/// One record of a capture file, borrowed from the reader's block: valid until the reader's next `next()`.
package struct Frame: ~Escapable {
  /// From 1 in the order of the file, as Wireshark numbers them.
  package var number: UInt32
  package var time: Timestamp
  /// Index into `CaptureReader.interfaces`.
  package var interface: UInt16
  package var linkType: LinkType
  /// Length of the packet on the wire; `bytes` is shorter when the capture cut it (snaplen).
  package var originalLength: UInt32
  /// Offset of the record in the file, in bytes.
  package var fileOffset: UInt64
  package var bytes: RawSpan

  package var isTruncated: Bool { bytes.byteCount < Int(originalLength) }

  @_lifetime(copy bytes)
  package init(
    number: UInt32, time: Timestamp, interface: UInt16, linkType: LinkType, originalLength: UInt32,
    fileOffset: UInt64, bytes: RawSpan
  ) {
    self.number = number
    self.time = time
    self.interface = interface
    self.linkType = linkType
    self.originalLength = originalLength
    self.fileOffset = fileOffset
    self.bytes = bytes
  }
}
