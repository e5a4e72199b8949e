import IMSBytes
import IMSFlows
import IMSSIP

extension Rule {
  static let VIA004 = Rule(
    "VIA004", .error, "Existing Via entries altered",
    clauses: [.rfc(3261, "16.6"), .rfc(3261, "18.2.1"), .rfc(3581, "4")], since: "0.2",
    why: """
      A proxy pushes its own Via and leaves those below alone: each of them belongs to the node that wrote it, which will \
      look for it in the response.
      """,
    traps: """
      The receiver may add received and a value for rport, keep and the oc parameters to the entry that it received on top. \
      White space, quoting and the order of parameters are free. Where the numbers of entries do not fit, VIA003 speaks. \
      An entry with another branch and another transport is one of another sending, which was not captured.
      """,
    when: .register, needs: [.everyPair([.init(.h0, .h1), .init(.h1, .h2)])], trigger: .alteredVia,
    flagged: [
      Example(
        "the I-CSCF rewrites the UE's branch",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1
        P -> I: REGISTER sip:hims.net        ←
          Via: SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1, SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKother
        """)
    ],
    clean: [
      Example(
        "received was added",
        """
        UE -> P: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.10.0.2:5060;branch=z9hG4bKue1;rport
        P -> I: REGISTER sip:hims.net
          Via: SIP/2.0/UDP 10.20.0.10:5060;branch=z9hG4bKp1, SIP/2.0/UDP 10.10.0.2:5060;received=10.10.0.2;branch=z9hG4bKue1;rport=5060
        """)
    ]
  ) { flow, report in
    for pair in Need.HopPair.sip {
      for copies in flow.pairs(pair) {
        let (inner, outer) = (copies.inner, copies.outer)
        guard let before = flow.sip(inner)?.via, let after = flow.sip(outer)?.via, after.count == before.count + 1,
          let index = before.indices.first(where: {
            before[$0].raw != after[$0 + 1].raw && !KeptVia.equal(before[$0], after[$0 + 1], isTop: $0 == 0)
          }),
          !after.contains(where: { $0.parameters.has("tokenized-by") })
        else { continue }
        let node = flow.messages[outer].from?.rawValue ?? "proxy"
        report(
          "the \(node) altered Via \(index + 1) of the request it received", at: [outer, inner],
          observed: after[index + 1].raw.string, expected: before[index].raw.string)
      }
    }
  }
}

private enum KeptVia {
  /// What the receiver of the request may add to its top entry.
  private static let added: [StaticString] = ["received", "rport", "keep", "received-realm"]

  static func equal(_ before: Via, _ after: Via, isTop: Bool) -> Bool {
    if before.isSame(as: after, besides: isTop ? added : []) { return true }
    guard before.transport.equalsIgnoringCase(after.transport),
      before.sentBy.names(after.sentBy, transport: before.transport)
    else { return false }
    var rest = kept(of: after, isTop)
    for parameter in kept(of: before, isTop) {
      guard let same = rest.firstIndex(where: { equal($0, parameter) }) else { return false }
      rest.remove(at: same)
    }
    return rest.isEmpty
  }

  /// The parameters without those that may change.
  private static func kept(of via: Via, _ isTop: Bool) -> [Parameter] {
    via.parameters.filter { parameter in
      !isTop
        || !(added.contains { parameter.name.isToken($0) } || parameter.name.hasPrefixIgnoringCase("oc"))
    }
  }

  private static func equal(_ left: Parameter, _ right: Parameter) -> Bool {
    left.name.equalsIgnoringCase(right.name) && left.unquoted ?? "" == right.unquoted ?? ""
  }
}
