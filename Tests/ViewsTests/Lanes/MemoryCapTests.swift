import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSViews
import TestSupport
import Testing

/// Memory is short: the registrations that began first are closed as they are, the same ones for any number of lanes, and
/// nothing that did not come after that is held against anybody.
@Suite struct MemoryCapTests {
  private static func options(_ threads: Int, megabytes: Int) -> Options {
    var options = Options()
    options.threads = threads
    options.maxMemory = megabytes << 20
    return options
  }

  @Test func theSameOnesAreClosedByAnyNumberOfLanes() throws {
    let load = try LoadFile(RegistrationLoad(count: 300))
    let plain = load.digest(Self.options(1, megabytes: 2))
    #expect(plain.end.contains("registrations before their end"))
    for threads in [2, 4] {
      #expect(load.digest(Self.options(threads, megabytes: 2)) == plain, "\(threads) lanes")
    }
  }

  @Test func theOldestRegistrationsAreClosedFirst() throws {
    let load = try LoadFile(RegistrationLoad(count: 200))
    var closed: [Timestamp] = []
    var others: [Timestamp] = []
    let digest = load.digest(Self.options(1, megabytes: 2)) { report in
      if report.flow.unknown == nil { others.append(report.flow.start) } else { closed.append(report.flow.start) }
    }
    #expect(!closed.isEmpty && !others.isEmpty)
    #expect(digest.end.contains("\"registrations before their end\":\(closed.count)"), "\(digest.end)")
    let newest = try #require(closed.max())
    #expect(others.allSatisfy { $0 > newest - .seconds(1) })
  }

  /// No rule finds more than without the bound, and what was not seen is said to be unknown.
  @Test func nobodyIsAccusedOfWhatWasNotReadAnyMore() throws {
    let load = try LoadFile(RegistrationLoad(count: 200))
    var found = Set<String>()
    _ = load.digest(Options()) { report in
      for finding in report.findings { found.insert("\(report.flow.impu?.string ?? "") \(finding.rule)") }
    }
    var further: [String] = []
    var unknown = 0
    _ = load.digest(Self.options(1, megabytes: 2)) { report in
      for finding in report.findings {
        let name = "\(report.flow.impu?.string ?? "") \(finding.rule)"
        if !found.contains(name) { further.append(name) }
      }
      unknown += report.notObservable.count { $0.reason == .memory }
    }
    #expect(further.isEmpty)
    #expect(unknown > 0)
  }

  @Test func thereIsRoomForAllByDefault() throws {
    let digest = try LoadFile(RegistrationLoad(count: 20)).digest(Options())
    #expect(!digest.end.contains("before their end"))
  }
}
