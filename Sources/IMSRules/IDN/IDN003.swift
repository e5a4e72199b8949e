import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let IDN003 = Rule(
    "IDN003", .error, "UAR identities differ from the SIP request",
    clauses: [.ts24229("5.3.1.2"), .ts29228("6.1.1.1"), .ts29228("7.2"), .ts29228("7.3")], since: "0.2",
    why: """
      The I-CSCF asks for the identities that stand in the REGISTER. Others make the HSS authorize somebody else, or nobody.
      """,
    traps: """
      Public identities are compared as addresses of record: without port and parameters, scheme and host without regard to \
      case. Without Authorization the private identity follows from the public one.
      """,
    when: .register, needs: [.message(status: nil, on: [.h1]), .exchange(.userAuthorization)],
    flagged: [
      Example(
        "another private identity",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR         ←
          User-Name: somebody.else@hims.net
        HSS -> I: UAA
        """)
    ],
    clean: [
      Example(
        "as the REGISTER says",
        """
        UE -> P: REGISTER sip:hims.net
        P -> I: REGISTER sip:hims.net
        I -> HSS: UAR
        HSS -> I: UAA
        """)
    ]
  ) { flow, report in
    for exchange in flow.exchanges(of: .userAuthorization) {
      guard let index = exchange.request, let uar = flow.diameter(index), let round = exchange.round else { continue }
      let requests = flow.transactions.filter { $0.hop == .h1 && $0.round == round }.flatMap(\.requests)
      guard
        let register = requests.last(where: { flow.messages[$0].time <= flow.messages[index].time }) ?? requests.first,
        let sip = flow.sip(register), let to = sip.to?.uri
      else { continue }
      if let asked = uar.publicIdentity, asked.addressOfRecordFingerprint != to.addressOfRecordFingerprint {
        report(
          "the UAR asks for another public identity", at: [index, register], observed: "Public-Identity \(asked)",
          expected: "\(to.addressOfRecord())")
      }
      let username = sip.authorization.lazy.compactMap(\.username).first { !$0.isEmpty }
      guard let asked = uar.userName, asked != username else { continue }
      let expected = username ?? Text(to.addressOfRecord().bytes.drop { $0 != UInt8(ascii: ":") }.dropFirst())
      if asked != expected {
        report(
          "the UAR asks for another private identity", at: [index, register], observed: "User-Name \(asked)",
          expected: "\(expected)")
      }
    }
  }
}
