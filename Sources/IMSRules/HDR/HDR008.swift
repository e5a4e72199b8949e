import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let HDR008 = Rule(
    "HDR008", .error, "Proxy modified a header it must not touch",
    clauses: [.rfc(3261, "16.6"), .ts24229("5.2.2.1"), .ts24229("5.3.1.2")], since: "0.2",
    why: """
      A proxy changes what its procedures name and passes on the rest. Who registers, the credentials and the body are the UE's \
      own: an S-CSCF that gets others refuses them, or registers somebody else.
      """,
    traps: """
      Copies with the received Via below are compared; a node that begins a request of its own is no proxy. integrity-protected \
      is the P-CSCF's to write, sec-agree its to take off. Option tags that a P-CSCF loses from Supported are a warning: what the \
      UE can do is then unknown to the S-CSCF. The Contact is REG012's. One finding for a header of a registration on a hop.
      """,
    when: .register, needs: [.everyPair([.init(.h0, .h1), .init(.h1, .h2)])], trigger: .alteredHeader,
    flagged: [
      Example(
        "the P-CSCF takes a parameter out of the credentials",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net        ←
          -Authorization.algorithm
        """),
      Example(
        "another From tag behind the I-CSCF",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> S: REGISTER sip:hims.net        ←
          From: <sip:name@hims.net>;tag=other
        """),
      Example(
        "the P-CSCF forgets what the UE supports",
        """
        UE -> P: REGISTER sip:hims.net
          Supported: path, gruu
        P -> I: REGISTER sip:hims.net        ←
          Supported: path
        """),
    ],
    clean: [
      Example(
        "integrity-protected added, sec-agree taken off",
        """
        UE -> P: REGISTER sip:hims.net
          Supported: path, sec-agree
        P -> I: REGISTER sip:hims.net
          Supported: path
        I -> S: REGISTER sip:hims.net
        """)
    ]
  ) { flow, report in
    for pair in Need.HopPair.sip {
      var reported: [Kept] = []
      for copies in flow.proxiedPairs(pair) {
        guard let before = flow.sip(copies.inner), let after = flow.sip(copies.outer) else { continue }
        for kept in Kept.allCases where !reported.contains(kept) {
          guard let change = kept.change(from: before, to: after, copies.alike) else { continue }
          reported.append(kept)
          report(
            "the \(flow.messages[copies.outer].from?.rawValue ?? "proxy") \(change.text)",
            at: [copies.outer, copies.inner], observed: change.observed, expected: change.expected,
            severity: kept == .supported ? .warning : nil)
        }
      }
    }
  }
}

/// What a proxy must pass on as it is.
private enum Kept: CaseIterable {
  case from, to, credentials, body, supported

  /// Nil where it is what it was.
  /// - Parameter alike: the headers that are.
  func change(
    from before: SIPMessage, to after: SIPMessage, _ alike: HeaderSet
  ) -> (text: String, observed: String, expected: String)? {
    switch self {
    case .from:
      return alike.contains(.from) ? nil : Kept.change(of: "From", from: before.from, to: after.from)
    case .to: return alike.contains(.to) ? nil : Kept.change(of: "To", from: before.to, to: after.to)
    case .credentials:
      guard !alike.contains(.authorization), let name = before.changedCredential(in: after) else {
        return nil
      }
      return ("changed the UE's \(name) in Authorization", "another \(name)", "\(name) as the UE sent it")
    case .body:
      guard before.body != after.body else { return nil }
      return ("changed the body", "\(after.body.count) octets", "\(before.body.count) octets")
    case .supported:
      guard !alike.contains(.supported), let lost = before.lostOptions(in: after) else { return nil }
      return ("took \(lost) out of Supported", Kept.supported(by: after), Kept.supported(by: before))
    }
  }

  private static func change(of header: String, from before: NameAddr?, to after: NameAddr?) -> (
    String, String, String
  )? {
    guard let before, let after, before.raw != after.raw,
      before.uri.addressOfRecordFingerprint != after.uri.addressOfRecordFingerprint || before.tag != after.tag
    else { return nil }
    return ("changed \(header)", after.raw.string, before.raw.string)
  }

  private static func supported(by sip: SIPMessage) -> String {
    "Supported: \(sip.list(.supported).map(\.string).joined(separator: ", "))"
  }
}

extension SIPMessage {
  /// The first parameter of the UE's credentials that the copy has not, or has with another value.
  func changedCredential(in copy: SIPMessage) -> Text? {
    for (before, after) in zip(authorization, copy.authorization) {
      if let name = before.firstChange(in: after, besides: .integrityProtected) { return name }
    }
    return nil
  }

  fileprivate func lostOptions(in copy: SIPMessage) -> String? {
    let kept = copy.list(.supported)
    let lost = list(.supported).filter { option in
      !option.isToken("sec-agree") && !kept.contains { $0.equalsIgnoringCase(option) }
    }
    return lost.isEmpty ? nil : lost.map(\.string).joined(separator: ", ")
  }
}
