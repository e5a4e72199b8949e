import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSMessages
import IMSRules
import IMSWire
import TestSupport
import Testing

/// Tests/Findings/lab.tsv and public.tsv: every finding on every recorded and every public capture, with the bytes that prove it
/// and the reason why it is true.
@Suite struct FindingsTests {
  /// A finding as the program reports it, and the frames that carried the message it points at.
  private struct Found {
    var key: String
    var frames: Set<UInt32>
  }

  /// A capture and the list that holds its findings.
  struct Listed: Sendable, CustomTestStringConvertible {
    var list: String
    var capture: URL
    /// As in the list: below its folder.
    var name: String { capture.pathComponents.suffix(list == "lab" ? 2 : 1).joined(separator: "/") }
    var testDescription: String { name }
  }

  static let captures =
    Files.captures(in: "lab").map { Listed(list: "lab", capture: $0) }
    + Files.files(in: "public").filter { ["pcap", "pcapng", "cap"].contains($0.pathExtension) }
    .map { Listed(list: "public", capture: $0) }

  private static func found(_ listed: Listed) throws -> [Found] {
    var result: [Found] = []
    _ = Analyzer(Options()).run([.file(try BlockFile(path: listed.capture.path))]) { report in
      let user = (report.flow.impi ?? report.flow.impu)?.string.trimmingPrefix("sip:").prefix { $0 != "@" } ?? ""
      for finding in report.findings {
        let parts = [
          listed.name, "\(report.id) \(report.flow.kind.rawValue) \(user)", finding.rule, finding.severity.rawValue,
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
  func theListIsCompleteAndExact(_ capture: Listed) throws {
    let listed = try ListedFinding.all(capture.list).filter { $0.capture == capture.name }.map(\.key).sorted()
    let found = try Self.found(capture).map(\.key).sorted()
    let difference = found.difference(from: listed)
    #expect(difference.insertions.map { "\($0)" } == [], "found and not listed")
    #expect(difference.removals.map { "\($0)" } == [], "listed and not found")
  }

  /// The reference reader hands the frames out, and the frames are those of the message that the finding points at.
  @Test(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)), arguments: captures)
  func theQuotedBytesStandInTheirFrame(_ capture: Listed) throws {
    let packets = Reference(path: capture.capture.path).packets
    let found = try Self.found(capture)
    for line in try ListedFinding.all(capture.list) where line.capture == capture.name {
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
    for (list, count) in [("lab", 40), ("public", 12)] {
      let listed = Set(try ListedFinding.all(list).map(\.capture))
      #expect(listed.subtracting(Self.captures.filter { $0.list == list }.map(\.name)) == [])
      #expect(listed.count > count)
    }
  }

  @Test func everyLineNamesARuleAndTheListQuotesNoKey() throws {
    let lines = try ListedFinding.all("lab") + ListedFinding.all("public")
    #expect(lines.allSatisfy { Catalogue.rule($0.rule) != nil && $0.why.count > 40 })
    let text = lines.flatMap(\.quotes).flatMap(\.pieces).map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: "\n")
    #expect(text.contains("ck=\""))
    #expect(text.firstMatch(of: /(?i)\b[ci]k *= *"?[0-9a-f]/) == nil)
  }
}
