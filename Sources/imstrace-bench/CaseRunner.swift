/// Runs cases in processes of their own: seconds as medians of five, instructions and allocations by valgrind.
struct CaseRunner {
  var workplace: Workplace
  var valgrind: Valgrind?
  /// Timed.
  var capture: String
  /// Counted: smaller, since valgrind is some fifty times slower.
  var small: String

  private static let turns = 5

  /// Of the work, done once.
  private struct Cost {
    var amount = Case.Amount()
    var nanoseconds = 0.0
    var peak = 0
    var counted = Case.Amount()
    var instructions: Double?
    var allocations: Double?
  }

  /// What `imstrace-bench case` prints.
  static func perform(_ name: String, _ path: String, turns: Int) throws(BenchError) -> String {
    guard let one = Case.all.first(where: { $0.name == name }) else {
      throw BenchError(reason: "no case \(name); there are: \(Case.names.joined(separator: ", "))")
    }
    let work = try one.prepare(path)
    let begin = Process.now
    var amount = Case.Amount()
    for _ in 0..<turns { amount = try work() }
    let nanoseconds = (Process.now - begin) * 1e9 / Double(turns)
    return "\(amount.items) items, \(amount.bytes) bytes, \(nanoseconds.fixed(0)) ns"
  }

  func run() throws(BenchError) -> [CaseResult] {
    var costs: [String: Cost] = [:]
    var results: [CaseResult] = []
    for one in Case.all {
      let cost = try measure(one)
      costs[one.name] = cost
      results.append(result(one, cost, beyond: one.beyond.flatMap { costs[$0] }))
    }
    return results
  }

  private func result(_ one: Case, _ cost: Cost, beyond: Cost?) -> CaseResult {
    let nanoseconds = cost.nanoseconds - (beyond?.nanoseconds ?? 0)
    func each(_ count: KeyPath<Cost, Double?>) -> Double? {
      guard let whole = cost[keyPath: count] else { return nil }
      return (whole - (beyond?[keyPath: count] ?? 0)) / Double(max(1, cost.counted.items))
    }
    return CaseResult(
      name: one.name, unit: one.unit, items: cost.amount.items,
      nanoseconds: nanoseconds / Double(max(1, cost.amount.items)),
      megabytesPerSecond: cost.amount.bytes == 0 ? 0 : Double(cost.amount.bytes) * 1e3 / nanoseconds,
      instructions: each(\.instructions), allocations: each(\.allocations), peak: cost.peak)
  }

  private func measure(_ one: Case) throws(BenchError) -> Cost {
    var cost = Cost()
    var times: [Double] = []
    for _ in 0..<Self.turns {
      let (amount, nanoseconds, peak) = try time(one)
      times.append(nanoseconds)
      (cost.amount, cost.peak) = (amount, max(cost.peak, peak))
    }
    cost.nanoseconds = times.median
    guard let valgrind else { return cost }
    // What comes before the work is the same in both runs.
    let (once, twice) = (try valgrind.count(arguments(one, small, 1)), try valgrind.count(arguments(one, small, 2)))
    cost.instructions = Double(twice.instructions - once.instructions)
    cost.allocations = Double(twice.allocations - once.allocations)
    cost.counted = Self.amount(Process.output(arguments(one, small, 1), in: workplace))?.amount ?? Case.Amount()
    return cost
  }

  private func arguments(_ one: Case, _ path: String, _ turns: Int) -> [String] {
    [Process.own, "case", one.name, path, "\(turns)"]
  }

  private func time(_ one: Case) throws(BenchError) -> (Case.Amount, Double, Int) {
    let path = workplace.path("output")
    let pin = Process.isInstalled("taskset") ? ["taskset", "-c", "0"] : []
    let cost = try Process(arguments: pin + arguments(one, capture, 1), output: path).run()
    guard cost.status == 0, let (amount, nanoseconds) = Self.amount(try TextFile.text(path)) else {
      throw BenchError(reason: "the case \(one.name) failed")
    }
    return (amount, nanoseconds, cost.peak)
  }

  private static func amount(_ text: String) -> (amount: Case.Amount, nanoseconds: Double)? {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\n" })
    guard words.count == 6, let items = Int(words[0]), let bytes = Int(words[2]), let nanoseconds = Double(words[4])
    else { return nil }
    return (Case.Amount(items: items, bytes: bytes), nanoseconds)
  }
}

/// Counts instructions and allocations of a program.
struct Valgrind {
  var workplace: Workplace

  /// Nil where it is not installed.
  init?(in workplace: Workplace) {
    guard Process.isInstalled("valgrind") else { return nil }
    self.workplace = workplace
  }

  /// Without debug information, which older valgrinds cannot read.
  private func stripped(_ program: String) throws(BenchError) -> String {
    let copy = workplace.path("program-\(program.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xff_ffff })")
    if Workplace.size(copy) > 0 { return copy }
    let strip = Process(arguments: ["strip", "--strip-debug", "-o", copy, program])
    guard Process.isInstalled("strip"), try strip.run().status == 0 else { return program }
    return copy
  }

  func instructions(_ arguments: [String]) throws(BenchError) -> Int {
    let log = try run(["--tool=callgrind", "--callgrind-out-file=/dev/null"], arguments)
    guard let count = Self.number(after: "Collected : ", in: log) else {
      throw BenchError(reason: "valgrind did not count: \(log)")
    }
    return count
  }

  func count(_ arguments: [String]) throws(BenchError) -> (instructions: Int, allocations: Int) {
    let log = try run(["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"], arguments)
    guard let allocations = Self.number(after: "total heap usage: ", in: log) else {
      throw BenchError(reason: "valgrind did not count: \(log)")
    }
    return (try instructions(arguments), allocations)
  }

  private func run(_ options: [String], _ arguments: [String]) throws(BenchError) -> String {
    let log = workplace.path("valgrind.log")
    let program = [try stripped(arguments[0])] + arguments.dropFirst()
    let process = Process(
      arguments: ["valgrind", "--log-file=\(log)"] + options + program,
      environment: ["HOME=/", "PATH=/usr/bin:/bin", "LC_ALL=C", "SWIFT_DETERMINISTIC_HASHING=1"])
    guard try process.run().status == 0 else {
      throw BenchError(reason: "valgrind failed: \(try TextFile.text(log))")
    }
    return try TextFile.text(log)
  }

  private static func number(after label: String, in text: String) -> Int? {
    guard let range = text.firstRange(of: label) else { return nil }
    return Int(text[range.upperBound...].drop { $0 == " " }.prefix { $0.isNumber || $0 == "," }.filter { $0 != "," })
  }
}
