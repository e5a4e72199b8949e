#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif
import Foundation

/// What the programs `fuzz-…` do beside the fuzzer's own work.
package enum FuzzDriver {
  /// For each input: a complaint ends the program, as a trap in a reader does.
  package static func run(_ target: FuzzTarget, _ bytes: UnsafeBufferPointer<UInt8>) -> CInt {
    // Meant to end the program: it is how libFuzzer learns that this input is a find. Never part of the product.
    if let complaint = target.complaint(Array(bytes)) { fatalError("\(target.name): \(complaint)") }
    return 0
  }

  /// At the beginning. Instead of fuzzing it writes seeds into the folder IMSTRACE_FUZZ_SEEDS, made with the captures of
  /// IMSTRACE_FUZZ_CAPTURES, packs the folder IMSTRACE_FUZZ_PACK into the corpus IMSTRACE_FUZZ_FILE, unpacks that corpus into
  /// IMSTRACE_FUZZ_UNPACK, or tells how long an input may be (IMSTRACE_FUZZ_LONGEST).
  package static func start(_ target: FuzzTarget) -> CInt {
    let environment = ProcessInfo.processInfo.environment
    func folder(_ name: String) -> URL? { environment["IMSTRACE_FUZZ_" + name].map { URL(filePath: $0) } }
    if environment["IMSTRACE_FUZZ_LONGEST"] != nil {
      print(target.longest)
      exit(0)
    }
    do {
      if let seeds = folder("SEEDS"), let captures = folder("CAPTURES") {
        try write(target.seeds(files(in: captures)).filter { $0.count <= target.longest }, to: seeds)
      } else if let inputs = folder("PACK"), let file = folder("FILE") {
        try Data(Corpus(inputs: try files(in: inputs)).bytes).write(to: file)
      } else if let inputs = folder("UNPACK"), let file = folder("FILE") {
        try write(Corpus([UInt8](Data(contentsOf: file))).inputs, to: inputs)
      } else {
        return 0
      }
    } catch {
      try? FileHandle.standardError.write(contentsOf: Data("\(target.name): \(error)\n".utf8))
      exit(1)
    }
    exit(0)
  }

  private static func files(in folder: URL) throws -> [[UInt8]] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
  }

  private static func write(_ inputs: [[UInt8]], to folder: URL) throws {
    for (index, input) in inputs.enumerated() {
      try Data(input).write(to: folder.appending(path: String(format: "%05d", index)))
    }
  }
}

/// Inputs in one file, since there are hundreds of them: each behind its length in four octets, in network byte order.
package struct Corpus {
  package var inputs: [[UInt8]]

  package init(inputs: [[UInt8]]) { self.inputs = inputs }

  /// What is cut at the end is left out.
  package init(_ bytes: [UInt8]) {
    inputs = []
    var at = 0
    while at + 4 <= bytes.count {
      let count = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      guard count <= bytes.count - at - 4 else { return }
      inputs.append(Array(bytes[at + 4..<at + 4 + count]))
      at += 4 + count
    }
  }

  /// The shortest first: what differs between two runs stays small.
  package var bytes: [UInt8] {
    let ordered = inputs.sorted { $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1) }
    return ordered.flatMap { input in
      (0..<4).reversed().map { UInt8(truncatingIfNeeded: input.count >> (8 * $0)) } + input
    }
  }
}
