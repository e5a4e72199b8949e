/// One bound: what is kept or believed at the most, so that memory and time stay bounded whatever comes.
package struct Bound: Sendable, Hashable {
  /// "tcp.streams"; never changed.
  package var name: String
  package var value: Int
  /// "bytes", "seconds", or what is counted.
  package var unit: String
  package var what: String
  /// What coverage (or the list of an input's issues) says when it bites.
  package var says: String

  package init(_ name: String, _ value: Int, _ unit: String, _ what: String, says: String) {
    self.name = name
    self.value = value
    self.unit = unit
    self.what = what
    self.says = says
  }
}

/// Every bound of the readers and reassemblers: the one place where their numbers stand. docs/bounds.md is made from
/// `table`.
package enum Bounds {
  // MARK: Capture files

  @inlinable package static var largestPacket: Int { 16 << 20 }
  @inlinable package static var largestBlock: Int { 256 << 20 }
  @inlinable package static var captureIssues: Int { 100 }
  @inlinable package static var largestSoughtPacket: Int { 256 << 10 }
  @inlinable package static var soughtBytes: Int { 512 << 10 }
  @inlinable package static var farthestStamp: Int { 60 }
  @inlinable package static var blocksLookedAhead: Int { 64 }
  @inlinable package static var interfaces: Int { 65_535 }
  @inlinable package static var compressionDamages: Int { 100 }
  @inlinable package static var zstdWindowLog: Int { 27 }

  // MARK: Packets

  @inlinable package static var layers: Int { 16 }
  @inlinable package static var censusIssues: Int { 200 }
  @inlinable package static var extensionHeaders: Int { 8 }
  @inlinable package static var fragmentedDatagram: Int { 65_535 }
  @inlinable package static var fragmentBytes: Int { 4 << 20 }
  @inlinable package static var fragmentedDatagrams: Int { 1024 }
  @inlinable package static var fragmentPatience: Int { 30 }
  @inlinable package static var parkedBytes: Int { 64 << 20 }
  @inlinable package static var parkedPatience: Int { 300 }
  @inlinable package static var espAssociations: Int { 4096 }

  // MARK: Streams and user messages

  @inlinable package static var tcpStreams: Int { 65_536 }
  @inlinable package static var tcpHeld: Int { 64 << 20 }
  @inlinable package static var tcpAhead: Int { 256 << 10 }
  @inlinable package static var tcpUntaken: Int { 1 << 20 }
  @inlinable package static var tcpLeap: Int { 16 << 20 }
  @inlinable package static var tcpPatience: Int { 2 }
  @inlinable package static var tcpIdle: Int { 300 }
  @inlinable package static var sctpMessage: Int { 1 << 20 }
  @inlinable package static var sctpFragments: Int { 4096 }
  @inlinable package static var sctpBytes: Int { 4 << 20 }
  @inlinable package static var sctpMessages: Int { 1024 }
  @inlinable package static var sctpPatience: Int { 30 }

  // MARK: Messages

  @inlinable package static var sipHeaders: Int { 64 << 10 }
  @inlinable package static var sipBody: Int { 1 << 20 }
  @inlinable package static var sipStartLine: Int { 8 << 10 }
  @inlinable package static var diameterLength: Int { 1 << 20 }
  @inlinable package static var knownMessages: Int { 262_144 }
  @inlinable package static var knownMessagePatience: Int { 40 }
  @inlinable package static var knownEndpoints: Int { 65_536 }
  @inlinable package static var messageIssues: Int { 200 }
  @inlinable package static var clockPairs: Int { 512 }
}
