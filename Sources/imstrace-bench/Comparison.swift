#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `imstrace check` against other readers of the same capture, in turns, so that what else the machine does hits all.
struct Comparison {
  var imstrace: String
  /// 20 000 make some 550 MB.
  var registrations = 20_000

  private static let turns = 5
  /// Seconds of one run above which a program gets no further turn.
  private static let patience = 60.0

  private struct Contestant {
    var name: String
    var process: Process
    var costs: [Process.Cost] = []
    var isPatient = true

    var seconds: Double { Comparison.median(costs.map(\.seconds)) }
    var peak: Int { Int(Comparison.median(costs.map { Double($0.peak) })) }
  }

  func run() throws(BenchError) {
    var template = Array("\(Self.temporary)/imstrace-bench.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .system("temporary folder") }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let whole = "\(folder)/whole.pcapng"
    let half = "\(folder)/half.pcapng"
    defer {
      for path in [whole, half] { unlink(path) }
      rmdir(folder)
    }
    // In processes of their own: memory of this one would count as that of its children.
    for (path, count) in [(whole, registrations), (half, registrations / 2)] {
      let cost = try Process(arguments: [CommandLine.arguments[0], "write", path, "\(count)", "400"]).run()
      guard cost.status == 0 else { throw BenchError(reason: "the capture could not be written in \(folder)") }
    }
    try compare(whole, half)
  }

  private func compare(_ whole: String, _ half: String) throws(BenchError) {
    let packets = try LibpcapLoop.read(whole).packets
    let bytes = Self.size(whole)
    print(
      "\(registrations) registrations, 400 begun in each second, 2 % never answered: \(bytes) bytes, \(packets) packets"
    )
    var contestants = contestants(whole, half)
    for turn in 1...Self.turns {
      for index in contestants.indices where contestants[index].isPatient {
        let cost = try contestants[index].process.run()
        guard cost.status == 0 else {
          throw BenchError(reason: "\(contestants[index].name) ended with status \(cost.status) in turn \(turn)")
        }
        contestants[index].costs.append(cost)
        contestants[index].isPatient = cost.seconds <= Self.patience
      }
    }
    report(contestants, bytes: bytes, packets: packets)
    let (check, smaller) = (contestants[0].peak, contestants[1].peak)
    print(
      "\nPeak memory of check: \(Self.megabytes(check)) MB; of half the file (\(Self.size(half)) bytes): "
        + "\(Self.megabytes(smaller)) MB; the whole takes \(Self.fixed(100 * (Double(check) / Double(smaller) - 1), 1)) % more"
    )
  }

  private func contestants(_ whole: String, _ half: String) -> [Contestant] {
    let pin = Process.isInstalled("taskset") ? ["taskset", "-c", "0"] : []
    print(pin.isEmpty ? "not pinned: no taskset" : "pinned to one core")
    func contestant(_ name: String, _ arguments: [String]) -> Contestant {
      Contestant(name: name, process: Process(arguments: pin + arguments))
    }
    var all = [
      contestant("imstrace check", [imstrace, "check", "--exit-zero", whole]),
      contestant("imstrace check, half", [imstrace, "check", "--exit-zero", half]),
      contestant("libpcap loop", [CommandLine.arguments[0], "loop", whole]),
    ]
    for other in [["tshark", "-q", "-z", "sip,stat", "-r", whole], ["sngrep", "-N", "-q", "-I", whole]] {
      if Process.isInstalled(other[0]) {
        all.append(contestant(other.dropLast(2).joined(separator: " "), other))
      } else {
        print("\(other[0]) is not installed: left out")
      }
    }
    return all
  }

  private func report(_ contestants: [Contestant], bytes: Int, packets: Int) {
    print(
      "\n| command | turns | s, median | s, min–max | user + system s | MB/s | packets/s | time of check ÷ its | peak MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    let check = contestants[0].seconds
    for (index, one) in contestants.enumerated() where index != 1 {
      let times = one.costs.map(\.seconds)
      let cells = [
        one.name, "\(times.count)", Self.fixed(one.seconds, 3),
        "\(Self.fixed(times.min() ?? 0, 3))–\(Self.fixed(times.max() ?? 0, 3))",
        Self.fixed(Self.median(one.costs.map(\.busy)), 3), Self.fixed(Double(bytes) / one.seconds / 1e6, 1),
        Self.fixed(Double(packets) / one.seconds, 0), Self.fixed(check / one.seconds, 2), Self.megabytes(one.peak),
      ]
      print("| \(cells.joined(separator: " | ")) |")
    }
    for one in contestants where one.costs.count < Self.turns {
      print("\(one.name): fewer turns, since one takes more than \(Int(Self.patience)) s")
    }
  }

  fileprivate static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
  }

  private static func megabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, 1) }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = pow(10, Double(digits))
    let scaled = Int((value * scale).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let fraction = String(abs(scaled) % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int(scale)).\(zeros)\(fraction)"
  }

  private static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  private static var temporary: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
