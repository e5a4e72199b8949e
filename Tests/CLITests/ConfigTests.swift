import Foundation
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import IMSViews
import TestSupport
import Testing

@testable import imstrace

/// Profiles as YAML: what is printed is read back, what is wrong is one sentence with its place.
@Suite struct ConfigTests {
  static let whole = """
    name: acme
    title: "as ACME does: \\"so\\""
    base: field
    severity: warning
    rules:
      VIA: error
      AUT015: {severity: info, peers: {P-CSCF: error, "10.20.0.10:5060": warning}}
      PRV001: {off: lab SIMs}
      OPX001: error
    select: [VIA, AUT, PRV, OPX001]
    ignore: [HDR011]
    suppress:
      - {rule: RTE013, peer: I-CSCF, step: B3, reason: no charging in the lab}
      - {rule: NET, step: A5, reason: "x"}
    roles:
      10.20.0.10: P-CSCF
      "[2001:db8::1]:4060": {role: I-CSCF, name: the edge}
    timers: {final-response: 16, final-response-ue: 64, await-authentication: 30, await-digest: 0.25}
    steps:
      B4: optional
      B7: mandatory
      X1: {after: B7, hop: C2, message: SAR}
      X2: {after: X1, hop: C2, message: SAA, presence: optional}
    headers:
      - {rule: OPX001, severity: warning, title: "a: b", message: REGISTER, hop: H0, header: Contact, contains: +sip.instance}
      - {rule: OPX002, message: 401, hop: H1, header: X-Own, must: absent}
    """

  @Test(arguments: Profile.all) func aBuiltInProfileIsReadAsItIsPrinted(_ profile: Profile) throws {
    let text = ProfileView.yaml(profile)
    #expect(try ConfigFile.profile(text, base: nil) == profile)
    #expect(try Tool.run("profile", "show", profile.name).output == text)
  }

  @Test func everythingThatCanBeSaidIsReadAsItIsPrinted() throws {
    let profile = try ConfigFile.profile(Self.whole, base: nil)
    #expect(profile.name == "acme" && profile.title == "as ACME does: \"so\"")
    #expect(profile.rules["SEC013"] == Profile.field.rules["SEC013"])
    #expect(profile.rules["AUT015"]?.peers.map(\.peer).map(\.description) == ["P-CSCF", "10.20.0.10:5060"])
    #expect(profile.customs.timers.awaitDigest == .milliseconds(250))
    #expect(profile.customs.steps.map(\.id) == ["B4", "B7", "X1", "X2"])
    #expect(profile.headers.map(\.demand) == [.contains("+sip.instance"), .absent])
    #expect(profile.roles.map(\.name) == ["", "the edge"])
    #expect(try ConfigFile.profile(ProfileView.yaml(profile), base: nil) == profile)
  }

  /// The example of docs/profiles.md is one.
  @Test func theDocumentedExampleIsRead() throws {
    let page = try String(contentsOf: Files.root.appending(path: "docs/profiles.md"), encoding: .utf8)
    let example = page.components(separatedBy: "```")[1].dropFirst("yaml\n".count)
    let profile = try ConfigFile.profile(String(example), base: nil)
    #expect(profile.name == "acme" && profile.customs.timers == .standard && profile.headers.count == 2)
    #expect(try ConfigFile.profile(ProfileView.yaml(profile), base: nil) == profile)
  }

  @Test func aBaseIsBuiltOn() throws {
    #expect(try ConfigFile.profile("", base: nil).rules == Profile.field.rules)
    #expect(try ConfigFile.profile("base: strict", base: nil).rules.isEmpty)
    #expect(try ConfigFile.profile("base: strict", base: .seed).otherwise == .info)
    #expect(try ConfigFile.profile("base: gsma-ir92\nrules: {GSM001: {off: no}}", base: nil).headers.count == 2)
  }

  @Test(arguments: [
    ("rulez: {}", 1, 1, "the configuration has no key 'rulez': did you mean 'rules'?"),
    ("name: x\n# y\nrules:\n  VIA0O1: error", 4, 3, "there is no rule 'VIA0O1': did you mean 'VIA001'?"),
    ("rules: {VIA001: eror}", 1, 17, "'eror' is no severity: did you mean 'error'?"),
    ("rules: {VIA001: off}", 1, 17, "a rule is turned off for a reason"),
    ("rules: {VIA001: {off: \"\"}}", 1, 23, "a line of text is expected here"),
    ("rules: {VIA001: {peers: {PBX: error}}}", 1, 26, "'PBX' is neither a role nor an address"),
    ("steps:\n  B4: optional\n  B99: optional", 3, 3, "there is no step 'B99'"),
    ("steps: {B4: never}", 1, 13, "'never' is no word: mandatory, optional"),
    ("steps: {LONGER: {after: B4, hop: C1, message: MAR}}", 1, 9, "'LONGER' is no name for a step"),
    ("steps: {B4: {after: B3, hop: C1, message: MAR}}", 1, 9, "the sequence has a step 'B4' already"),
    ("steps: {X: {after: B4, hop: C1, message: UAR}}", 1, 42, "step B4 is that message already"),
    ("steps: {X: {after: B4, hop: H0, message: UAR}}", 1, 42, "'UAR' is no message of the sequence on H0"),
    ("steps: {X: {hop: H0, message: UAR}}", 1, 12, "an added step needs the key 'after'"),
    ("suppress:\n- {rule: VIA}", 2, 3, "an entry of suppress needs the key 'reason'"),
    ("suppress: VIA001", 1, 11, "a list is expected here"),
    ("select: [VIA, VIO]", 1, 15, "there is no rule 'VIO': did you mean 'VIA'?"),
    ("roles: {10.0.0: P-CSCF}", 1, 9, "'10.0.0' is no address"),
    ("roles: {10.0.0.1: PBX}", 1, 19, "unknown role 'PBX'; known roles: UE, "),
    ("timers: {final-response: soon}", 1, 26, "'soon' is no time: seconds from 0.001 to 86400"),
    ("timers: {final-response: 1e300}", 1, 26, "'1e300' is no time"),
    ("timers: {final-respond: 1}", 1, 10, "timers has no key 'final-respond': did you mean 'final-response'?"),
    (
      "headers: [{rule: VIA900, message: 200, hop: H0, header: X, must: present}]", 1, 18,
      "'VIA900' is no name for a rule"
    ),
    (
      "headers: [{rule: OPX001, message: 2OO, hop: H0, header: X, must: present}]", 1, 35,
      "'2OO' is neither REGISTER nor"
    ),
    ("headers: [{rule: OPX001, message: 200, hop: C1, header: X, must: present}]", 1, 45, "'C1' is no hop"),
    (
      "headers: [{rule: OPX001, message: 200, hop: H0, header: X}]", 1, 11,
      "either 'must' (present or absent) or 'contains'"
    ),
    ("base: feild", 1, 7, "'feild' is no profile: did you mean 'field'?"),
    ("- a", 1, 1, "the configuration: keys and values are expected here"),
    ("name: [", 2, 1, "no YAML: "), ("name: x\nname: y", 1, 1, "'name' stands here twice"),
    ("name: *a", 1, 7, "no YAML: "), ("a: \u{1}", 1, 4, "no YAML: control characters are not allowed"),
    ("name: a\n---\nname: b", 2, 1, "no YAML: "),
  ]) func whatIsWrongHasItsPlace(_ text: String, _ line: Int, _ column: Int, _ words: String) throws {
    let failure = #expect(throws: ConfigFile.Failure.self) { try ConfigFile.profile(text + "\n", base: nil) }
    #expect(
      failure?.line == line && failure?.column == column && failure?.reason.hasPrefix(words) ?? false, "\(failure!)")
    #expect(failure?.reason.contains("\n") == false)
  }

  /// Cut or altered anywhere: a sentence or a profile, never an end.
  @Test func anyTextIsReadOrRefused() {
    let bytes = Array(Self.whole.utf8)
    for index in stride(from: 0, to: bytes.count, by: 3) {
      for text in [bytes.prefix(index), bytes.prefix(index) + [bytes[index] ^ 4] + bytes.dropFirst(index + 1)] {
        _ = try? ConfigFile.profile(String(decoding: text, as: UTF8.self), base: nil)
      }
    }
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: ConfigFile.Failure.self) { try ConfigFile.profile(deep, base: nil) }
    #expect(throws: ConfigFile.Failure.self) {
      try ConfigFile.profile(String(repeating: "#", count: ConfigFile.limit + 1), base: nil)
    }
  }

  // MARK: on the command line

  private func withFolder(_ config: String, _ body: (_ capture: String, _ config: String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "imstrace-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "imstrace.yaml")
    try config.write(to: file, atomically: true, encoding: .utf8)
    try FileManager.default.copyItem(atPath: Tool.sample, toPath: folder.appending(path: "a.pcapng").path)
    try body(folder.appending(path: "a.pcapng").path, file.path)
  }

  @Test func aFileBesideTheCaptureIsFoundAndTold() throws {
    try withFolder("name: lab\nrules: {PRV001: {off: the SIMs are for tests}}") { capture, config in
      let found = try Tool.run("check", capture)
      #expect(found.status == 0)
      #expect(found.output.contains("\nJudged by the profile lab (\(config))\n"))
      #expect(found.output.contains("\nRules that were not run\n  PRV001: the SIMs are for tests\n"))
      let json = try Tool.run("check", capture, "--format", "json").output
      #expect(
        json.contains("\"profile\":\"lab\",\"notRun\":[{\"rule\":\"PRV001\",\"reason\":\"the SIMs are for tests\"}]"))
      #expect(try Tool.run("check", capture, "--no-config").status == 1)
      #expect(try Tool.run("check", capture, "--select", "PRV001").status == 1)
      #expect(try Tool.run("check", Tool.sample, "--config", config).status == 0)
      #expect(try Tool.run("check", capture, "--no-config", "--config", config).status == 2)
    }
  }

  @Test func aConfigurationThatIsWrongRunsNothing() throws {
    try withFolder("rules: {VIA001: nothing}") { capture, config in
      for verb in ["check", "flows", "ladder", "dump"] {
        let result = try Tool.run(verb, capture)
        #expect(result.status == 2 && result.output == "")
        #expect(
          result.complaints
            == "imstrace: \(config): line 1, column 17: 'nothing' is no severity: error, warning, info\n")
      }
      #expect(try Tool.run("check", "/no/such/file.pcap", "--config", config).status == 2)
      #expect(try Tool.run("check", capture, "--config", "/no/such/file.yaml").status == 2)
    }
  }

  @Test func anOptionIsStrongerThanTheFile() throws {
    try withFolder("base: seed\nroles: {10.20.0.10: S-CSCF}") { capture, config in
      #expect(try Tool.run("check", capture).status == 0)
      #expect(try Tool.run("check", capture, "--profile", "strict").status == 1)
      try Tool.withFile(Array("10.20.0.10 P-CSCF edge\n".utf8)) { (hosts: String) throws -> Void in
        let result = try Tool.run("check", capture, "--hosts", hosts, "--format", "json")
        #expect(result.output.contains("\"name\":\"edge\""))
        #expect(
          try Tool.run("check", capture, "--format", "json").output.contains(
            "\"role\":\"S-CSCF\",\"address\":\"10.20.0.10\""))
      }
    }
  }

  @Test func aProfileIsPrinted() throws {
    try withFolder(Self.whole) { _, config in
      let shown = try Tool.run("profile", "show", "--config", config)
      #expect(shown.status == 0 && shown.output.hasPrefix("name: \"acme\"\n"))
      #expect(try Tool.run("profile", "show").status == 2)
      #expect(try Tool.run("profile", "show", "nobody").status == 2)
    }
  }
}
