/// A registration, or what ends one, in a documented variant: a text ladder in which every node does what the standards
/// ask for, from the UE to the HSS.
package struct VariantTrace: Sendable, CustomStringConvertible {
  /// Of the variant: "V2".
  package let id: String
  package let ladder: String

  package var description: String { id }

  /// What follows the first registration belongs to it: the variant is that of the last part.
  package static let all: [VariantTrace] = [
    VariantTrace(id: "main", ladder: lookedUp(registration)),
    VariantTrace(id: "A", ladder: bearer + registration),
    VariantTrace(id: "V1", ladder: combined(registration)),
    VariantTrace(id: "V2", ladder: registration + "wait 3000s\n" + granted()),
    VariantTrace(id: "V3", ladder: registration + "wait 3000s\n" + registration),
    VariantTrace(id: "V4", ladder: registration + "wait 60s\n" + granted([.ue: ["Contact.expires: 0"]])),
    VariantTrace(
      id: "V5a", ladder: registration + subscription + "wait 60s\nHSS -> S: RTR\nS -> HSS: RTA\n" + notification),
    VariantTrace(id: "V5b", ladder: registration + subscription + "wait 3600s\n" + assignment(4) + notification),
    VariantTrace(id: "V5c", ladder: registration + subscription + "wait 60s\n" + assignment(8) + notification),
    VariantTrace(
      id: "V5d", ladder: registration + subscription + "wait 60s\n" + shortened + registration),
    VariantTrace(
      id: "V7", ladder: challenged() + challenged([.ue: ["Authorization.auts: \"AAAAAAAAAAAAAAAAAAA=\""]]) + granted()),
    VariantTrace(id: "V8", ladder: refusedByHSS("exp 5001", "403 Forbidden")),
    VariantTrace(id: "V9", ladder: refusedByHSS("exp 5004", "403 Forbidden")),
    VariantTrace(id: "V10", ladder: reselected),
    VariantTrace(
      id: "V11",
      ladder: pass([], answer: "423 Interval Too Brief", [.ue: ["Contact.expires: 60"]]) + registration),
    VariantTrace(id: "V13", ladder: refusedByHSS("5012", "480 Temporarily Unavailable")),
    VariantTrace(
      id: "V14", ladder: "proof giba\n" + unchallenged),
    VariantTrace(id: "V15", ladder: "proof sip-digest\n" + registration),
    VariantTrace(id: "V16", ladder: "proof sip-digest-tls\n" + onMw(registration)),
    VariantTrace(id: "V17a", ladder: "proof nass-bundled\n" + unchallenged),
    VariantTrace(
      id: "V17b", ladder: onMw(granted([.pcscf: ["Authorization.integrity-protected: \"auth-done\""]]))),
    VariantTrace(id: "V18", ladder: emergency),
    VariantTrace(id: "V20", ladder: outbound),
    VariantTrace(
      id: "V21",
      ladder: registration + "wait 60s\n"
        + pass([], answer: "200 OK", [.ue: ["-Contact"], .answer: ["Contact: <sip:10.10.0.2:40002>;expires=3540"]])),
    VariantTrace(id: "F1", ladder: registration + "S -> AS: REGISTER\nAS -> S: 200 OK\n"),
    VariantTrace(id: "F3", ladder: registration + subscription),
  ]

  /// Variants without such a trace, each with the reason.
  package static let notBuilt: [String: String] = [
    "V6a": "the UE's answer is wrong, and a warning (AUT011) says so",
    "V6b": "what the UE sends cannot be read, so that nothing but the silence behind the challenge is seen",
    "V6c": "the UE takes the network for a false one, and a warning (AUT016) says so",
    "V6d": "nobody answers the challenge, and a warning (SEQ002) says so",
    "V6e": "the answer does not mirror the agreement, and an error (SEC007) says so",
    "V12": "the builder has one P-CSCF",
    "V17c": "the builder has no AKAv2",
    "V19": "the builder has no border element",
  ]

  /// Variants that no registration is told as, each with the reason: what makes them one belongs to none.
  package static let notTold: [String: String] = [
    "V5d": "the NOTIFY belongs to no registration, and what follows is told as V3",
    "F3": "SUBSCRIBE and NOTIFY belong to no registration: they are listed, not matched",
  ]

  // MARK: passes

  /// Arrows below which a part of a ladder has headers of its own.
  private enum Place { case ue, pcscf, uar, answer }

  private static func pass(_ inner: [String], answer: String, _ headers: [Place: [String]] = [:]) -> String {
    func arrow(_ text: String, _ place: Place? = nil) -> String {
      ([text] + (place.flatMap { headers[$0] } ?? []).map { "  " + $0 }).map { $0 + "\n" }.joined()
    }
    return arrow("UE -> P: REGISTER sip:hims.net", .ue) + arrow("P -> I: REGISTER", .pcscf)
      + arrow("I -> HSS: UAR", .uar)
      + arrow("HSS -> I: UAA") + arrow("I -> S: REGISTER") + inner.map { arrow($0) }.joined()
      + arrow("S -> I: \(answer)", .answer) + arrow("I -> P: \(answer)") + arrow("P -> UE: \(answer)")
  }

  private static func challenged(_ headers: [Place: [String]] = [:]) -> String {
    pass(["S -> HSS: MAR", "HSS -> S: MAA"], answer: "401 Unauthorized", headers)
  }

  private static func granted(_ headers: [Place: [String]] = [:], profile: [String] = []) -> String {
    pass(["S -> HSS: SAR", "HSS -> S: SAA"] + profile, answer: "200 OK", headers)
  }

  private static let registration = challenged() + granted()
  private static let unchallenged = pass(
    ["S -> HSS: MAR", "HSS -> S: MAA", "S -> HSS: SAR", "HSS -> S: SAA"], answer: "200 OK")

  /// The P-CSCF has yet to learn where the home network is.
  private static func lookedUp(_ ladder: String) -> String {
    let first = "UE -> P: REGISTER sip:hims.net\n"
    return ladder.replacing(first, with: first + "P -> DNS: A hims.net\nDNS -> P: A 10.20.0.20\n", maxReplacements: 1)
  }

  private static let bearer = """
    SGSN -> GGSN: Create PDP Context
    GGSN -> SGSN: Create PDP Context

    """

  // MARK: what happens otherwise

  /// What the I-CSCF and the S-CSCF tell each other stays inside.
  private static func combined(_ ladder: String) -> String {
    lines(ladder) { !$0.hasPrefix("I -> S:") && !$0.hasPrefix("S -> I:") }
      .replacing("S -> HSS:", with: "I -> HSS:").replacing("HSS -> S:", with: "HSS -> I:")
  }

  /// Gm is closed, or the node that the UE registers through is its own.
  private static func onMw(_ ladder: String) -> String {
    lines(ladder) { !$0.hasPrefix("UE ->") && !$0.hasPrefix("P -> UE:") }
  }

  private static func lines(_ ladder: String, _ isKept: (Substring) -> Bool) -> String {
    ladder.split(separator: "\n").filter(isKept).map { $0 + "\n" }.joined()
  }

  private static func refusedByHSS(_ result: String, _ refusal: String) -> String {
    """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER
    I -> HSS: UAR
    HSS -> I: UAA \(result)
    I -> P: \(refusal)
    P -> UE: \(refusal)

    """
  }

  /// The first S-CSCF cannot serve the user; the second does from then on.
  private static let reselected =
    """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER
    I -> HSS: UAR
    HSS -> I: UAA
    I -> S: REGISTER
    S -> I: 480 Temporarily Unavailable
    I -> HSS: UAR
      User-Authorization-Type: 2
    HSS -> I: UAA
    I -> S2: REGISTER
    S2 -> HSS: MAR
    HSS -> S2: MAA
    S2 -> I: 401 Unauthorized
    I -> P: 401 Unauthorized
    P -> UE: 401 Unauthorized

    """
    + granted().replacing("-> S:", with: "-> S2:").replacing("\nS ->", with: "\nS2 ->")

  private static let emergency =
    challenged([.ue: ["Contact: <sip:10.10.0.2:5060;sos>;expires=600000"], .uar: ["UAR-Flags: 1"]])
    + granted(
      [
        .ue: ["Contact: <sip:10.10.0.2:40002;sos>;expires=600000"], .uar: ["UAR-Flags: 1"],
        .answer: ["P-Associated-URI: <sip:name@hims.net>, <tel:+15550001>"],
      ],
      profile: [
        """
          User-Data: <?xml version="1.0" encoding="UTF-8"?><IMSSubscription><PrivateID>name.private@hims.net</PrivateID>\
        <ServiceProfile><PublicIdentity><BarringIndication>0</BarringIndication><Identity>sip:name@hims.net</Identity>\
        </PublicIdentity><PublicIdentity><Identity>tel:+15550001</Identity></PublicIdentity></ServiceProfile>\
        </IMSSubscription>
        """
      ])

  private static let outbound: String = {
    let flow = ";expires=600000;reg-id=1;+sip.instance=\"<urn:gsma:imei:90420156-025763-0>\""
    func headers(_ port: Int, _ answer: [String] = []) -> [Place: [String]] {
      [
        .ue: ["Supported: path, outbound", "Contact: <sip:10.10.0.2:\(port)>\(flow)"],
        .pcscf: ["Path: <sip:term@pcscf1.vims.net:5060;lr;ob>"], .answer: answer,
      ]
    }
    return challenged(headers(5060)) + granted(headers(40002, ["Require: outbound"]))
  }()

  // MARK: what follows

  private static let subscription = """
    UE -> P: SUBSCRIBE
    P -> S: SUBSCRIBE
    S -> P: 200 OK
    P -> UE: 200 OK
    S -> P: NOTIFY
    P -> UE: NOTIFY
    UE -> P: 200 OK
    P -> S: 200 OK

    """

  private static let notification = """
    S -> P: NOTIFY
      Subscription-State: terminated
    P -> UE: NOTIFY
    UE -> P: 200 OK
    P -> S: 200 OK

    """

  private static let shortened = notification.replacing(
    "  Subscription-State: terminated\n",
    with: """
        | <?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="1" state="partial"><registration aor="sip:name@hims.net" id="a1" state="active"><contact id="c1" state="active" event="shortened" expires="600"><uri>sip:10.10.0.2:40002</uri></contact></registration></reginfo>

      """)

  private static func assignment(_ type: Int) -> String {
    """
    S -> HSS: SAR
      Server-Assignment-Type: \(type)
      User-Data-Already-Available: 1
    HSS -> S: SAA

    """
  }
}
