import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What the fuzzer kept and what it found, through the functions that it calls itself.
@Suite struct ReplayTests {
  static let folder = Files.root.appending(path: "Tests/Fuzz")
  static let names = FuzzTarget.all.map(\.name)

  private static func target(_ name: String) throws -> FuzzTarget {
    try #require(FuzzTarget.all.first { $0.name == name })
  }

  @Test(arguments: names) func theCorpusHasNoComplaint(name: String) throws {
    let target = try Self.target(name)
    let corpus = Corpus(try Files.bytes(Self.folder.appending(path: "Corpus/\(name).corpus")))
    #expect(corpus.inputs.count > 10)
    for input in corpus.inputs {
      #expect(input.count <= target.longest)
      let complaint = target.complaint(input)
      #expect(complaint == nil, "an input of \(input.count) bytes")
    }
  }

  /// Each file stands for a mistake that was mended.
  @Test(arguments: names) func noFindComesBack(name: String) throws {
    let target = try Self.target(name)
    for find in try Self.finds(name) {
      let complaint = target.complaint(try Files.bytes(find))
      #expect(complaint == nil, "\(name)/\(find.lastPathComponent)")
    }
  }

  private static func finds(_ name: String) throws -> [URL] {
    let folder = folder.appending(path: "FailCases/\(name)")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { folder.appending(path: $0) }
  }

  /// What the fuzzer begins with, made anew.
  @Test(arguments: names) func theSeedsHaveNoComplaint(name: String) throws {
    let target = try Self.target(name)
    let captures = try ["seed-registration-access.pcap", "sip-over-tcp.pcapng"].map(Files.sample)
    let seeds = target.seeds(captures)
    #expect(!seeds.isEmpty)
    for (index, seed) in seeds.enumerated() where seed.count <= target.longest {
      let complaint = target.complaint(seed)
      #expect(complaint == nil, "seed \(index)")
    }
  }

  @Test(arguments: names) func theLastRunIsTold(name: String) throws {
    struct Result: Decodable {
      var executions, edges, features, corpusInputs, corpusBytes, seconds: Int
      var end: String
    }
    let file = Self.folder.appending(path: "last-run.json")
    let results = try JSONDecoder().decode([String: Result].self, from: Data(contentsOf: file))
    #expect(Set(results.keys) == Set(Self.names))
    let result = try #require(results[name])
    #expect(result.executions > 0 && result.edges > 0 && result.seconds >= 600)
    #expect(!result.end.hasPrefix("a find"))
  }
}
