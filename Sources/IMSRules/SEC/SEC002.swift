import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Rule {
  static let SEC002 = Rule(
    "SEC002", .error, "Security-Client/-Server syntax or missing parameters",
    clauses: [.ts33203("H"), .rfc(3329, "2.2")], since: "0.2",
    why: """
      Each end sets up its associations with the numbers of the other. One that is missing or impossible leaves an \
      association that no packet fits.
      """,
    traps: """
      Algorithms that nobody knows yet are not judged. Entries of the media plane are left out. SPIs of 1 to 255 are reserved \
      (RFC 4303): a warning. Equal headers are judged once.
      """,
    when: .aka, needs: [.message(status: nil, on: [.h0])],
    trigger: .oddOffer,
    flagged: [
      Example(
        "no spi-s",
        """
        UE -> P: REGISTER sip:hims.net        ←
          Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=1111; port-c=5062; port-s=5064
        P -> UE: 401 Unauthorized
        """),
      Example(
        "another protocol than ESP",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized             ←
          Security-Server: ipsec-3gpp; alg=hmac-sha-1-96; prot=ah; spi-c=1000; spi-s=1001; port-c=5100; port-s=6100
        """),
    ],
    clean: [
      Example(
        "all five",
        """
        UE -> P: REGISTER sip:hims.net
        P -> UE: 401 Unauthorized
        """)
    ]
  ) { flow, report in
    var judged: [Text] = []
    for index in flow.registerMessages where flow.messages[index].hop == .h0 {
      guard let sip = flow.sip(index) else { continue }
      let name = flow.messages[index].isRequest ? "Security-Client" : "Security-Server"
      let entries = flow.messages[index].isRequest ? sip.securityClient : sip.securityServer
      for entry in entries where entry.isIPsec && !entry.isOfMedia && !judged.contains(entry.raw) {
        judged.append(entry.raw)
        guard let fault = MechanismFault(entry) else { continue }
        report(
          "\(name) is wrong: \(fault.text)", at: [index], observed: "\(entry.raw)",
          expected: "alg, spi-c, spi-s, port-c and port-s as TS 33.203 has them", severity: fault.severity)
      }
    }
  }
}

private struct MechanismFault {
  var text: String
  var severity: Severity?

  init?(_ entry: SecurityMechanism) {
    if entry.facts.isPlain { return nil }
    let spis = [("spi-c", entry.spiC), ("spi-s", entry.spiS)]
    let ports = [("port-c", entry.portC), ("port-s", entry.portS)]
    if entry.alg == nil {
      text = "no alg"
    } else if let missing = spis.first(where: { $0.1 == nil }) {
      text = entry.parameters[Text(missing.0)] == nil ? "no \(missing.0)" : "\(missing.0) is no SPI"
    } else if let missing = ports.first(where: { ($0.1 ?? 0) == 0 }) {
      text = entry.parameters[Text(missing.0)] == nil ? "no \(missing.0)" : "\(missing.0) is no port"
    } else if let prot = entry.prot, !prot.isToken("esp") {
      text = "protocol \(prot)"
    } else if let mod = entry.mod, !mod.isToken("trans"), !mod.isToken("tun"), !mod.isToken("UDP-enc-tun") {
      text = "mode \(mod)"
    } else if let q = entry.q, !(Double(q.string).map { (0...1).contains($0) } ?? false) {
      text = "preference \(q)"
    } else if let zero = spis.first(where: { $0.1 == 0 }) {
      text = "\(zero.0) is 0"
    } else if let reserved = spis.first(where: { ($0.1 ?? 256) < 256 }) {
      (text, severity) = ("\(reserved.0) is reserved", .warning)
    } else {
      return nil
    }
  }
}
