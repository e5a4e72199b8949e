import IMSBytes
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Condition {
  /// Where the 401 on Gm was not seen, nobody knows; rules that need it say so.
  static let securityAgreed = Condition("a registration with AKA whose challenge offers IPsec") { flow in
    guard flow.mechanism == .aka, ![.networkDeregistration, .thirdParty].contains(flow.kind) else { return false }
    return flow.facts.isChallengedWithIPsec || !flow.messages.contains { $0.hop == .h0 && $0.status == 401 }
  }
}

extension Flow {
  /// Did this REGISTER come through a security association: in ESP, or recorded without that on a protected port?
  func travelsInAssociation(_ request: Int) -> Bool {
    let message = messages[request].message
    if message.sightings.contains(where: { $0.spi != 0 }) { return true }
    let offers = securityOffers
    if offers.isEmpty { return (before?.inIPsec ?? false) && message.destination.port != 5060 }
    return offers.contains { $0.server.contains { $0.portS == message.destination.port } }
  }

  /// The agreement was made and the answer to the challenge was to be seen on Gm.
  func noteUnseenAnswers(_ report: inout Reporter) {
    guard facts.protectedAnswers.isEmpty else { return }
    if view(of: .h0).state == .opaque {
      report.unobservable(.opaque, on: .h0)
    } else if facts.hasUnseenAnswer {
      report.unobservable(.noHop, on: .h0)
    } else if outcome == .partial {
      report.unobservable(.noEnd, on: .h0)
    }
  }
}

extension SecurityMechanism {
  /// Mechanism and parameters in one spelling: lower case, parameters in the order of their names, what may be left out
  /// filled in, `q` in thousandths.
  var canonical: String {
    var values: [String: String] = isIPsec ? ["prot": "esp", "mod": "trans", "ealg": "null"] : [:]
    for parameter in parameters {
      let name = parameter.name.lowercased.string
      let value = parameter.unquoted?.lowercased.string ?? ""
      let thousandths = name == "q" ? Double(value).flatMap { (0...1).contains($0) ? Int($0 * 1000) : nil } : nil
      values[name] = thousandths.map(String.init) ?? value
    }
    let text = values.sorted { $0.key < $1.key }.map { $0.value.isEmpty ? $0.key : "\($0.key)=\($0.value)" }
    return ([mechanism.lowercased.string] + text).joined(separator: ";")
  }
}
