/// What both benchmarks share: a place, the programs, the results that grow.
struct Bench {
  let workplace: Workplace
  let programs: Programs
  var results: Results
  let turns: Int

  init(_ name: String, imstrace: String, command: String, turns: Int) throws(BenchError) {
    workplace = try Workplace()
    programs = Programs(imstrace: imstrace, in: workplace)
    self.turns = turns
    results = Results(
      benchmark: name, command: command, machine: .own, versions: programs.versions(in: workplace),
      remarks: programs.remarks)
  }

  /// Says what happens: a run takes long.
  func say(_ text: String) {
    let line = Array("imstrace-bench: \(text)\n".utf8)
    Main.complain(line)
  }

  /// False when the disk has no room for it; that is a remark.
  mutating func make(_ capture: Capture) throws(BenchError) -> Bool {
    let available = workplace.available
    guard Double(capture.estimate) * 1.05 < Double(available) else {
      results.remarks.append(
        "\(capture.name) left out: \(capture.estimate.megabytes) MB, and \(available.megabytes) MB are free in "
          + workplace.folder)
      return false
    }
    say("writing \(capture.name), some \(capture.estimate.megabytes) MB")
    results.captures.append(try workplace.write(capture))
    return true
  }

  mutating func race(_ entries: [(Program, String)], turns: Int) throws(BenchError) {
    say("measuring \(entries.map { "\($0.0.title) on \($0.1)" }.joined(separator: "; "))")
    var race = Race(turns: turns)
    for (program, capture) in entries {
      guard let arguments = programs.arguments(program, workplace.path(capture)) else { continue }
      race.add(program, capture, arguments)
    }
    results.measurements += try race.run()
    results.remarks += race.remarks
  }
}

/// `make bench`: the load of short registrations, and every part of the work for itself.
struct SmallBench {
  static let whole = "whole"
  /// A file of twice the size, for the memory.
  static let twice = "twice"

  var imstrace: String
  /// 20 000 make some 550 MB.
  var registrations = 20_000
  var turns = 5

  func run() throws(BenchError) -> Results {
    var bench = try Bench(
      "bench", imstrace: imstrace, command: "make bench BENCH_REGISTRATIONS=\(registrations)", turns: turns)
    for (name, count) in [(Self.whole, registrations), (Self.twice, 2 * registrations)] {
      _ = try bench.make(Capture(name: name, load: .plain, registrations: count, rate: 400))
    }
    try bench.race(
      [
        (.checkOnOneCore, Self.whole), (.checkOnOneCore, Self.twice), (.loop, Self.whole),
        (.tsharkStatistics, Self.whole), (.sngrep, Self.whole),
      ].filter { pair in bench.results.capture(pair.1) != nil }, turns: turns)
    for name in [Self.whole, Self.twice] { bench.workplace.remove(name) }

    // Counted on few: valgrind is some fifty times slower.
    let timed = Capture(name: "cases", load: .carrier, registrations: max(20, registrations / 20), rate: 400)
    let counted = Capture(name: "cases-counted", load: .carrier, registrations: 20, rate: 400)
    guard try bench.make(timed), try bench.make(counted) else { return bench.results }
    bench.say("cases: \(Case.names.joined(separator: ", "))")
    let place = bench.workplace
    bench.results.cases = try CaseRunner(
      workplace: place, valgrind: Valgrind(in: place), capture: place.path(timed.name), small: place.path(counted.name)
    ).run()
    return bench.results
  }
}

/// `make bench-large`: the goals of a gigabyte, at another size if asked.
struct LargeBench {
  static let whole = "1x"
  static let noise = "noise"
  static let fourfold = "4x"
  static let eightfold = "8x"
  /// Ten times the subscribers in the same time.
  static let crowd = "1x-4000"
  static let largeCrowd = "4x-4000"
  static let small = "100kB"

  /// A capture beside the whole one: how many times its size, and registrations begun in each second.
  struct Growth {
    var name: String
    var factor: Int
    var rate: Int
  }

  static let growth = [
    Growth(name: fourfold, factor: 4, rate: 400), Growth(name: eightfold, factor: 8, rate: 400),
    Growth(name: "1x-1200", factor: 1, rate: 1200), Growth(name: crowd, factor: 1, rate: 4000),
    Growth(name: largeCrowd, factor: 4, rate: 4000),
  ]

  /// Instructions of 256 MB and of 64 MB for each 1000 MB of the whole.
  static func counted(_ thousandths: Int, rate: Int) -> String { "counted-\(thousandths)-\(rate)" }
  static let thousandths = [64, 256]
  static let rates = [400, 4000]

  var imstrace: String
  /// Of the whole capture, in 10⁶ bytes.
  var megabytes = 1000
  var turns = 5

  private var bytes: Int { megabytes * 1_000_000 }

  func run() throws(BenchError) -> Results {
    var bench = try Bench(
      "bench-large", imstrace: imstrace, command: "make bench-large BENCH_MEGABYTES=\(megabytes) BENCH_TURNS=\(turns)",
      turns: turns)
    try compare(&bench)
    try grow(&bench)
    try start(&bench)
    try count(&bench)
    return bench.results
  }

  private func compare(_ bench: inout Bench) throws(BenchError) {
    let whole = try bench.make(Capture(Self.whole, .carrier, bytes: bytes, rate: 400))
    let noise = try bench.make(Capture(Self.noise, .noise, bytes: bytes, rate: 1))
    guard whole, noise else { throw BenchError(reason: "no room for the captures in \(bench.workplace.folder)") }
    let readers: [Program] = [
      .checkOnOneCore, .checkOnTwoCores, .loop, .tsharkStatistics, .tsharkFields, .sngrep,
    ]
    try bench.race(
      readers.map { ($0, Self.whole) }
        + [(.checkOnOneCore, Self.noise), (.checkOnTwoCores, Self.noise), (.loop, Self.noise)], turns: turns)
    bench.workplace.remove(Self.noise)
  }

  /// The whole one is measured already. Fewer turns: what is asked is user time and memory, not wall time.
  private func grow(_ bench: inout Bench) throws(BenchError) {
    for growth in Self.growth {
      let capture = Capture(growth.name, .carrier, bytes: growth.factor * bytes, rate: growth.rate)
      guard try bench.make(capture) else { continue }
      try bench.race(
        [(.checkOnOneCore, growth.name), (.checkOnTwoCores, growth.name), (.loop, growth.name)], turns: min(3, turns))
      bench.workplace.remove(growth.name)
    }
    bench.workplace.remove(Self.whole)
  }

  private func start(_ bench: inout Bench) throws(BenchError) {
    _ = try bench.make(Capture(Self.small, .plain, bytes: 100_000, rate: 400))
    try bench.race([(.checkOnOneCore, Self.small), (.help, ""), (.loop, Self.small)], turns: 25)
  }

  private func count(_ bench: inout Bench) throws(BenchError) {
    guard let valgrind = Valgrind(in: bench.workplace) else { return }
    for rate in Self.rates {
      for thousandths in Self.thousandths {
        let name = Self.counted(thousandths, rate: rate)
        let capture = Capture(name, .carrier, bytes: thousandths * bytes / 1000, rate: rate)
        guard try bench.make(capture) else { continue }
        bench.say("counting instructions of \(name)")
        let arguments = [imstrace, "check", "--exit-zero", "--allow-empty"] + threads(bench)
        bench.results.instructions.append(
          InstructionCount(
            capture: name, instructions: try valgrind.instructions(arguments + [bench.workplace.path(name)])))
        bench.workplace.remove(name)
      }
    }
  }

  private func threads(_ bench: Bench) -> [String] { bench.programs.hasThreads ? ["--threads", "1"] : [] }
}
