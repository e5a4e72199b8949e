import Foundation
import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import TestSupport
import Testing

@testable import IMSViews

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What code hosts read: valid by their own schemas, with every finding, and nothing of a capture can break it.
@Suite struct CodeHostTests {
  static let folder = Files.root.appending(path: "Tests/ViewsTests/CodeHosts")

  /// The text of a view on a capture, and the reports that it was given.
  static func render(
    _ view: some ReportView, _ bytes: [UInt8], name: String = "a.pcapng", options: Options = Options(),
    _ change: (inout RunReport) -> Void = { _ in }
  ) -> (text: String, reports: [FlowReport], run: RunReport) {
    let (texts, reports, run) = renderAll([view], bytes, name: name, options: options, change)
    return (texts[0], reports, run)
  }

  /// The texts of several views on one reading of a capture.
  static func renderAll(
    _ views: [any ReportView], _ bytes: [UInt8], name: String = "a.pcapng", options: Options = Options(),
    _ change: (inout RunReport) -> Void = { _ in }
  ) -> (texts: [String], reports: [FlowReport], run: RunReport) {
    var views = views
    var texts = views.indices.map { views[$0].begin() }
    var reports: [FlowReport] = []
    var run = Analyzer(options).run([.file(BlockFile(bytes: bytes, name: name))]) { report in
      reports.append(report)
      for index in views.indices { texts[index] += views[index].registration(report) }
    }
    change(&run)
    for index in views.indices { texts[index] += views[index].end(run) }
    return (texts, reports, run)
  }

  static func hostile() throws -> [UInt8] {
    try TraceText(DiagramTests.hostile.replacing("403 <img", with: "403 \u{1}\u{8}]]>%0A::error::|`\u{85}<img")).bytes
  }

  // MARK: SARIF

  private func sarif(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func faults(_ log: [String: Any]) throws -> [String] {
    let schema = Self.folder.appending(path: "sarif-2.1.0-part.schema.json")
    return try SchemaValidator(Data(contentsOf: schema)).faults(in: log)
  }

  private func run(_ log: [String: Any]) throws -> [String: Any] {
    try #require((log["runs"] as? [[String: Any]])?.first)
  }

  @Test(arguments: Captures.all) func everyCaptureIsToldToCodeHosts(_ file: URL) throws {
    let (texts, reports, run) = Self.renderAll(
      [
        SARIFView(profile: .field, version: "0"), SARIFView(profile: .field, version: "0", hasBaseline: true),
        JUnitView(failOn: .error),
      ], try Files.bytes(file), name: "/a folder/\(file.lastPathComponent)")
    for (text, hasBaseline) in zip(texts, [false, true]) {
      let log = try sarif(text)
      #expect(try faults(log) == [])
      let results = try #require(try self.run(log)["results"] as? [[String: Any]])
      let findings = reports.flatMap(\.findings) + run.captureFindings
      #expect(results.compactMap { $0["occurrenceCount"] as? Int }.reduce(0, +) == findings.count)
      #expect(Set(results.compactMap { $0["ruleId"] as? String }) == Set(findings.map(\.rule)))
      #expect(results.allSatisfy { ($0["baselineState"] != nil) == hasBaseline })
      let prints = results.map { "\($0["partialFingerprints"] ?? "") \($0["level"] ?? "")" }
      #expect(Set(prints).count == prints.count)
    }
    try expectJUnit(texts[2], reports, run)
  }

  @Test func sarifListsEveryRule() throws {
    let view = SARIFView(profile: .field, rules: [], version: "0")
    let log = try sarif(Self.render(view, try Files.sample("wrong-key.pcapng")).text)
    let driver = try #require((try run(log)["tool"] as? [String: Any])?["driver"] as? [String: Any])
    let rules = try #require(driver["rules"] as? [[String: Any]])
    #expect(rules.compactMap { $0["id"] as? String } == Catalogue.rules.map(\.id))
    let configurations = rules.compactMap { $0["defaultConfiguration"] as? [String: Any] }
    #expect(configurations.allSatisfy { $0["enabled"] as? Bool == false })
    let level = configurations[try #require(Catalogue.rules.firstIndex { $0.id == "AUT015" })]["level"]
    #expect(level as? String == "warning")
  }

  @Test func sarifNamesItsPlacesAndItsAnchor() throws {
    let view = SARIFView(profile: .strict, version: "0", anchor: "docs/ims core.md")
    let log = try sarif(Self.render(view, try Files.sample("aka-registration.pcapng")).text)
    #expect(try faults(log) == [])
    let results = try #require(try run(log)["results"] as? [[String: Any]])
    let first = try #require(results.first { $0["ruleId"] as? String == "PRV001" })
    let prints = first["partialFingerprints"] as? [String: String]
    #expect(prints?["imstrace/v1"] == "PRV001 P-CSCF UE C3")
    #expect(prints?["primaryLocationLineHash"]?.wholeMatch(of: /[0-9a-f]{16}:1/) != nil)
    let location = (first["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any]
    #expect((location?["artifactLocation"] as? [String: Any])?["uri"] as? String == "docs/ims%20core.md")
    #expect((location?["region"] as? [String: Any])?["startLine"] as? Int == 1)
  }

  @Test func aResultThatIsAcceptedSaysWhy() throws {
    var options = Options()
    options.suppressions.baseline.add(FindingPlace(rule: "PRV001", from: .pcscf, to: .ue, step: "C3"), reason: "known")
    let view = SARIFView(profile: .field, version: "0", hasBaseline: true)
    let log = try sarif(Self.render(view, try Files.sample("aka-registration.pcapng"), options: options).text)
    #expect(try faults(log) == [])
    let results = try #require(try run(log)["results"] as? [[String: Any]])
    for result in results {
      let isKnown = result["ruleId"] as? String == "PRV001"
      #expect(result["baselineState"] as? String == (isKnown ? "unchanged" : "new"))
      let suppressions = result["suppressions"] as? [[String: String]]
      #expect(suppressions == (isKnown ? [["kind": "external", "justification": "known"]] : []))
    }
  }

  @Test func theCheckOfSARIFCanSayNo() throws {
    let text = Self.render(SARIFView(profile: .field, version: "0"), try Files.sample("wrong-key.pcapng")).text
    for (old, new) in [
      ("\"version\" : \"2.1.0\"", "\"version\" : \"2.0.0\""), ("\"driver\"", "\"engine\""), ("\"note\"", "\"info\""),
      ("\"text\" :", "\"txt\" :"), ("\"executionSuccessful\"", "\"successful\""), ("\"uri\"", "\"url\""),
      ("\"occurrenceCount\" : 1", "\"occurrenceCount\" : 0"), ("\"justification\"", "\"reason\""),
    ] {
      let wrong = text.replacing(old, with: new)
      if old != "\"justification\"" { #expect(wrong != text, "\(old)") }
      if wrong != text { #expect(try faults(sarif(wrong)) != [], "\(new)") }
    }
  }

  // MARK: JUnit

  /// What the schema in junit.xsd demands, as libxml2 reads it.
  @Test(
    .enabled(if: Renderer.xmllint.isInstalled, "xmllint is not installed"), arguments: Captures.samples)
  func junitIsValid(_ file: URL) throws {
    let view = JUnitView(failOn: .warning)
    let texts = [
      Self.render(view, try Files.bytes(file)) { $0.unmet = ["a \u{2} \"<b>"] }.text,
      Self.render(view, try Self.hostile()).text, Self.render(view, [1, 2, 3]).text,
    ]
    let schema = Self.folder.appending(path: "junit.xsd").path
    for text in texts {
      #expect(try Renderer.xmllint.run(["--noout", "--nonet", "--schema", schema, "-"], on: text).status == 0)
    }
    let wrong = texts[0].replacing("classname=", with: "class=")
    #expect(try Renderer.xmllint.run(["--noout", "--nonet", "--schema", schema, "-"], on: wrong).status != 0)
  }

  /// Its totals are those of its cases, and its cases those of the reports.
  private func expectJUnit(_ text: String, _ reports: [FlowReport], _ run: RunReport) throws {
    let suite = try JUnitReading(text)
    #expect(suite.cases.count == suite.total("tests"))
    #expect(suite.cases.count { $0.failure != nil } == suite.total("failures"))
    #expect(suite.cases.count { $0.isSkipped } == suite.total("skipped"))
    // A case fails where a family has an error, is skipped where nothing of it was judged, and is not there where none applies.
    var failed: Set<String> = []
    var skipped: Set<String> = []
    var all: Set<String> = []
    for report in reports {
      func key(_ rule: String) -> String { "#\(report.id) \(Rule.family(of: rule))" }
      let judged = Set((report.passed + report.findings.map(\.rule)).map(key))
      failed.formUnion(report.findings.filter { $0.severity == .error }.map { key($0.rule) })
      skipped.formUnion(Set(report.notObservable.map { key($0.rule) }).subtracting(judged))
      all.formUnion(judged.union(report.notObservable.map { key($0.rule) }))
    }
    let cases = suite.cases.filter { $0.name.hasPrefix("#") }
    #expect(Set(cases.filter { $0.failure != nil }.map(\.key)) == failed)
    #expect(Set(cases.filter(\.isSkipped).map(\.key)) == skipped)
    #expect(Set(cases.map(\.key)) == all)
    #expect(suite.cases.count - cases.count == run.captureFindings.count)
  }

  @Test func aFailureIsOfItsRule() throws {
    let (text, _, _) = Self.render(JUnitView(failOn: .error), try Files.sample("aka-registration.pcapng"))
    let failures = try JUnitReading(text).cases.filter { $0.failure != nil }
    #expect(failures.map(\.failure) == ["PRV001"])
    #expect(failures.map(\.key) == ["#1 PRV"])
  }

  @Test func controlCharactersStandInNoXML() {
    let text = XMLText.escaped("a\u{0}\u{1}\u{b}\u{7f}\u{85}\u{fffe}\n<&>\"'")
    #expect(text == "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}&#10;&lt;&amp;&gt;&quot;&#39;")
  }

  // MARK: annotations and Markdown

  @Test func annotationsAreALineEach() throws {
    let (text, reports, _) = Self.render(
      AnnotationView(), try Files.sample("aka-registration.pcapng"), name: "a:b,c.pcap")
    let lines = text.split(separator: "\n")
    #expect(lines.count == reports.flatMap(\.findings).count + 1)
    #expect(lines[0].hasPrefix("::error file=a%3Ab%2Cc.pcap,title=PRV001 CK/IK delivered to the UE::the 401"))
    #expect(lines[0].contains("%0AP-CSCF → UE, step C3; frame 89; registration #1"))
    #expect(lines.last == "1 registration: 1 registered; 1 error, 4 warnings")
  }

  @Test func nothingOfACaptureBecomesACommand() throws {
    let (text, _, _) = Self.render(AnnotationView(), try Self.hostile(), options: Self.strict) {
      $0.unmet = ["a\n::error::b"]
    }
    let lines = text.split(separator: "\n")
    #expect(lines.dropLast().allSatisfy { $0.hasPrefix("::") })
    #expect(lines.contains { $0.hasSuffix("a%0A::error::b") })
    #expect(!lines.contains { $0.hasPrefix("::error::") })
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
  }

  private static var strict: Options {
    var options = Options()
    options.profile = .strict
    return options
  }

  @Test func markdownShowsRegistrationsFindingsAndADiagram() throws {
    let (text, reports, _) = Self.render(MarkdownView(profile: .field), try Files.sample("wrong-key.pcapng"))
    #expect(
      text.hasPrefix("## imstrace: a.pcapng\n\n1 registration: 1 rejected; 1 error, 5 warnings (profile field)\n"))
    #expect(text.contains("| \\#1 | initial | sip:001010000000001@"))
    for finding in reports.flatMap(\.findings) { #expect(text.contains("| \(finding.rule) | \(finding.title) |")) }
    #expect(text.contains("```mermaid\n---") && text.contains("sequenceDiagram") && text.hasSuffix("```\n"))
  }

  @Test func markdownIsTextWhateverTheCaptureHolds() throws {
    let (text, _, _) = Self.render(MarkdownView(profile: .strict), try Self.hostile(), options: Self.strict)
    let tables = text.components(separatedBy: "```mermaid")[0]
    #expect(!tables.contains("<"))
    let rows = tables.split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(rows.count > 2)
    for row in rows { #expect([8, 8].contains(row.replacing("\\|", with: "").count { $0 == "|" }), "\(row)") }
  }

  /// A thousand registrations that break one rule are one entry everywhere.
  @Test func whatIsAlikeIsToldOnce() throws {
    let load = RegistrationRecipe.capture((1...30).map { RegistrationRecipe(subscriber: $0) })
    let (text, reports, _) = Self.render(AnnotationView(), load.pcapng, options: Self.strict)
    #expect(reports.count == 30)
    let places = Set(
      reports.flatMap { report in
        report.findings.map { "\(FindingPlace(of: $0, in: report.flow)) \($0.severity)" }
      })
    #expect(!places.isEmpty)
    #expect(text.split(separator: "\n").count == places.count + 1)
  }
}

/// A JUnit file as a code host reads it.
private final class JUnitReading: NSObject, XMLParserDelegate {
  struct Case {
    var classname: String
    var name: String
    var failure: String?
    var isSkipped = false

    /// "#1 VIA".
    var key: String { "\(name.prefix { $0 != " " }) \(classname.split(separator: ".").last ?? "")" }
  }

  private(set) var cases: [Case] = []
  private var suites: [[String: String]] = []

  init(_ text: String) throws {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(suites.count == 1)
  }

  func total(_ name: String) -> Int? { suites.first?[name].flatMap { Int($0) } }

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String] = [:]
  ) {
    switch element {
    case "testsuite": suites.append(attributes)
    case "testcase": cases.append(Case(classname: attributes["classname"] ?? "", name: attributes["name"] ?? ""))
    case "failure": cases[cases.count - 1].failure = attributes["type"]
    case "skipped": cases[cases.count - 1].isSkipped = true
    default: break
    }
  }
}
