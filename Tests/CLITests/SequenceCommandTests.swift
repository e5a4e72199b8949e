import Foundation
import TestSupport
import Testing

/// `sequence` as a user runs it.
@Suite struct SequenceCommandTests {
  @Test func withoutAVariantItListsThemAndDrawsTheMainOne() throws {
    let result = try Tool.run("sequence")
    #expect(result.status == 0 && result.complaints.isEmpty)
    #expect(result.output.contains("\nV2    refresh ") && result.output.contains("\nF3    reg-event "))
    #expect(result.output.contains("Authenticated IMS Registration") && result.output.contains("401 Unauthorized"))
  }

  @Test func aVariantIsFoundByIdentifierAndByName() throws {
    let byName = try Tool.run("sequence", "network-deregistration")
    #expect(byName.status == 0 && byName.output.contains("RTR") && !byName.output.contains("REGISTER ─"))
    #expect(try Tool.run("sequence", "v5A").output == byName.output)
    let plain = try Tool.run("sequence", "V5a", "--ascii").output
    #expect(plain.contains("RTR"))
    #expect(plain.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test func anUnknownVariantIsRefusedInOneSentence() throws {
    let near = try Tool.run("sequence", "refrsh")
    #expect(near.status == 2 && near.output.isEmpty)
    #expect(near.complaints == "imstrace: 'refrsh' is no variant of the sequence: did you mean 'refresh'?\n")
    let far = try Tool.run("sequence", "handover")
    #expect(far.status == 2 && far.complaints.contains("'imstrace sequence' lists them"))
    #expect(try Tool.run("sequence", "V2", "--format", "gif").status == 2)
  }

  @Test(arguments: [
    ("svg", "<svg"), ("mmd", "---"), ("puml", "@startuml"), ("msc", "msc {"), ("html", "<!DOCTYPE html>"),
    ("fdl", ""), ("wsd", ""), ("txt", "V4 deregistration"),
  ])
  func theExtensionTellsTheSyntax(_ ending: String, _ beginning: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID()).\(ending)")
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try Tool.run("sequence", "V4", "-o", file.path).status == 0)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.hasPrefix(beginning) || text.contains("\n\(beginning)"))
    #expect(text.contains("REGISTER"))
  }

  @Test func theDocumentIsOfAllOrOfTheOneThatIsNamed() throws {
    func count(_ arguments: String...) throws -> Int? {
      let result = try Tool.run(["sequence", "--format", "json"] + arguments)
      #expect(result.status == 0)
      return (try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [Any])?.count
    }
    #expect(try count("V7") == 1)
    #expect(try count() ?? 0 > 21)
  }

  @Test func theOptionsOfADiagramHold() throws {
    let one = try Tool.run("sequence", "V1", "--only", "HSS").output
    #expect(one.contains("MAR") && !one.contains("401"))
    let hop = try Tool.run("sequence", "--hops", "H2", "refresh").output
    #expect(hop.contains("E4") && !hop.contains("E3"))
    #expect(try Tool.run("sequence", "V8", "--remarks").output.contains("The UE is told that it is refused."))
    #expect(try Tool.run("sequence", "main", "--detail", "overview").output.contains("REGISTER ─") == false)
  }
}
