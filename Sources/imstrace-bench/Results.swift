#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What one run of the benchmarks measured: written as JSON, to be compared with others (docs/performance.md).
struct Results: Codable, Equatable {
  static let currentSchema = 1

  var schema = Results.currentSchema
  /// "bench" or "bench-large".
  var benchmark: String
  /// What was asked for, as `make` takes it.
  var command: String
  var machine: Machine
  /// By program.
  var versions: [String: String]
  var captures: [Capture] = []
  var measurements: [Turns] = []
  var instructions: [InstructionCount] = []
  var cases: [CaseResult] = []
  /// What was left out or shortened, and why.
  var remarks: [String] = []

  func capture(_ name: String) -> Capture? { captures.first { $0.name == name } }

  func measurement(_ program: Program, _ capture: String) -> Turns? {
    measurements.first { $0.program == program && $0.capture == capture }
  }

  func instructions(_ capture: String) -> InstructionCount? { instructions.first { $0.capture == capture } }
}

struct Machine: Codable, Equatable {
  var system: String
  var architecture: String
  var processor: String
  var cores: Int
  /// Bytes.
  var memory: Int
}

/// A capture that was made for the run.
struct Capture: Codable, Equatable {
  enum Load: String, Codable { case plain, carrier, noise }

  var name: String
  var load: Load
  var registrations: Int
  /// Registrations begun in each second of capture time.
  var rate: Int
  /// Of the file.
  var bytes = 0
  var packets = 0

  /// Of a packet, without its record's head: a pcapng record takes 32 octets and up to three to fill.
  var packetBytes: Double { packets == 0 ? 0 : Double(bytes) / Double(packets) - 33.5 }
}

/// Whose run was measured.
enum Program: String, Codable, CaseIterable {
  case checkOnOneCore = "check-1"
  case checkOnTwoCores = "check-2"
  case loop
  case tsharkStatistics = "tshark-sip-stat"
  case tsharkFields = "tshark-fields"
  case sngrep
  case help

  var title: String {
    switch self {
    case .checkOnOneCore: "imstrace check, one core"
    case .checkOnTwoCores: "imstrace check, two cores"
    case .loop: "libpcap loop"
    case .tsharkStatistics: "tshark -q -z sip,stat"
    case .tsharkFields: "tshark -T fields"
    case .sngrep: "sngrep -N -q"
    case .help: "imstrace --help"
    }
  }
}

/// The turns of one program over one capture.
struct Turns: Codable, Equatable {
  var program: Program
  /// Empty for a program that reads none.
  var capture: String
  /// Wall time of each turn, in seconds.
  var seconds: [Double] = []
  var user: [Double] = []
  var system: [Double] = []
  /// The largest resident set in bytes.
  var peak: [Int] = []

  var busy: [Double] { zip(user, system).map { $0 + $1 } }
  var medianPeak: Int { Int(peak.map { Double($0) }.median) }

  mutating func add(_ cost: Process.Cost) {
    seconds.append(cost.seconds)
    user.append(cost.user)
    system.append(cost.system)
    peak.append(cost.peak)
  }

  /// Of wall times, turn by turn.
  func ratios(to other: Turns) -> [Double] { zip(seconds, other.seconds).map { $0 / $1 } }
}

/// Instructions of `check`, by callgrind.
struct InstructionCount: Codable, Equatable {
  var capture: String
  var instructions: Int
}

/// What one item of a case costs.
struct CaseResult: Codable, Equatable {
  var name: String
  var unit: String
  var items: Int
  var nanoseconds: Double
  var megabytesPerSecond: Double
  /// Nil without valgrind.
  var instructions: Double?
  var allocations: Double?
  /// The largest resident set in bytes of the process that did it, with all it had prepared.
  var peak: Int
}

extension Results {
  /// Keys in order, so that the same results are the same bytes.
  var json: [UInt8] {
    get throws(BenchError) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      guard let data = try? encoder.encode(self) else { throw BenchError(reason: "results that JSON cannot hold") }
      return Array(data) + [0x0a]
    }
  }

  init(json: [UInt8]) throws(BenchError) {
    struct Head: Codable { var schema: Int }
    let data = Data(json)
    guard let head = try? JSONDecoder().decode(Head.self, from: data) else {
      throw BenchError(reason: "no results of imstrace-bench")
    }
    guard head.schema == Self.currentSchema else {
      throw BenchError(reason: "results of schema \(head.schema); this program knows \(Self.currentSchema)")
    }
    do { self = try JSONDecoder().decode(Results.self, from: data) } catch {
      throw BenchError(reason: "results that cannot be read: \(error)")
    }
  }

  init(path: String) throws(BenchError) { try self.init(json: try TextFile.read(path)) }

  func write(_ path: String) throws(BenchError) { try TextFile.write(json, to: path) }
}
