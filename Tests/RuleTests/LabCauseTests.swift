import IMSBytes
import IMSFlows
import IMSRules
import TestSupport
import Testing

/// The causes of every recorded registration that did not end well, in the order in which they ended.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence))) struct LabCauseTests {
  struct Failure: Sendable, CustomTestStringConvertible {
    var scenario: String
    /// Of each registration that failed: end of its IMSI, primary cause, words of its cause line.
    var causes: [(user: String, id: FailureCause.ID, words: String)]
    var testDescription: String { scenario }
  }

  static let failures = [
    Failure(
      scenario: "06-wrong-key", causes: [("01", .response, "the S-CSCF refused the answer to the challenge with 403")]),
    Failure(
      scenario: "07-unknown-user",
      causes: [
        ("01", .unknownUser, "the HSS answered the UAR with exp 5001 ERROR_USER_UNKNOWN on C1"),
        ("02", .identity, "the HSS answered the UAR with exp 5002 ERROR_IDENTITIES_DONT_MATCH on C1"),
      ]),
    Failure(scenario: "08-sync-failure", causes: []),
    Failure(
      scenario: "09a-hss-down",
      causes: [
        (
          "01", .hssTimeout,
          "the I-CSCF sent 408 Request Timeout on H1 (frame 84), and what lies behind it was not captured"
        )
      ]),
    Failure(
      scenario: "09b-hss-silent-pcscf-504-first",
      causes: [("01", .hssTimeout, "the HSS did not answer the UAR of the I-CSCF on C1 (frame 67)")]),
    Failure(
      scenario: "09d-hss-silent",
      causes: [("01", .hssTimeout, "the HSS did not answer the UAR of the I-CSCF on C1 (frame 67)")]),
    Failure(scenario: "09e-hss-slow-2s", causes: []),
    Failure(scenario: "10c-scscf-restart", causes: []),
    Failure(
      scenario: "11-sip-digest",
      causes: [("03", .response, "the S-CSCF refused the answer to the challenge with 403 Authentication Failed on H2")]
    ),
    Failure(
      scenario: "13-loss",
      causes: [
        (
          "09", .transport,
          "401 Unauthorized - Challenging the UE on H2 (S-CSCF → I-CSCF; frame 631); the P-CSCF gave up"
        ),
        (
          "08", .transport,
          "401 Unauthorized - Challenging the UE on H1 (I-CSCF → P-CSCF; frame 691); the P-CSCF gave up"
        ),
        ("10", .transport, "on H2 (S-CSCF → I-CSCF; frames 751, 1368); the P-CSCF gave up with 504"),
        ("17", .transport, "on H1 (I-CSCF → P-CSCF; frame 1525); the P-CSCF gave up with 504"),
        (
          "02", .transport,
          "lost on the way: 401 Unauthorized - Challenging the UE on H0 (P-CSCF → UE; frames 190, 1283), "
            + "401 Unauthorized - Challenging the UE on H1 (I-CSCF → P-CSCF; frame 2308); the P-CSCF gave up with 504"
        ),
        ("03", .transport, "lost on the way: 200 OK on H0 (P-CSCF → UE; frame 276)"),
      ]),
    Failure(
      scenario: "17a-ipsec-esp-null",
      causes: [
        ("02", .unknown, "the S-CSCF refused with 500 Server Internal Error on H2 (frame 643)"),
        ("01", .unknown, "the S-CSCF refused with 500 Server Internal Error on H2 (frame 656)"),
      ]),
    Failure(
      scenario: "17b-ipsec-esp-aes",
      causes: [
        ("02", .unknown, "the S-CSCF refused with 500 Server Internal Error on H2 (frame 671)"),
        ("01", .unknown, "the S-CSCF refused with 500 Server Internal Error on H2 (frame 686)"),
      ]),
    Failure(
      scenario: "30-minimal-own-configs",
      causes: [
        ("04", .response, "the S-CSCF refused the answer to the challenge with 403"),
        ("05", .unknownUser, "the HSS answered the UAR with exp 5001 ERROR_USER_UNKNOWN on C1"),
      ]),
    Failure(scenario: "31-sipp-ue-aka", causes: []),
  ]

  private func reports(_ scenario: String) throws -> [FlowReport] {
    Trace.reports(try Files.scenario(scenario), profile: .field)
  }

  private func user(_ report: FlowReport) -> String {
    String(report.flow.impi?.string.prefix { $0 != "@" }.suffix(2) ?? "")
  }

  @Test(arguments: failures) func eachFailureHasItsCause(_ failure: Failure) throws {
    let found = try reports(failure.scenario).filter { !$0.flow.outcome.isGood }
    #expect(found.map(user) == failure.causes.map(\.user))
    for (report, expected) in zip(found, failure.causes) {
      #expect(report.causes.first?.id == expected.id, "\(report.causes)")
      #expect(report.flow.cause.contains(expected.words), "\(report.flow.cause)")
      #expect(
        report.causes.allSatisfy { !$0.frames.isEmpty && $0.messages.allSatisfy(report.flow.messages.indices.contains) }
      )
      #expect(report.flow.stop != nil)
    }
  }

  /// Registered in the end: what made it take another challenge has its hop and its direction all the same.
  @Test func aDetourNamesTheLossThatCausedIt() throws {
    let reports = try reports("13-loss")
    let fourth = try #require(reports.first { user($0) == "04" })
    #expect(fourth.flow.outcome == .registered && fourth.causes.isEmpty)
    #expect(
      fourth.flow.cause.hasSuffix(
        "lost on the way: 200 OK on H2 (S-CSCF → I-CSCF; frame 373), 504 Server Time-Out on H0 (P-CSCF → UE; frame 435)"
      ))
    let last = try #require(reports.first { user($0) == "20" })
    #expect(last.flow.cause.hasSuffix("lost on the way: 200 OK on H0 (P-CSCF → UE; frame 1784)"))
    // A challenge that was lost and came with the next sending: tshark has these frames at the sender's interface alone.
    let challenge = "lost on the way: 401 Unauthorized - Challenging the UE on "
    let lost = [
      "05": "H1 (I-CSCF → P-CSCF; frame 434)", "07": "H0 (P-CSCF → UE; frame 488)", "12": "H0 (P-CSCF → UE; frame 819)",
      "11": "H0 (P-CSCF → UE; frames 770, 2164)",
    ]
    let others = reports.filter { $0.flow.outcome == .registered && !["04", "20"].contains(user($0)) }
    #expect(others.count == 12)
    for report in others {
      if let place = lost[user(report)] {
        #expect(report.flow.cause.hasSuffix(challenge + place))
      } else {
        #expect(!report.flow.cause.contains("lost"))
      }
    }
  }

  @Test func whereTheLostOnesStopped() throws {
    let stops = try reports("13-loss").filter { !$0.flow.outcome.isGood }.map { report in
      "\(user(report)) \(report.flow.stop.map { "\($0.last.step) \($0.next.step) \($0.reason.rawValue)" } ?? "")"
    }
    #expect(
      stops == [
        "09 C1 C1 lost", "08 C2 C2 lost", "10 C2 C3 notSent", "17 C2 C2 lost", "02 C3 C3 lost", "03 E8 E8 lost",
      ])
  }

  @Test func theDeregistrationByTheNetworkIsExplained() throws {
    let report = try #require(try reports("14-rtr").first { $0.flow.kind == .networkDeregistration })
    #expect(
      report.flow.cause
        == "the HSS ended the registration with an RTR (PERMANENT_TERMINATION: Subscription withdrawn) on C2 (frame 325), "
        + "which the S-CSCF answered with 2001 DIAMETER_SUCCESS (frame 329); the UE was told in a NOTIFY (frame 333)")
    #expect(report.flow.outcome == .deregistered && report.causes.isEmpty)
  }

  /// Without the keys of the last registrations the answer of the UE is closed.
  @Test func whatESPHidesIsUnreadable() throws {
    let reports = try reports("17b-ipsec-esp-aes")
    #expect(reports.filter { !$0.flow.outcome.isGood }.allSatisfy { $0.flow.stop?.next.hop == .c2 })
    let alone = Trace.reports(try Files.scenario("17b-ipsec-esp-aes", "ue.pcap"), profile: .field)
    let closed = alone.filter { $0.flow.outcome == .partial }
    #expect(!closed.isEmpty && closed.allSatisfy { $0.flow.stop?.reason == .unreadable }, "\(closed.map(\.flow.cause))")
  }
}
