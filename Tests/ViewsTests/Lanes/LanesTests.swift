import Foundation
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSRules
import IMSViews
import Synchronization
import TestSupport
import Testing

/// The report is the same whatever the number of lanes and however fast each of them is.
@Suite struct LanesTests {
  /// In `make nightly` so many subscribers, and so often.
  static let nightly = ProcessInfo.processInfo.environment["IMSTRACE_NIGHTLY"] != nil
  static let subscribers = nightly ? 60_000 : 200
  static let turns = nightly ? 20 : 5

  @Test(arguments: Captures.all, [2, 4]) func everyCaptureGivesTheSameBytes(_ file: URL, threads: Int) throws {
    var options = Options()
    options.threads = threads
    #expect(try Captures.json(file, .json, options: options) == Captures.json(file, .json))
    #expect(try Captures.summary(file, options: options) == Captures.summary(file))
  }

  /// Lanes that are slow at random, each in its own way.
  @Test func delaysInTheLanesChangeNothing() throws {
    let load = try LoadFile(RegistrationLoad(count: Self.subscribers))
    let plain = load.digest(Options())
    #expect(plain.registrations >= Self.subscribers)
    for turn in 0..<Self.turns {
      var options = Options()
      options.threads = [2, 4, 3, 8][turn % 4]
      options.pause = Delays(seed: UInt64(turn), lanes: options.threads).pause
      let digest = load.digest(options)
      #expect(digest == plain, "\(options.threads) lanes, seed \(turn)")
    }
  }

  /// A report is handed on when it is judged and its turn has come, not at the end.
  @Test func registrationsAreHandedOnWhileTheInputIsRead() throws {
    let load = try LoadFile(RegistrationLoad(count: 60, rate: 5))
    let file = try BlockFile(path: load.path)
    var options = Options()
    options.threads = 2
    var early = 0
    var seen: [Int] = []
    _ = Analyzer(options).run([.file(file)]) { report in
      if file.position < load.size { early += 1 }
      seen.append(report.id)
    }
    #expect(seen == Array(1...seen.count))
    #expect(early > seen.count / 2)
  }
}

/// Holds each batch of each lane up for some microseconds, most of them for none.
final class Delays: Sendable {
  private let states: Mutex<[UInt64]>

  init(seed: UInt64, lanes: Int) {
    states = Mutex((0..<lanes).map { seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64($0) &* 0xBF58_476D_1CE4_E5B9 &+ 1 })
  }

  var pause: @Sendable (Int) -> Void {
    { lane in
      let number = self.states.withLock { states in
        states[lane] ^= states[lane] << 13
        states[lane] ^= states[lane] >> 7
        states[lane] ^= states[lane] << 17
        return states[lane]
      }
      if number % 8 == 0 { usleep(UInt32(number >> 32) % 2_000) }
    }
  }
}

/// A load in a file, and what is said of it.
final class LoadFile {
  struct Digest: Equatable {
    var registrations = 0
    var text = Fingerprint.empty
    var end = ""
  }

  let path: String
  private(set) var size: UInt64 = 0

  init(_ load: RegistrationLoad) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID()).pcapng").path
    let header = CaptureWriter().pcapng([], interfaces: RegistrationLoad.interfaces)
    try Data(header).write(to: URL(filePath: path))
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.seekToEnd()
    try load.eachSecond { records in
      let bytes = CaptureWriter().pcapng(records, interfaces: RegistrationLoad.interfaces)
      try handle.write(contentsOf: Data(bytes.dropFirst(header.count)))
    }
    size = try handle.offset()
    try handle.close()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Of the report as NDJSON.
  func digest(_ options: Options, _ note: (FlowReport) -> Void = { _ in }) -> Digest {
    var digest = Digest()
    guard let file = try? BlockFile(path: path) else { return digest }
    var view = JSONView(.ndjson, profile: options.profile, version: "0")
    _ = view.begin()
    let run = Analyzer(options).run([.file(file)]) { report in
      digest.registrations += 1
      digest.text.combine(Text(Array(view.registration(report).utf8)))
      note(report)
    }
    digest.end = view.end(run).replacing(path, with: "load")
    return digest
  }
}
