import ArgumentParser
import IMSAnalysis
import IMSFlows

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What commands that judge registrations share: how much of the machine they take. No report depends on it, but where
/// memory is short.
struct WorkOptions: ParsableArguments {
  /// One thread reads: beyond so many others it is what all wait for.
  private static let usefulThreads = 4

  @Option(
    help: ArgumentHelp(
      """
      Threads that judge registrations beside the one that reads; 1: everything in one thread. (default: one a processor, \
      \(usefulThreads) at the most)
      """, valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      """
      Bytes of open messages and streams, as in 512M or 2G: beyond it the registrations that began first are closed as \
      they are, and the report says so. (default: 1G)
      """, valueName: "size"), transform: WorkOptions.bytes)
  var maxMemory: Int?

  func validate() throws {
    if let threads, !(1...Bindings.shares).contains(threads) {
      throw ValidationError("--threads is 1 to \(Bindings.shares)")
    }
    if let maxMemory, maxMemory < 1 << 20 { throw ValidationError("--max-memory is 1M at the least") }
  }

  /// Sets what an analysis is to take.
  func apply(to options: inout Options) {
    options.threads = threads ?? min(ProcessInfo.processInfo.activeProcessorCount, WorkOptions.usefulThreads)
    if let maxMemory { options.maxMemory = maxMemory }
  }

  /// "512M": bytes, or so many times 2¹⁰, 2²⁰, 2³⁰ or 2⁴⁰ of them; "MB" and "MiB" are no other unit.
  static func bytes(_ text: String) throws -> Int {
    var digits = text.uppercased()[...]
    for tail in ["IB", "B"] where digits.hasSuffix(tail) {
      digits = digits.dropLast(tail.count)
      break
    }
    var shift = 0
    if let unit = digits.last.flatMap({ "KMGT".firstIndex(of: $0) }) {
      shift = 10 * ("KMGT".distance(from: "KMGT".startIndex, to: unit) + 1)
      digits = digits.dropLast()
    }
    guard let number = Int(digits), digits.allSatisfy(\.isWholeNumber), number <= Int.max >> shift else {
      throw ValidationError("'\(text)' is no size: give bytes, or a number with K, M, G or T, as in 512M")
    }
    return number << shift
  }
}
