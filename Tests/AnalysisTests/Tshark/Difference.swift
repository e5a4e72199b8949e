import Foundation

/// A message of a capture that one reader sees and the other does not, and why that is allowed. A line of the table:
/// "tshark | 12 13 | ESP | SIP …".
struct Difference: Hashable, Comparable, CustomStringConvertible {
  enum Reader: String { case tshark, imstrace }

  /// The one that sees it.
  var seenBy: Reader
  var frames: [UInt32]
  /// "RFC 3261 §8.1.1: …".
  var reason: String
  var key: SignallingKey

  private static let divider = " | "

  var description: String {
    [seenBy.rawValue, frames.map(String.init).joined(separator: " "), reason, key.description]
      .joined(separator: Difference.divider)
  }

  func with(reason: String) -> Difference { Difference(seenBy: seenBy, frames: frames, reason: reason, key: key) }

  static func < (left: Difference, right: Difference) -> Bool {
    if left.frames != right.frames { return left.frames.lexicographicallyPrecedes(right.frames) }
    return (left.seenBy.rawValue, left.key) < (right.seenBy.rawValue, right.key)
  }
}

extension Difference {
  /// Reads a line of the table; nil when it has another form.
  init?(_ line: String) {
    let columns = line.components(separatedBy: Difference.divider)
    guard columns.count == 4, let reader = Reader(rawValue: columns[0]) else { return nil }
    let frames = columns[1].split(separator: " ").map { UInt32($0) }
    guard !frames.isEmpty, !frames.contains(nil) else { return nil }
    self.init(seenBy: reader, frames: frames.compactMap { $0 }, reason: columns[2], key: SignallingKey(columns[3]))
  }
}

/// tshark-differences.txt: the differences that are allowed, by capture. A capture stands at the beginning of a line,
/// its differences are indented; "#" begins a remark.
enum AllowedDifferences {
  static let table: Result<[String: [Difference]], any Error> = Result {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "tshark-differences.txt")
    return try read(String(contentsOf: file, encoding: .utf8))
  }

  struct BadLine: Error { var line: String }

  private static func read(_ text: String) throws -> [String: [Difference]] {
    var table: [String: [Difference]] = [:]
    var capture = ""
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if !line.hasPrefix(" ") {
        capture = String(line)
        guard table.updateValue([], forKey: capture) == nil else { throw BadLine(line: capture) }
      } else if let difference = Difference(line.trimmingCharacters(in: .whitespaces)) {
        table[capture]?.append(difference)
      } else {
        throw BadLine(line: String(line))
      }
    }
    return table
  }
}
