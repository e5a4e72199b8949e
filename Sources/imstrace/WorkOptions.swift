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
      they are, and the report says so.
      """, valueName: "size"))
  var maxMemory = ByteCount(1 << 30)

  func validate() throws {
    if let threads, !(1...Bindings.shares).contains(threads) {
      throw ValidationError("--threads is 1 to \(Bindings.shares)")
    }
    if maxMemory.bytes < 1 << 20 { throw ValidationError("--max-memory is 1M at the least") }
  }

  /// Sets what an analysis is to take.
  func apply(to options: inout Options) {
    options.threads = threads ?? min(ProcessInfo.processInfo.activeProcessorCount, WorkOptions.usefulThreads)
    options.maxMemory = maxMemory.bytes
  }
}

/// "512M": bytes, or so many times 2¹⁰, 2²⁰, 2³⁰ or 2⁴⁰ of them.
struct ByteCount: ExpressibleByArgument, CustomStringConvertible {
  private static let units = ["K", "M", "G", "T"]

  var bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    var digits = argument.uppercased()[...]
    for tail in ["IB", "B"] where digits.hasSuffix(tail) {
      digits = digits.dropLast(tail.count)
      break
    }
    var shift = 0
    if let unit = digits.last.flatMap({ ByteCount.units.firstIndex(of: String($0)) }) {
      shift = 10 * (unit + 1)
      digits = digits.dropLast()
    }
    guard let number = Int(digits), number >= 0, number <= Int.max >> shift, digits.first != "+" else { return nil }
    bytes = number << shift
  }

  /// In the largest unit in which it is a whole number.
  var description: String {
    let unit = bytes == 0 ? 0 : min(bytes.trailingZeroBitCount / 10, ByteCount.units.count)
    return "\(bytes >> (10 * unit))" + (unit > 0 ? ByteCount.units[unit - 1] : "")
  }

  var defaultValueDescription: String { description }
}
