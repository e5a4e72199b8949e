import Foundation
import IMSAnalysis
import IMSRules
import IMSViews
import TestSupport
import Testing

/// The JSON keeps the promise of docs/json.md on every capture there is.
@Suite struct JSONTests {
  static let schema = Files.root.appending(path: "docs/schema/imstrace-1.schema.json")

  @Test(arguments: Captures.all) func theDocumentIsValid(_ file: URL) throws {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    let document = try JSONSerialization.jsonObject(with: Data(Captures.json(file, .json).utf8))
    #expect(validator.faults(in: document) == [])
  }

  @Test(arguments: Captures.all) func theLinesHoldTheSameObjects(_ file: URL) throws {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    let document = try JSONSerialization.jsonObject(with: Data(Captures.json(file, .json).utf8)) as? [String: Any]
    let lines = try Captures.json(file, .ndjson).split(separator: "\n").map { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    }
    #expect(lines.flatMap { validator.faults(in: $0, definition: "line") } == [])
    for (key, type) in [("registrations", "registration"), ("inputs", "input")] {
      let expected = document?[key] as? [[String: Any]] ?? []
      #expect(stripped(lines.filter { $0["type"] as? String == type }) == expected.map { $0 as NSDictionary })
    }
    for key in ["coverage", "summary"] {
      let expected = document?[key] as? [String: Any] ?? [:]
      #expect(stripped(lines.filter { $0["type"] as? String == key }) == [expected as NSDictionary])
    }
    #expect(lines.first?["type"] as? String == "tool")
  }

  private func stripped(_ lines: [[String: Any]]) -> [NSDictionary] {
    lines.map { $0.filter { $0.key != "type" } as NSDictionary }
  }

  /// The validator itself must be able to say no.
  @Test func aWrongDocumentIsRefused() throws {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    let text = try Captures.json(Captures.samples[0], .json)
    let wrongs = [
      text.replacing("\"kind\":\"initial\"", with: "\"kind\":\"first\""),
      text.replacing("\"schemaVersion\":1", with: "\"schemaVersion\":2"),
      text.replacing("\"verdict\":", with: "\"judgement\":"),
      text.replacing("\"frame\":89", with: "\"frame\":0"),
      text.replacing("\"rule\":\"PRV001\"", with: "\"rule\":\"prv1\""),
      text.replacing("Z\",\"end\"", with: "\",\"end\""),
    ]
    for wrong in wrongs {
      #expect(wrong != text)
      #expect(!validator.faults(in: try JSONSerialization.jsonObject(with: Data(wrong.utf8))).isEmpty)
    }
  }

  /// Threads come later; that the work can be shared must not change a byte.
  @Test(arguments: Captures.all) func threeCorrelatorsGiveTheSameBytesAsOne(_ file: URL) throws {
    var shared = Options()
    shared.lanes = 3
    #expect(try Captures.json(file, .json, options: shared) == Captures.json(file, .json))
    #expect(try Captures.summary(file, options: shared) == Captures.summary(file))
  }
}
