import Foundation
import IMSAnalysis
import IMSBytes
import IMSMessages
import IMSRules
import IMSSecrets
import IMSWire
import TestSupport

/// What the two readers say of a capture: sets of messages, so that copies and repetitions count once.
struct Comparison {
  /// Sorted. The reason is "?": it stands in the table alone.
  private(set) var differences: [Difference] = []

  init(_ file: URL) throws {
    let (ours, keys) = try Comparison.frames(in: file)
    let theirs = Dictionary(grouping: try Tshark.messages(in: file, keys: keys), by: \.key)
    for (key, seen) in theirs where ours[key] == nil {
      let frames = Set(seen.map(\.frame)).sorted()
      differences.append(Difference(seenBy: .tshark, frames: frames, reason: "?", key: key))
    }
    for (key, frames) in ours where theirs[key] == nil {
      differences.append(Difference(seenBy: .imstrace, frames: frames.sorted(), reason: "?", key: key))
    }
    differences.sort()
  }

  /// The messages that are read here, with the frames that carried them, and the keys of ESP that were learned.
  private static func frames(in file: URL) throws -> ([SignallingKey: Set<UInt32>], [SecurityAssociation]) {
    let (messages, run) = try read(file)
    if let failure = run.inputs.first?.failure { throw failure }
    var frames: [SignallingKey: Set<UInt32>] = [:]
    for message in messages {
      guard let key = SignallingKey(message) else { continue }
      frames[key, default: []].formUnion(message.transmissions.flatMap(\.sightings).flatMap(\.frames.all))
    }
    return (frames, run.associations)
  }

  /// A capture of another format is converted first, as the refusal asks for.
  private static func read(_ file: URL) throws -> (messages: [Message], run: RunReport) {
    var options = Options()
    options.keepsKeys = true
    let result = MessageLister(options).collect([.file(try BlockFile(path: file.path))])
    guard result.run.inputs.first?.failure?.description.contains("convert it to pcapng") == true else { return result }
    let converted = FileManager.default.temporaryDirectory.appending(path: "converted-\(UUID()).pcapng")
    defer { try? FileManager.default.removeItem(at: converted) }
    _ = try Tshark.run(file.path, ["-F", "pcapng", "-w", converted.path])
    return MessageLister(options).collect([.file(try BlockFile(path: converted.path))])
  }
}
