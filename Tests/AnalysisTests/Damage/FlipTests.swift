import Foundation
import IMSBytes
import IMSForge
import TestSupport
import Testing

/// Every byte of a recorded registration changed in turn, and every packet of it cut at every byte, among the registrations
/// of another recording: damage may cost what it hits, and nothing else.
///
/// A run takes some tens of milliseconds, so the whole of it belongs to `make nightly`; otherwise one byte in some hundreds
/// is taken, other ones of each packet.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct FlipTests {
  /// One byte in so many: as many as IMSTRACE_NIGHTLY says.
  static let step = ProcessInfo.processInfo.environment["IMSTRACE_NIGHTLY"].flatMap(Int.init) ?? 401
  /// The bytes are dealt out to so many tests, which run side by side.
  static let parts = 4

  /// 01b's packets among 05's, whose subscribers are made others.
  private struct Scene {
    var editor: CaptureEditor
    /// Indices of 01b's records.
    var own: [Int]
    var plain: Verdicts
    /// Of the registration that is damaged.
    var subscriber: String
    /// For each frame, the frames between the same two nodes.
    var mates: [UInt32: Set<UInt32>] = [:]

    init() throws {
      var first = try CaptureEditor(Files.scenario("01b-aka-udp-uar2"))
      var second = try CaptureEditor(Files.scenario("05-rereg-dereg"))
      second.replace(Array("0010100000000".utf8), with: Array("0010100000009".utf8))
      let shift = (first.records.first?.time ?? 0) - (second.records.first?.time ?? 0)
      second.shiftTimes(by: shift + 300_000_000)
      let count = first.interfaces.count
      second.mapRecords { $0.interface += count }
      first.interfaces += second.interfaces
      let all = first.records.map { ($0, true) } + second.records.map { ($0, false) }
      let order = all.indices.sorted { (all[$0].0.time, $0) < (all[$1].0.time, $1) }
      editor = CaptureEditor(records: order.map { all[$0].0 }, interfaces: first.interfaces)
      own = order.indices.filter { all[order[$0]].1 }
      plain = Verdicts(editor.pcapng)
      subscriber = "sip:001010000000001@"
      var nodes: [Set<HostAddress>: Set<UInt32>] = [:]
      let ends = editor.records.map { record in record.transport.map { Set([$0.source.host, $0.destination.host]) } }
      for (index, pair) in ends.enumerated() { nodes[pair ?? [], default: []].insert(UInt32(index + 1)) }
      for (index, pair) in ends.enumerated() { mates[UInt32(index + 1)] = nodes[pair ?? []] ?? [] }
    }

    /// What is wrong with what is said of a copy with this damage.
    func complaints(_ bytes: [UInt8], frame: UInt32) -> [String] {
      let damaged = Verdicts(bytes, damaged: frame, packets: plain.packets)
      let plainOwn = plain.registrations.filter { $0.impu.hasPrefix(subscriber) }
      var others = plain.registrations.filter { !$0.impu.hasPrefix(subscriber) }
      let joined = plainOwn.reduce(into: Set([frame])) { joined, one in
        if one.frames.contains(frame) { joined.formUnion(one.frames) }
      }.union(mates[frame] ?? [])
      var complaints: [String] = []
      for registration in damaged.registrations {
        if let same = others.firstIndex(where: { $0.says(the: registration) }) {
          others.remove(at: same)
          continue
        }
        let known = plainOwn.first { $0.callIDs == registration.callIDs }?.findings ?? []
        let isJoined = !registration.frames.isDisjoint(with: joined)
        for finding in registration.findings where !known.contains(finding) && !isJoined {
          complaints.append("finding \(finding) of frames \(registration.frames.sorted().prefix(5))")
        }
      }
      complaints += others.map { one in
        let now = damaged.registrations.first { $0.callIDs == one.callIDs && $0.kind == one.kind }
        return "registration of \(one.impu) \(one.callIDs) is not as it was: \(one.difference(from: now))"
      }
      for issue in damaged.issues {
        let before = plain.issues.first { $0.text == issue.text }
        if let before, before.count >= issue.count || before.frames.count == 3 { continue }
        let new = Set(issue.frames).subtracting(before?.frames ?? [])
        if new.isDisjoint(with: joined) { complaints.append("issue \(issue)") }
      }
      return complaints
    }
  }

  private static let scene = Result { try Scene() }

  private static func chosen(_ count: Int, _ part: Int) -> [Int] {
    (0..<count).filter { $0 % step == 0 && $0 / step % parts == part }
  }

  /// In the records' headers too.
  @Test(arguments: 0..<parts) func aChangedByteCostsWhatItHits(part: Int) throws {
    let scene = try Self.scene.get()
    let whole = scene.editor.pcapng
    let blocks = PacketBlocks(whole)
    #expect(blocks.ranges.count == scene.editor.records.count)
    let places = scene.own.flatMap { index in blocks.ranges[index].map { (index, $0) } }
    for choice in Self.chosen(places.count, part) {
      let (index, place) = places[choice]
      var bytes = whole
      bytes[place] ^= UInt8(truncatingIfNeeded: choice &* 73) | 1
      let complaints = scene.complaints(bytes, frame: UInt32(index + 1))
      let offset = place - blocks.ranges[index].lowerBound
      #expect(complaints.isEmpty, "byte \(offset) of frame \(index + 1): \(complaints.first ?? "")")
    }
  }

  @Test(arguments: 0..<parts) func aCutPacketCostsItsOwnMessage(part: Int) throws {
    let scene = try Self.scene.get()
    let places = scene.own.prefix(200).flatMap { index in scene.editor.records[index].bytes.indices.map { (index, $0) }
    }
    for choice in Self.chosen(places.count, part) {
      let (index, length) = places[choice]
      var editor = scene.editor
      editor.records[index].bytes = Array(editor.records[index].bytes.prefix(length))
      let complaints = scene.complaints(editor.pcapng, frame: UInt32(index + 1))
      #expect(complaints.isEmpty, "frame \(index + 1) cut at \(length): \(complaints.first ?? "")")
    }
  }
}

/// Where the Enhanced Packet Blocks of a little-endian pcapng lie.
private struct PacketBlocks {
  var ranges: [Range<Int>] = []

  init(_ bytes: [UInt8]) {
    func u32(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
    var offset = 0
    while offset + 12 <= bytes.count {
      let length = u32(offset + 4)
      if u32(offset) == 6 { ranges.append(offset..<offset + length) }
      offset += length
    }
  }
}
