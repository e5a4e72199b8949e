/// The tables of docs/performance.md, by name.
struct Tables {
  let results: Results

  var all: [(name: String, text: String)] {
    results.benchmark == "bench"
      ? [("bench", readers), ("cases", cases)]
      : [("goals", goals), ("readers", readers), ("growth", growth), ("instructions", instructions)]
  }

  /// Whether anything stands in them.
  var text: String { all.map(\.text).joined(separator: "\n") }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    ([head, head.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }

  // MARK: Captions

  private var setting: String {
    let machine = results.machine
    let versions = results.versions.keys.sorted().map { "\($0) \(results.versions[$0] ?? "")" }
    return "`\(results.command)` on \(machine.cores) cores of \(machine.processor) (\(machine.architecture)), "
      + "\((Double(machine.memory) / 1e9).fixed(0)) GB, \(machine.system); \(versions.joined(separator: ", ")).\n"
  }

  private func describe(_ capture: Capture) -> String {
    let what =
      capture.load == .noise
      ? "\(capture.registrations.grouped) s of noise with a registration in each"
      : "\(capture.registrations.grouped) registrations, \(capture.rate.grouped) begun in each second"
    return "\(capture.name): \(what), \(capture.bytes.megabytes) MB, \(capture.packets.grouped) packets of "
      + "\(capture.packetBytes.fixed(0)) octets"
  }

  private var remarks: String { results.remarks.isEmpty ? "" : "\n" + results.remarks.map { "- \($0)\n" }.joined() }

  // MARK: Readers

  private var readers: String {
    let captures = [SmallBench.whole, LargeBench.whole, LargeBench.noise].compactMap { results.capture($0) }
    let rows = captures.flatMap { capture in
      results.measurements.filter { $0.capture == capture.name }.map { row($0, capture) }
    }
    let head = [
      "capture", "command", "turns", "s, median (spread)", "user + system s", "MB/s", "packets/s", "time ÷ the loop's",
      "peak MB",
    ]
    // Where there are goals, it stands above them.
    return (results.benchmark == "bench" ? setting + "\n" : "") + captures.map { describe($0) + ".\n" }.joined() + "\n"
      + Self.table(head, rows)
      + memory + remarks
  }

  private func row(_ one: Turns, _ capture: Capture) -> [String] {
    let loop = results.measurement(.loop, capture.name)
    let seconds = one.seconds.median
    return [
      capture.name, one.program.title, "\(one.seconds.count)", one.seconds.middle(3), one.busy.median.fixed(3),
      (Double(capture.bytes) / seconds / 1e6).fixed(1), (Double(capture.packets) / seconds).fixed(0),
      loop.map { one.ratios(to: $0).middle(2) } ?? "–", one.medianPeak.megabytes,
    ]
  }

  /// Of `make bench`: a file of twice the size is to take no more.
  private var memory: String {
    guard let whole = results.measurement(.checkOnOneCore, SmallBench.whole)?.medianPeak, whole > 0,
      let twice = results.measurement(.checkOnOneCore, SmallBench.twice)?.medianPeak
    else { return "" }
    return "\nPeak memory of check for a file of twice the size: \(twice.megabytes) MB, "
      + "\((100 * (Double(twice) / Double(whole) - 1)).fixed(1)) % more.\n"
  }

  // MARK: Goals

  private var goals: String {
    let whole = LargeBench.whole
    var rows: [[String]] = []
    func ratio(_ what: String, _ goal: String, _ of: Turns?, _ to: Turns?, _ digits: Int = 2) {
      guard let of, let to else { return }
      rows.append([what, goal, of.ratios(to: to).middle(digits)])
    }
    let one = results.measurement(.checkOnOneCore, whole)
    let two = results.measurement(.checkOnTwoCores, whole)
    ratio("check on two cores ÷ libpcap loop", "at most 3", two, results.measurement(.loop, whole))
    ratio("check on one core ÷ libpcap loop", "at most 5", one, results.measurement(.loop, whole))
    let others: [(Program, String)] = [
      (.tsharkStatistics, "at least 15"), (.tsharkFields, "at least 70"), (.sngrep, "at least 20"),
    ]
    for (program, goal) in others {
      ratio("\(program.title) ÷ check on two cores", goal, results.measurement(program, whole), two, 1)
    }
    for program in [Program.checkOnTwoCores, .checkOnOneCore] {
      ratio(
        "noise: \(program.title) ÷ libpcap loop", "at most 1.5", results.measurement(program, LargeBench.noise),
        results.measurement(.loop, LargeBench.noise))
    }
    if let large = results.measurement(.checkOnOneCore, LargeBench.fourfold), let one {
      rows.append([
        "user time of 4 times the size", "at most 4.4 times", (large.user.median / one.user.median).fixed(2),
      ])
    }
    return setting + "\n| what | goal | measured |\n|---|---|---|\n"
      + (rows + counted + peaks + starts).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }

  private var counted: [[String]] {
    LargeBench.rates.compactMap { rate in
      let counts = LargeBench.thousandths.compactMap { results.instructions(LargeBench.counted($0, rate: rate)) }
      guard counts.count == 2 else { return nil }
      return [
        "instructions of 4 times the size, \(rate) begun in each second", "3.92 to 4.08 times",
        (Double(counts[1].instructions) / Double(counts[0].instructions)).fixed(3),
      ]
    }
  }

  private var peaks: [[String]] {
    let names = [LargeBench.whole, LargeBench.fourfold, LargeBench.eightfold, LargeBench.crowd, LargeBench.largeCrowd]
    return names.compactMap { name in
      let both = [Program.checkOnOneCore, .checkOnTwoCores].compactMap { results.measurement($0, name) }
      guard let capture = results.capture(name), !both.isEmpty else { return nil }
      return [
        "peak resident MB, \(capture.bytes.megabytes) MB at \(capture.rate)/s, one and two cores",
        capture.rate == 400 ? "under 200" : "what open flows need",
        both.map(\.medianPeak.megabytes).joined(separator: ", "),
      ]
    }
  }

  private var starts: [[String]] {
    var rows: [[String]] = []
    if let check = results.measurement(.checkOnOneCore, LargeBench.small),
      let capture = results.capture(LargeBench.small)
    {
      let size = (Double(capture.bytes) / 1000).fixed(0)
      rows.append(["check of \(size) kB, ms", "under 30", check.seconds.map { $0 * 1000 }.middle(1)])
      rows.append(["check of \(size) kB, peak resident MB", "under 30", check.medianPeak.megabytes])
    }
    if let help = results.measurement(.help, "") {
      rows.append(["`--help`, ms", "under 10", help.seconds.map { $0 * 1000 }.middle(1)])
    }
    return rows
  }

  // MARK: Growth

  /// The captures of one series, the smallest first.
  static func series(_ results: Results) -> [Capture] {
    ([LargeBench.whole] + LargeBench.growth.map(\.name)).compactMap { results.capture($0) }
  }

  private var growth: String {
    let rows = Self.series(results).compactMap { capture -> [String]? in
      guard let check = results.measurement(.checkOnOneCore, capture.name) else { return nil }
      let two = results.measurement(.checkOnTwoCores, capture.name)
      let loop = results.measurement(.loop, capture.name)
      let busy = check.busy.median
      return [
        capture.name, capture.bytes.megabytes, capture.registrations.grouped, capture.rate.grouped,
        check.seconds.middle(3), two?.seconds.middle(3) ?? "–", loop?.seconds.middle(3) ?? "–", busy.fixed(3),
        (busy * 1e6 / Double(capture.registrations)).fixed(0), check.medianPeak.megabytes,
        two?.medianPeak.megabytes ?? "–",
      ]
    }
    let head = [
      "capture", "MB", "registrations", "begun a second", "s on one core", "s on two", "loop, s",
      "user + system s on one", "µs a registration", "peak MB, one core", "two",
    ]
    return Self.table(head, rows)
  }

  private var instructions: String {
    let rows = results.instructions.compactMap { count -> [String]? in
      guard let capture = results.capture(count.capture) else { return nil }
      return [
        capture.bytes.megabytes, capture.registrations.grouped, capture.rate.grouped, count.instructions.grouped,
        (count.instructions / max(1, capture.registrations)).grouped,
        (Double(count.instructions) / Double(max(1, capture.bytes))).fixed(2),
      ]
    }
    return Self.table(
      ["MB", "registrations", "begun a second", "instructions", "a registration", "a byte"], rows)
  }

  // MARK: Cases

  private var cases: String {
    let rows = results.cases.map { one in
      [
        one.name, one.unit, one.items.grouped, one.nanoseconds.fixed(0),
        one.megabytesPerSecond == 0 ? "–" : one.megabytesPerSecond.fixed(0), one.instructions?.fixed(0) ?? "–",
        one.allocations?.fixed(2) ?? "–", one.peak.megabytes,
      ]
    }
    return Self.table(
      ["case", "item", "items", "ns an item", "MB/s", "instructions an item", "allocations an item", "peak MB"], rows)
  }
}
