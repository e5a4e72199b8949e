/// Programs that read the same captures, in turns, so that what else the machine does hits all.
struct Race {
  /// Seconds of one run above which a program gets no further turn.
  static let patience = 60.0

  private var contestants: [(measurement: Turns, process: Process, isPatient: Bool)] = []
  private(set) var remarks: [String] = []
  var turns: Int

  init(turns: Int) { self.turns = turns }

  mutating func add(_ program: Program, _ capture: String, _ arguments: [String]) {
    contestants.append(
      (Turns(program: program, capture: capture), Process(arguments: arguments), isPatient: true))
  }

  mutating func run() throws(BenchError) -> [Turns] {
    for turn in 1...turns {
      for index in contestants.indices where contestants[index].isPatient {
        let cost = try contestants[index].process.run()
        let name = "\(contestants[index].measurement.program.title), \(contestants[index].measurement.capture)"
        guard cost.status == 0 else {
          throw BenchError(reason: "\(name) ended with status \(cost.status) in turn \(turn)")
        }
        contestants[index].measurement.add(cost)
        contestants[index].isPatient = cost.seconds <= Self.patience
        if cost.seconds > Self.patience, turn < turns {
          remarks.append("\(name): fewer turns, since one takes more than \(Int(Self.patience)) s")
        }
      }
    }
    return contestants.map(\.measurement)
  }
}

/// How each program is called, as far as it is installed.
struct Programs {
  var imstrace: String
  private let hasTaskset = Process.isInstalled("taskset")
  let hasThreads: Bool
  /// What is not there.
  private(set) var remarks: [String] = []

  init(imstrace: String, in workplace: Workplace) {
    self.imstrace = imstrace
    hasThreads = Process.output([imstrace, "check", "--help"], in: workplace).contains("--threads")
    if !hasTaskset { remarks.append("no taskset: nothing is pinned to a core") }
    if !hasThreads { remarks.append("imstrace has no --threads: on two cores it has one thread") }
    for other in ["tshark", "sngrep"] where !Process.isInstalled(other) {
      remarks.append("\(other) is not installed: left out")
    }
    if !Process.isInstalled("valgrind") { remarks.append("valgrind is not installed: nothing is counted") }
  }

  /// Nil for one that is not installed. All but `check` on two cores are pinned to one.
  func arguments(_ program: Program, _ path: String) -> [String]? {
    let check = [imstrace, "check", "--exit-zero", "--allow-empty"]
    switch program {
    case .checkOnOneCore: return pinned(0...0, check + (hasThreads ? ["--threads", "1"] : []) + [path])
    case .checkOnTwoCores: return pinned(0...1, check + (hasThreads ? ["--threads", "2"] : []) + [path])
    case .loop: return pinned(0...0, [Process.own, "loop", path])
    case .tsharkStatistics: return installed(["tshark", "-q", "-z", "sip,stat", "-r", path])
    case .tsharkFields:
      let fields = [
        "frame.number", "frame.time_epoch", "ip.src", "ip.dst", "sip.Call-ID", "sip.CSeq", "diameter.cmd.code",
      ]
      return installed(["tshark", "-T", "fields"] + fields.flatMap { ["-e", $0] } + ["-r", path])
    case .sngrep: return installed(["sngrep", "-N", "-q", "-I", path])
    case .help: return [imstrace, "--help"]
    }
  }

  private func installed(_ arguments: [String]) -> [String]? {
    Process.isInstalled(arguments[0]) ? pinned(0...0, arguments) : nil
  }

  private func pinned(_ cores: ClosedRange<Int>, _ arguments: [String]) -> [String] {
    hasTaskset ? ["taskset", "-c", cores.count == 1 ? "0" : "0,1"] + arguments : arguments
  }

  /// Versions by program; what names none is left out.
  func versions(in workplace: Workplace) -> [String: String] {
    var versions: [String: String] = [:]
    func note(_ name: String, _ arguments: [String], _ word: Int) {
      guard arguments[0].contains("/") || Process.isInstalled(arguments[0]) else { return }
      let words = Process.output(arguments, in: workplace).split { $0 == " " || $0 == "\n" }
      if words.count > word { versions[name] = String(words[word]) }
    }
    note("imstrace", [imstrace, "--version"], 0)
    note("tshark", ["tshark", "--version"], 2)
    note("sngrep", ["sngrep", "--version"], 2)
    let valgrind = Process.output(["valgrind", "--version"], in: workplace)
    if valgrind.hasPrefix("valgrind-") { versions["valgrind"] = String(valgrind.dropFirst(9).prefix { $0 != "\n" }) }
    versions["libpcap"] = LibpcapLoop.version
    versions["swift"] = Machine.compiler(in: workplace)
    return versions
  }
}
