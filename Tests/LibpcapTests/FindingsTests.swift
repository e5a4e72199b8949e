import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// Tests/Findings/lab.tsv: every finding on every recorded capture, with the bytes that prove it and the reason why it is true.
@Suite struct FindingsTests {
  /// A finding as the program reports it, and the frames that carried the message it points at.
  private struct Found {
    var key: String
    var frames: Set<UInt32>
  }

  private static let captures = Files.captures(in: "lab")

  private static func name(_ capture: URL) -> String { capture.pathComponents.suffix(2).joined(separator: "/") }

  private static func found(_ capture: URL) throws -> [Found] {
    var result: [Found] = []
    _ = Analyzer(Options()).run([.file(try BlockFile(path: capture.path))]) { report in
      let user = report.flow.impi?.string.prefix { $0 != "@" } ?? ""
      for finding in report.findings {
        let parts = [
          name(capture), "\(report.id) \(report.flow.kind.rawValue) \(user)", finding.rule, finding.severity.rawValue,
          "frame \(finding.frames.first?.frame ?? 0)",
        ]
        let message = report.flow.messages[finding.messages[0]].message
        let frames = message.transmissions.flatMap(\.sightings).flatMap(\.frames.all)
        result.append(Found(key: parts.joined(separator: " · "), frames: Set(frames)))
      }
    }
    return result
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures)
  func theListIsCompleteAndExact(_ capture: URL) throws {
    let listed = try ListedFinding.all().filter { $0.capture == Self.name(capture) }.map(\.key).sorted()
    let found = try Self.found(capture).map(\.key).sorted()
    let difference = found.difference(from: listed)
    #expect(difference.insertions.map { "\($0)" } == [], "found and not listed")
    #expect(difference.removals.map { "\($0)" } == [], "listed and not found")
  }

  /// The reference reader hands the frames out, and the frames are those of the message that the finding points at.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures)
  func theQuotedBytesStandInTheirFrame(_ capture: URL) throws {
    let packets = Reference(path: capture.path).packets
    let found = try Self.found(capture)
    for line in try ListedFinding.all() where line.capture == Self.name(capture) {
      for quote in line.quotes {
        #expect(found.contains { $0.key == line.key && $0.frames.contains(quote.frame) }, "\(line.key)")
        let packet = try #require(packets.indices.contains(Int(quote.frame) - 1) ? packets[Int(quote.frame) - 1] : nil)
        #expect(Self.stand(quote.pieces, in: packet.bytes), "\(line.key): frame \(quote.frame)")
      }
    }
  }

  private static func stand(_ pieces: [[UInt8]], in bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    for piece in pieces {
      guard let place = rest.firstRange(of: piece) else { return false }
      rest = rest[place.upperBound...]
    }
    return true
  }

  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) func everyListedCaptureIsThere() throws {
    let listed = Set(try ListedFinding.all().map(\.capture))
    #expect(listed.subtracting(Self.captures.map(Self.name)) == [])
    #expect(listed.count > 40)
  }

  @Test func everyLineNamesARuleAndTheListQuotesNoKey() throws {
    let lines = try ListedFinding.all()
    #expect(lines.allSatisfy { Catalogue.rule($0.rule) != nil && $0.why.count > 40 })
    let text = lines.flatMap(\.quotes).flatMap(\.pieces).map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: "\n")
    #expect(text.contains("ck=\""))
    #expect(text.firstMatch(of: /(?i)\b[ci]k *= *"?[0-9a-f]/) == nil)
  }
}
