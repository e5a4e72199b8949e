#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes captures to measure with, and measures.
@main
struct Main {
  static let usage = """
    usage: imstrace-bench write FILE REGISTRATIONS RATE          a capture of the shortest registrations, the same bytes each time
           imstrace-bench write-carrier FILE REGISTRATIONS RATE  of those of a mobile network
           imstrace-bench write-noise FILE SECONDS               of voice and other traffic, a registration in each second
           imstrace-bench loop FILE                              reads it with libpcap and does nothing else
           imstrace-bench case NAME FILE [TIMES]                 does one part of the work of check; without NAME lists them
           imstrace-bench run IMSTRACE [KEY=VALUE...]            every part for itself, and beside other readers
           imstrace-bench large IMSTRACE [KEY=VALUE...]          the goals of a gigabyte
               keys: registrations (run), megabytes (large), turns, results: a file to write
           imstrace-bench compare OLD NEW                        two files of results
           imstrace-bench tables RESULTS                         prints them
           imstrace-bench page PAGE RESULTS...                   writes their tables into a page that has places for them
           imstrace-bench plot RESULTS SVG                       draws cost against size and against subscribers
    """

  static func main() {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let command = arguments.isEmpty ? "" : arguments.removeFirst()
    do throws(BenchError) {
      guard try run(command, arguments) else {
        print(usage)
        exit(2)
      }
    } catch {
      complain(Array("imstrace-bench: \(error.reason)\n".utf8))
      exit(1)
    }
  }

  static func complain(_ line: [UInt8]) { _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) } }

  /// False when the arguments are not understood.
  private static func run(_ command: String, _ arguments: [String]) throws(BenchError) -> Bool {
    switch (command, arguments.count) {
    case ("write", 3), ("write-plain", 3), ("write-carrier", 3), ("write-noise", 2):
      let numbers = arguments.dropFirst().compactMap { Int($0) }.filter { $0 > 0 }
      guard numbers.count == arguments.count - 1 else { return false }
      try LoadFile(path: arguments[0], load: load(command, numbers)).write()
    case ("loop", 1):
      let total = try LibpcapLoop.read(arguments[0])
      print("\(total.packets) packets, \(total.bytes) bytes")
    case ("case", 0): Case.all.forEach { print($0.name) }
    case ("case", 2...3):
      guard let times = arguments.count > 2 ? Int(arguments[2]) : 1, times > 0 else { return false }
      print(try CaseRunner.perform(arguments[0], arguments[1], turns: times))
    case ("run", 1...), ("large", 1...): return try measure(command, arguments)
    case ("compare", 2):
      print(Comparison(old: try Results(path: arguments[0]), new: try Results(path: arguments[1])).text, terminator: "")
    case ("tables", 1): print(Tables(results: try Results(path: arguments[0])).text, terminator: "")
    case ("page", 2...):
      var page = Page(try TextFile.text(arguments[0]))
      for path in arguments.dropFirst() {
        let names = page.fill(try Results(path: path))
        print("\(path): \(names.isEmpty ? "no place for its tables" : names.joined(separator: ", "))")
      }
      try TextFile.write(Array(page.text.utf8), to: arguments[0])
    case ("plot", 2):
      try TextFile.write(Array(Plot(results: try Results(path: arguments[0])).svg.utf8), to: arguments[1])
    default: return false
    }
    return true
  }

  private static func load(_ command: String, _ numbers: [Int]) -> LoadFile.Load {
    switch command {
    case "write-noise": .noise(seconds: numbers[0])
    case "write-carrier": .carrier(registrations: numbers[0], rate: numbers[1])
    default: .plain(registrations: numbers[0], rate: numbers[1])
    }
  }

  private static func measure(_ command: String, _ arguments: [String]) throws(BenchError) -> Bool {
    var small = SmallBench(imstrace: arguments[0])
    var large = LargeBench(imstrace: arguments[0])
    var path: String?
    for argument in arguments.dropFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { return false }
      // As make passes what was not set.
      if parts[1].isEmpty { continue }
      if parts[0] == "results" {
        path = parts[1]
        continue
      }
      guard let number = Int(parts[1]), number > 0 else { return false }
      switch (command, parts[0]) {
      case ("run", "registrations"): small.registrations = number
      case ("large", "megabytes"): large.megabytes = number
      case (_, "turns"): (small.turns, large.turns) = (number, number)
      default: return false
      }
    }
    let results = try command == "run" ? small.run() : large.run()
    if let path { try results.write(path) }
    print(Tables(results: results).text, terminator: "")
    return true
  }
}

struct BenchError: Error {
  var reason: String

  /// With what the system says about the last call.
  static func system(_ subject: String) -> BenchError {
    BenchError(reason: "\(subject): \(String(cString: strerror(errno)))")
  }
}
