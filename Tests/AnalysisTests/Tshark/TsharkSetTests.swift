import Foundation
import TestSupport
import Testing

/// tshark sees the same messages of every capture, but for the differences that the table lists with their reasons.
@Suite(
  .enabled(if: Files.hasShared, Comment(rawValue: Files.absence)),
  .enabled(if: Tshark.isInstalled, Comment(rawValue: Tshark.absence)))
struct TsharkSetTests {
  static let captures =
    Files.files(in: "public").filter { $0.pathExtension != "md" }
    + Files.captures(in: "lab").filter { $0.lastPathComponent == "merged.pcapng" }

  /// "lab/01-aka-udp/merged.pcapng"
  private static func name(_ file: URL) -> String { String(file.path.dropFirst((Files.shared?.path.count ?? 0) + 1)) }

  @Test(arguments: captures) func bothSeeTheSameMessages(file: URL) throws {
    let allowed = Set(try AllowedDifferences.table.get()[Self.name(file)] ?? [])
    var found: Set<Difference> = []
    for difference in try Comparison(file).differences {
      let stated = allowed.first { $0.with(reason: "?") == difference }
      found.insert(stated ?? difference)
    }
    let unlisted = found.subtracting(allowed).sorted().map { "\n  \($0)" }
    #expect(unlisted.isEmpty, "not in the table: \(unlisted.joined())")
    let stale = allowed.subtracting(found).sorted().map { "\n  \($0)" }
    #expect(stale.isEmpty, "in the table, but both see it, or otherwise: \(stale.joined())")
  }

  @Test func everyListedCaptureIsThereAndEveryReasonIsOne() throws {
    let names = Set(Self.captures.map(Self.name))
    for (capture, differences) in try AllowedDifferences.table.get() {
      #expect(names.contains(capture))
      #expect(!differences.isEmpty, "\(capture)")
      for difference in differences {
        #expect(difference.reason.contains(/^RFC \d+ §[\d.]+: ./), "\(capture): \(difference)")
      }
    }
  }
}
