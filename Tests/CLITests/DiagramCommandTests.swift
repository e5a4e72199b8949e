import Foundation
import TestSupport
import Testing

/// What `diagram` and `via` make of their options.
@Suite struct DiagramCommandTests {
  @Test func thePageOfOneRegistrationShowsTheWholeCapture() throws {
    let digest = Files.samples.appending(path: "sip-digest.pcapng").path
    let page = try Tool.run("diagram", "--format", "html", "--registration", "2", digest)
    #expect(page.status == 0 && page.output.hasPrefix("<!DOCTYPE html>"))
    #expect(page.output.contains("<section id=\"r2\"") && !page.output.contains("<section id=\"r1\""))
    let summary = try Tool.run("check", "--exit-zero", digest).output
    let count = try #require(summary.firstMatch(of: #/\n(\d+ registrations: [^\n]*)\n/#)?.1)
    #expect(page.output.contains("<p>\(count)</p>"))
  }

  @Test func theExtensionTellsThatAPageIsWanted() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID()).html")
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try Tool.run("diagram", "-o", file.path, Tool.wrongKey).status == 0)
    let page = try String(contentsOf: file, encoding: .utf8)
    #expect(page.hasSuffix("</html>\n"))
  }

  @Test func whatIsNotThereIsNotDrawn() throws {
    for arguments in [["diagram", "--format", "html"], ["via"], ["via", "--route"]] {
      let result = try Tool.run(arguments + ["--registration", "99", Tool.sample])
      #expect(result.status == 3 && result.output.isEmpty && result.complaints.contains("--registration 99"))
    }
  }

  @Test func wrongOptionsAreRefused() throws {
    for arguments in [["--page", "0"], ["--fdl-version", "5"], ["--seed"], ["--format", "gif"]] {
      let result = try Tool.run(["diagram"] + arguments + [Tool.sample])
      #expect(result.status == 2 && result.output.isEmpty, "\(arguments)")
    }
  }

  @Test func viaShowsWhatIsSelected() throws {
    let one = try Tool.run("via", Tool.sample)
    #expect(one.status == 0 && one.output.contains("Via of requests") && !one.output.contains("Path of"))
    let routes = try Tool.run("via", "--route", "--ascii", Tool.sample)
    #expect(routes.output.contains("Path of requests") && routes.output.utf8.allSatisfy { $0 < 0x80 })
    let digest = Files.samples.appending(path: "sip-digest.pcapng").path
    let all = try Tool.run("via", "--user", "001010000000001", digest)
    #expect(all.output.split(separator: "\n").count { $0.hasPrefix("#") } > 1)
  }
}
