import IMSBytes
import IMSFlows
import IMSForge
import IMSRules
import Testing

/// Rules of registrations that the recorded one is not: each silent on a told registration, firing where it is broken, and
/// saying what it could not see when the hops it needs are cut out.
@Suite struct ToldTraceTests {
  struct Proof: Sendable, CustomTestStringConvertible {
    var rule: String
    var trace: String
    /// A piece of the trace, and what stands in its place where it is broken.
    var old: String
    var new: String
    /// The one that is judged is the last.
    var registrations: Int
    var testDescription: String { rule }

    init(_ rule: String, _ trace: String, _ old: String, becomes new: String, registrations: Int = 1) {
      self.rule = rule
      self.trace = trace
      self.old = old
      self.new = new
      self.registrations = registrations
    }
  }

  static let proofs = [
    Proof("REG005", refused, "Min-Expires: 3600", becomes: "Min-Expires: 60"),
    Proof("REG010", refreshed, "wait 3000s", becomes: "wait 3500s", registrations: 2),
    Proof(
      "REG011", deregistered, "P -> UE: 200 OK", becomes: "P -> UE: 200 OK\n  Contact: <sip:10.10.0.2:5060>;expires=9"),
    Proof("REG014", thirdParty, "AS: REGISTER sip:as1.hims.net", becomes: "AS: REGISTER sip:as1.hims.net\n  -Contact"),
    Proof(
      "PRV008", thirdParty, "AS: REGISTER sip:as1.hims.net",
      becomes: "AS: REGISTER sip:as1.hims.net\n  Proxy-Authorization: Digest username=\"a\", response=\"b\""),
  ]

  private static let refused = """
    UE -> P: REGISTER sip:hims.net
      Contact: <sip:10.10.0.2:5060>;expires=60
    P -> I: REGISTER sip:hims.net
    I -> HSS: UAR
    HSS -> I: UAA
    I -> S: REGISTER sip:scscf1.hims.net:6060
    S -> I: 423 Interval Too Brief
      Min-Expires: 3600
    I -> P: 423 Interval Too Brief
    P -> UE: 423 Interval Too Brief
    """

  private static let deregistered = """
    UE -> P: REGISTER sip:hims.net
      Contact: <sip:10.10.0.2:5060>;expires=0
    P -> I: REGISTER sip:hims.net
    I -> HSS: UAR
    HSS -> I: UAA 2001
    I -> S: REGISTER sip:scscf1.hims.net:6060
    S -> HSS: SAR
    HSS -> S: SAA
    S -> I: 200 OK
    I -> P: 200 OK
    P -> UE: 200 OK
    """

  private static let refreshed = """
    UE -> P: REGISTER sip:hims.net
    P -> UE: 401 Unauthorized
    UE -> P: REGISTER sip:hims.net
    P -> UE: 200 OK
    wait 3000s
    UE -> P: REGISTER sip:hims.net
    P -> UE: 200 OK
    """

  private static let thirdParty = """
    S -> AS: REGISTER sip:as1.hims.net
    AS -> S: 200 OK
    """

  @Test(arguments: proofs) func passesOnTheToldTrace(_ proof: Proof) throws {
    let reports = Trace.reports(try TraceText(proof.trace).bytes, profile: .strict)
    let report = try #require(reports.last)
    #expect(reports.count == proof.registrations)
    #expect(report.passed.contains(proof.rule), "\(report.findings.map(\.message)) \(report.flow.outcome)")
  }

  @Test(arguments: proofs) func firesWhereItIsBroken(_ proof: Proof) throws {
    let broken = proof.trace.replacing(proof.old, with: proof.new)
    try #require(broken != proof.trace)
    let findings = Trace.reports(try TraceText(broken).bytes, profile: .strict).flatMap(\.findings)
    let severity = try #require(Catalogue.rule(proof.rule)).severity
    #expect(findings.contains { $0.rule == proof.rule && $0.severity == severity }, "\(findings.map(\.rule))")
  }

  /// Where the hop is the whole registration, nothing is left to be judged.
  @Test(arguments: proofs) func saysWhatItCouldNotSee(_ proof: Proof) throws {
    var editor = try CaptureEditor(try TraceText(proof.trace).bytes)
    editor.drop { $0.transport?.isUDP ?? false }
    let reports = Trace.reports(editor)
    #expect(reports.count == (proof.trace.contains("HSS") ? 1 : 0))
    for report in reports {
      let verdict = report.notObservable.first { $0.rule == proof.rule }
      #expect(verdict?.reason == .noHop, "\(report.passed) \(report.notApplicable)")
    }
  }
}
