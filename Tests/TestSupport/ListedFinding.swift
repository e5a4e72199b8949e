import Foundation

/// One line of `Tests/Findings/lab.tsv` or `public.tsv`, whose heads describe the columns.
package struct ListedFinding: Sendable {
  /// Below `captures/lab` or `captures/public`.
  package var capture: String
  /// "3 refresh 001010000000001"; the user of the public identity where there is no private one.
  package var registration: String
  package var rule: String
  package var severity: String
  /// The frame that the report names first, from 1.
  package var frame: UInt32
  /// For each frame that holds quoted bytes, the pieces in their order.
  package var quotes: [(frame: UInt32, pieces: [[UInt8]])]
  package var why: String

  /// What makes a line another one than its neighbours.
  package var key: String {
    [capture, registration, rule, severity, "frame \(frame)"].joined(separator: " · ")
  }

  /// A line that is not as the head says.
  package struct Mistake: Error, CustomStringConvertible {
    package var list: String
    package var line: Int
    package var reason: String
    package var description: String { "Tests/Findings/\(list).tsv:\(line): \(reason)" }
  }

  /// - Parameter list: `lab` or `public`.
  package static func all(_ list: String) throws -> [ListedFinding] {
    let file = Files.root.appending(path: "Tests/Findings/\(list).tsv")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    return try lines.enumerated().filter { !$0.element.isEmpty && !$0.element.hasPrefix("#") }.map {
      try ListedFinding($0.element, of: list, line: $0.offset + 1)
    }
  }

  private init(_ text: Substring, of list: String, line: Int) throws {
    let cells = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard cells.count == 8, cells.allSatisfy({ !$0.isEmpty }) else {
      throw Mistake(list: list, line: line, reason: "\(cells.count) columns, 8 wanted, none of them empty")
    }
    let frames = cells[5].split(separator: "+").map { UInt32($0) }
    let quotes = cells[6].components(separatedBy: " ‖ ")
    guard let frame = UInt32(cells[4]), frames.count == quotes.count, !frames.contains(nil) else {
      throw Mistake(
        list: list, line: line, reason: "a frame is no number, or \(frames.count) frames for \(quotes.count) quotes")
    }
    (capture, registration, rule, severity, why) = (cells[0], cells[1], cells[2], cells[3], cells[7])
    self.frame = frame
    self.quotes = try zip(frames.compactMap(\.self), quotes).map { frame, quote in
      let pieces = quote.components(separatedBy: " … ").map(ListedFinding.bytes)
      guard pieces.allSatisfy({ !($0?.isEmpty ?? true) }) else {
        throw Mistake(list: list, line: line, reason: "not readable as bytes: \(quote)")
      }
      return (frame, pieces.compactMap(\.self))
    }
  }

  /// Of "hex:…", or of text with \xNN; nil for anything else.
  private static func bytes(_ text: String) -> [UInt8]? {
    if text.hasPrefix("hex:") { return octets(text.dropFirst(4)) }
    var result: [UInt8] = []
    for (number, part) in text.components(separatedBy: "\\").enumerated() {
      var rest = Substring(part)
      if number > 0 {
        guard rest.first == "x", let octet = octets(rest.dropFirst().prefix(2)), octet.count == 1 else { return nil }
        result += octet
        rest = rest.dropFirst(3)
      }
      guard rest.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) else { return nil }
      result += Array(rest.utf8)
    }
    return result
  }

  private static func octets(_ digits: Substring) -> [UInt8]? {
    let digits = Array(digits)
    guard digits.count.isMultiple(of: 2) else { return nil }
    let octets = stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    return octets.contains(nil) ? nil : octets.compactMap(\.self)
  }
}
