package import IMSBytes

/// Reads a pcap or pcapng capture record by record; the format is told by the first bytes.
///
/// A damaged file is read as far as it can be understood: `next` then returns nil and `issues` says why.
package struct CaptureReader {
  package enum Format: Hashable, Sendable {
    case pcap, pcapng

    package var name: String {
      switch self {
      case .pcap: "pcap"
      case .pcapng: "pcapng"
      }
    }
  }

  package struct Interface: Hashable, Sendable {
    /// if_name of pcapng; pcap has none.
    package var name: String?
    package var linkType: LinkType
    /// Packets read from it so far.
    package var packets: UInt32

    package init(name: String?, linkType: LinkType, packets: UInt32) {
      self.name = name
      self.linkType = linkType
      self.packets = packets
    }
  }

  package let format: Format
  /// Grows while a pcapng is read. The numbering goes on over sections; pcap has one.
  package var interfaces: [Interface] {
    described.indices.map {
      Interface(name: described[$0].name, linkType: described[$0].linkType, packets: tallies[$0].packets)
    }
  }
  /// Of `interfaces`. Asked with every frame: a number of its own, so that nobody copies the reader to count them.
  package private(set) var interfaceCount = 0
  private var described: [Interface] = []
  /// By interface.
  private(set) var tallies: [Tally] = []
  /// What the file says of each of `interfaces` and of who wrote it, in one number: equal in all files of a recorder.
  package internal(set) var origins: [Fingerprint] = []
  /// Packets given out so far.
  package private(set) var packets: UInt32 = 0
  /// Offset behind the last record that was given out or skipped.
  package var bytesRead: UInt64 { file.position + UInt64(givenOut) }
  /// Smallest and largest stamp so far, shifted like those of the packets.
  package var firstTime: Timestamp? { earliest <= latest ? earliest - share.shift : nil }
  package var lastTime: Timestamp? { earliest <= latest ? latest - share.shift : nil }
  private var earliest = Timestamp.distantFuture
  private var latest = Timestamp.distantPast
  /// The first 100.
  package private(set) var issues: [CaptureIssue] = []
  package private(set) var furtherIssues: UInt64 = 0

  /// Bytes that belong to no record that makes sense; they were passed over.
  package internal(set) var skipped: UInt64 = 0
  /// Places where something was passed over, or where a packet cannot be given out.
  package internal(set) var losses = 0

  /// A record of a larger packet is taken for damage.
  package static var largestPacket: Int { Bounds.largestPacket }

  /// By interface, where the file has statistics of it.
  var dropped: [Int: DroppedPackets] = [:]

  /// Set before the first packet is asked for.
  package var share = CaptureShare()

  let file: BlockFile
  private let linkTypes: [LinkType: LinkType]
  var pcap = PcapLayout()
  var section = PcapngSection()
  /// Found by `locate`, whole in the window; not yet given out while `isPending`.
  private(set) var pending = Record()
  private var isPending = false
  /// Length of the record that was given out; skipped by the next call.
  private var givenOut = 0
  private var isAtEnd = false
  /// Of the packet before.
  private(set) var stamp = Timestamp.distantPast

  /// What changes with each packet of an interface.
  struct Tally: BitwiseCopyable {
    let linkType: LinkType
    var packets: UInt32 = 0
    /// Of the last packet; `distantPast` where there was none.
    var stamp = Timestamp.distantPast
  }

  /// `linkTypes` says what packets of a link type hold; others are what they say.
  package init(_ file: BlockFile, linkTypes: [LinkType: LinkType] = [:]) throws(InputError) {
    self.file = file
    self.linkTypes = linkTypes
    if !file.fill(4) {
      if let error = Self.reasonOfEnd(file) { throw error }
      if file.available == 0 {
        throw InputError(.empty, path: file.path, reason: file.isUnpacked ? "unpacks to nothing" : "is empty")
      }
    }
    let lead = Self.isForeign(file) ? CaptureBeginning.distance(in: file) : nil
    if let lead { _ = file.skip(lead) }
    let isPcapng = file.available >= 4 && file.span.u32(0) == PcapngSection.header
    format = isPcapng ? .pcapng : .pcap
    if isPcapng {
      try checkFirstSection()
    } else {
      try readPcapHeader()
    }
    if let lead {
      skipped += UInt64(lead)
      losses += 1
      report("no capture begins at the first byte: \(lead) bytes skipped", at: 0)
    }
  }

  /// Neither a capture nor an archive or a capture of another kind, by its first bytes.
  private static func isForeign(_ file: BlockFile) -> Bool {
    guard file.available >= 4 else { return false }
    let magic = file.span.u32(0)
    if magic == PcapngSection.header || PcapLayout(magic: magic) != nil { return false }
    _ = file.fill(16)
    return known(file.span.extracting(0..<min(16, file.available)).array, isUnpacked: file.isUnpacked) == nil
  }

  /// The link type of an interface, by the number that the file gives.
  func linkType(_ number: UInt32) -> LinkType {
    let type = LinkType(rawValue: number)
    return linkTypes[type] ?? type
  }

  mutating func describe(_ interface: Interface) {
    described.append(interface)
    interfaceCount += 1
    tallies.append(Tally(linkType: interface.linkType))
  }

  /// The next packet, or nil at the end. Valid until the next call.
  @_lifetime(&self)
  package mutating func next() -> Frame? {
    guard isPending || locate() else { return nil }
    let index = count()
    let file = self.file
    let frame = Frame(
      number: packets, time: pending.time - share.shift, interface: pending.interface,
      linkType: tallies[index].linkType, originalLength: pending.original, fileOffset: file.position,
      bytes: file.span.extracting(pending.data..<pending.data + pending.captured))
    return _overrideLifetime(frame, mutating: &self)
  }

  /// The pending packet is given out, or passed over: answers its interface.
  private mutating func count() -> Int {
    isPending = false
    givenOut = pending.length
    packets &+= 1
    let index = Int(pending.interface)
    tallies[index].packets &+= 1
    if pending.hasTime {
      let time = pending.time
      earliest = min(earliest, time)
      latest = max(latest, time)
      stamp = time
      tallies[index].stamp = time
    }
    return index
  }

  /// The stamp of the packet that `next` will give out; nil at the end. Waits for that packet.
  package mutating func peekTime() -> Timestamp? { isPending || locate() ? pending.time - share.shift : nil }

  private mutating func locate() -> Bool {
    while locateRecord() {
      if share.includes(pending.interface) { return true }
      _ = count()
    }
    return false
  }

  private mutating func locateRecord() -> Bool {
    if isAtEnd { return false }
    if givenOut > 0 {
      _ = file.skip(givenOut)
      givenOut = 0
    }
    if format == .pcapng, let record = enhancedPacket() {
      pending = record
      isPending = true
      return true
    }
    if let record = format == .pcap ? locatePcapRecord() : locatePcapngRecord() {
      pending = record
      isPending = true
    } else {
      end()
    }
    return isPending
  }

  private mutating func end() {
    isAtEnd = true
    if let failure = file.failure { report("cannot be read further: \(failure.reason)") }
    reportDropped()
    for damage in file.damages.entries { report(damage.reason, at: damage.offset, isCompressed: true) }
    furtherIssues += file.damages.further
  }

  /// An issue at the start of the window.
  mutating func report(_ reason: String) { report(reason, at: file.position) }

  mutating func report(_ reason: String, at offset: UInt64, isCompressed: Bool = false) {
    if issues.count < Bounds.captureIssues {
      issues.append(CaptureIssue(reason: reason, offset: offset, isCompressed: isCompressed))
    } else {
      furtherIssues += 1
    }
  }

  /// The input ends inside a record. One that was interrupted ends where it pleases; damage of a compressed one is
  /// reported itself.
  mutating func reportBreak(_ place: String) {
    if !file.wasInterrupted, file.failure == nil, !file.isCutByDamage { report("file ends inside \(place)") }
  }

  /// The reader was told to stop; what was read until then is whole.
  package var wasInterrupted: Bool { file.wasInterrupted }

  var nextNumber: UInt32 { packets &+ 1 }

  /// The input ends inside its first header.
  static func cut(_ file: BlockFile, _ place: String) -> InputError {
    reasonOfEnd(file)
      ?? InputError(
        .notACapture(first: file.span.extracting(0..<min(16, file.available)).array), path: file.path,
        reason: "ends inside \(place)")
  }

  /// Why an input ended too early; nil where it has no more bytes.
  private static func reasonOfEnd(_ file: BlockFile) -> InputError? {
    if let failure = file.failure { return failure }
    if file.wasInterrupted { return .interrupted(file.path) }
    return file.damages.entries.first.map { InputError(.unreadable, path: file.path, reason: "\($0)") }
  }

  static func notACapture(_ file: BlockFile) -> InputError {
    _ = file.fill(16)
    let first = file.span.extracting(0..<min(16, file.available)).array
    let reason =
      known(first, isUnpacked: file.isUnpacked)
      ?? (CaptureBeginning.isInsideSection(file)
        ? "is a piece of a pcapng without its beginning, which says what its packets are"
        : "is neither pcap nor pcapng (it begins with \(Hex.encode(first)))")
    return InputError(.notACapture(first: first), path: file.path, reason: reason)
  }

  /// What to do with a file of another kind; nil when it is not known.
  private static func known(_ first: [UInt8], isUnpacked: Bool) -> String? {
    let packed: [(magic: [UInt8], name: String)] = [
      ([0x1f, 0x8b], "gzip"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz"),
      ([0x50, 0x4b, 0x03, 0x04], "zip"), ([0x42, 0x5a, 0x68], "bzip2"),
    ]
    if let archive = packed.first(where: { first.starts(with: $0.magic) }) {
      return isUnpacked
        ? "is compressed twice: it unpacks to a \(archive.name) archive, not to a capture; unpack it first"
        : "is a \(archive.name) archive, not a capture: unpack it first"
    }
    let foreign: [(magic: [UInt8], name: String)] = [
      (Array("GMBU".utf8), "Network Monitor"), (Array("RTSS".utf8), "Network Monitor"), (Array("snoop".utf8), "snoop"),
    ]
    if let other = foreign.first(where: { first.starts(with: $0.magic) }) {
      return "is a \(other.name) capture: convert it to pcapng first"
    }
    return nil
  }
}

/// What was wrong with the capture file.
package struct CaptureIssue: Hashable, Sendable, CustomStringConvertible {
  /// One sentence without a full stop.
  package var reason: String
  /// Of the record, in the file (unpacked, where it is compressed); of damaged compression, in the compressed file.
  package var offset: UInt64
  /// The offset counts bytes of the compressed file.
  package var isCompressed: Bool

  package init(reason: String, offset: UInt64, isCompressed: Bool = false) {
    self.reason = reason
    self.offset = offset
    self.isCompressed = isCompressed
  }

  package var description: String { "\(reason) (at byte \(offset))" }
}

/// A packet record that lies whole in the window, which begins with it.
struct Record: BitwiseCopyable {
  /// Of the whole record.
  var length = 0
  /// Where the packet's bytes begin in it, and their number.
  var data = 0
  var captured = 0
  /// Length on the wire.
  var original: UInt32 = 0
  var time = Timestamp.distantPast
  var hasTime = false
  var interface: UInt16 = 0
}
