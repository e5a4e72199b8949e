import Foundation
import TestSupport
import Testing

/// `check` as a gate: what it demands, what it accepts, and what it tells code hosts.
@Suite struct GateTests {
  @Test func whatIsExpectedIsDemanded() throws {
    #expect(try Tool.run("check", Tool.sample, "--exit-zero", "--expect", "registered").complaints == "")
    let other = try Tool.run(
      "check", Tool.wrongKey, "--fail-on", "error", "--profile", "seed", "--expect", "registered")
    #expect(other.status == 1)
    #expect(
      other.complaints.hasPrefix("imstrace: registration #1 was to end registered and is rejected 403: the S-CSCF"))
    #expect(try Tool.run("check", Tool.wrongKey, "--profile", "seed", "--expect", "registered,rejected").status == 0)
    #expect(try Tool.run("check", Tool.wrongKey, "--expect", "happy").status == 2)
  }

  @Test func soManyRegistrationsAreDemanded() throws {
    let seed = ["--profile", "seed"]
    #expect(try Tool.run("check", Tool.sample, seed[0], seed[1], "--expect-registrations", "1").status == 0)
    let two = try Tool.run("check", Tool.sample, seed[0], seed[1], "--expect-registrations", "2")
    #expect(two.status == 1)
    #expect(two.complaints == "imstrace: 2 registrations were expected, and 1 found\n")
    #expect(
      try Tool.run("check", Tool.sample, seed[0], seed[1], "--expect-registrations", "2", "--exit-zero").status == 0)
    let call = try Tool.capture("UE -> P: OPTIONS sip:hims.net")
    try Tool.withFile(call) { (path: String) throws -> Void in
      #expect(try Tool.run(path, "--expect-registrations", "0").status == 0)
      #expect(try Tool.run(path, "--expect-registrations", "1").status == 3)
    }
  }

  @Test func aBaselineThatWasWrittenIsMet() throws {
    try Tool.withFile([]) { (path: String) throws -> Void in
      #expect(try Tool.run("check", Tool.sample, "--write-baseline", path).status == 1)
      let text = String(decoding: try Tool.bytes(path), as: UTF8.self)
      #expect(text.contains("\nPRV001 P-CSCF UE C3 known since"))
      let again = try Tool.run("check", Tool.sample, "--baseline", path, "--fail-on", "info")
      #expect(again.status == 0)
      #expect(again.complaints == "")
      #expect(again.output.contains("No findings.") && again.output.contains("\nAccepted\n"))
      // Another capture has findings of its own, and not all of these.
      let stale = try Tool.run("check", Files.samples.appending(path: "sip-digest.pcapng").path, "--baseline", path)
      #expect(stale.complaints.contains("the baseline's 'PRV001 P-CSCF UE C3' was not found any more"))
      // What was not looked for is not stale.
      let part = try Tool.run(
        "check", Tool.wrongKey, "--baseline", path, "--select", "VIA", "--user", "001010000000001")
      #expect(part.complaints == "")
    }
  }

  /// What could not be looked for is not stale: the entry stays, also in a new baseline.
  @Test func whatWasNotCapturedIsNotStale() throws {
    let gm = try Tool.capture("UE -> P: REGISTER sip:hims.net\nP -> UE: 401 Unauthorized")
    let line = "CX001 I-CSCF HSS B4 the reason\n"
    try Tool.withFile(gm) { (capture: String) throws -> Void in
      try Tool.withFile(Array(line.utf8)) { (old: String) throws -> Void in
        try Tool.withFile([]) { (new: String) throws -> Void in
          let result = try Tool.run("check", capture, "--baseline", old, "--write-baseline", new)
          #expect(result.complaints == "")
          #expect(String(decoding: try Tool.bytes(new), as: UTF8.self).contains(line))
        }
      }
    }
  }

  @Test func reasonsSurviveANewBaseline() throws {
    let line = "PRV001 P-CSCF UE C3 the reason\nVIA001 UE P-CSCF B1 gone\n"
    try Tool.withFile(Array(line.utf8)) { (old: String) throws -> Void in
      try Tool.withFile([]) { (new: String) throws -> Void in
        let result = try Tool.run("check", Tool.sample, "--baseline", old, "--write-baseline", new)
        #expect(result.complaints.contains("'VIA001 UE P-CSCF B1' was not found any more"))
        let text = String(decoding: try Tool.bytes(new), as: UTF8.self)
        #expect(text.contains("PRV001 P-CSCF UE C3 the reason\n") && text.contains("AUT015 P-CSCF I-CSCF B3 "))
        #expect(!text.contains("VIA001"))
      }
    }
    try Tool.withFile(Array("PRV001 x\n".utf8)) { (bad: String) throws -> Void in
      let result = try Tool.run("check", Tool.sample, "--baseline", bad)
      #expect(result.status == 2)
      #expect(result.output == "" && result.complaints.hasSuffix(": line 1: expected: rule from to step reason\n"))
    }
  }

  @Test func aFindingIsAcceptedForAReasonOnly() throws {
    let accepted = try Tool.run("check", Tool.sample, "--suppress", "PRV001=lab SIM", "--suppress", "aut=known")
    #expect(accepted.status == 0)
    #expect(accepted.output.contains("  PRV001: lab SIM\n"))
    #expect(try Tool.run("check", Tool.sample, "--suppress", "PRV001").status == 2)
    #expect(try Tool.run("check", Tool.sample, "--suppress", "PRV999=x").status == 2)
    let json = try Tool.run("check", Tool.sample, "--suppress", "PRV001=lab SIM", "--format", "json").output
    #expect(json.contains("\"by\":\"option\",\"reason\":\"lab SIM\""))
    #expect(json.contains("\"suppressed\":1"))
  }

  @Test func rulesAreChosenAsLintersHaveIt() throws {
    #expect(try Tool.run("check", Tool.sample, "--select", "VIA").status == 0)
    #expect(try Tool.run("check", Tool.sample, "--ignore", "prv001").status == 0)
    #expect(try Tool.run("check", Tool.sample, "--select", "VIA", "--extend-select", "PRV001").status == 1)
    let wrong = try Tool.run("check", Tool.sample, "--select", "VIO")
    #expect(wrong.status == 2)
    #expect(wrong.complaints == "imstrace: no rule is named 'VIO': did you mean 'VIA'?\n")
    let json = try Tool.run("check", Tool.sample, "--ignore", "PRV001", "--format", "json").output
    #expect(json.contains("\"notRun\":[{\"rule\":\"PRV001\",\"reason\":\"not selected\"}]"))
  }

  @Test(arguments: ["sarif", "junit", "github", "markdown"]) func everyFormatIsWritten(_ format: String) throws {
    let result = try Tool.run("check", "--format", format, Tool.sample)
    #expect(result.status == 1)
    #expect(result.output.contains("PRV001"))
    #expect(result.output == (try Tool.run("check", "--format", format, Tool.sample).output))
    let none = try Tool.run("check", "--format", format, "/no/such/file.pcap")
    #expect(none.status == 3)
    #expect(none.output.contains("no such file"))
    #expect(
      try Tool.run("check", "--format", format, "--sarif-anchor", "a", Tool.sample).status
        == (format == "sarif" ? 1 : 2))
  }

  @Test func rulesAreListedForPrograms() throws {
    let text = try Tool.run("rules", "--format", "json").output
    let rules = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(rules.count > 140)
    for rule in rules {
      let id = try #require(rule["id"] as? String)
      #expect(id.hasPrefix(try #require(rule["family"] as? String)))
      #expect(["error", "warning", "info"].contains(rule["severity"] as? String))
      let clauses = try #require(rule["clauses"] as? [[String: String]])
      #expect(!clauses.isEmpty || rule["scope"] as? String == "capture")
      #expect(clauses.allSatisfy { $0["spec"] != nil && $0["clause"] != nil })
    }
  }
}
