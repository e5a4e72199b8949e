import IMSBytes
package import IMSFlows
import IMSSIP

/// What an operator demands of a SIP header beyond the standards: a rule of the profile, not of the catalogue.
package struct HeaderRule: Sendable, Equatable {
  package enum Subject: Sendable, Hashable {
    case register
    case response(Int)

    /// "REGISTER" or "200".
    package var text: String {
      switch self {
      case .register: "REGISTER"
      case .response(let status): "\(status)"
      }
    }

    package init?(_ text: String) {
      if text == "REGISTER" {
        self = .register
      } else if let status = Int(text), (100..<700).contains(status) {
        self = .response(status)
      } else {
        return nil
      }
    }
  }

  package enum Demand: Sendable, Hashable {
    case present
    case absent
    /// One of the header's values holds this text, in letters of either case.
    case contains(String)
  }

  package var id: String
  package var title: String
  package var severity: Severity
  package var subject: Subject
  package var hop: Hop
  package var header: String
  package var demand: Demand

  package init(
    _ id: String, _ severity: Severity, _ title: String, _ subject: Subject, on hop: Hop, _ header: String,
    _ demand: Demand
  ) {
    self.id = id
    self.title = title
    self.severity = severity
    self.subject = subject
    self.hop = hop
    self.header = header
    self.demand = demand
  }

  /// Two or three capital letters and three digits, as in "OPX001".
  package static func isIdentifier(_ text: some StringProtocol) -> Bool {
    let letters = text.prefix { $0.isASCII && $0.isUppercase }
    let digits = text[letters.endIndex...]
    return (2...3).contains(letters.count) && digits.count == 3 && digits.allSatisfy { $0.isASCII && $0.isNumber }
  }

  /// The rule that judges it: passed, failed, not applicable or not observable like those of the catalogue.
  package var rule: Rule {
    let status: ClosedRange<Int>? =
      switch subject {
      case .register: nil
      case .response(let code): code...code
      }
    let (subject, hop, name, demand) = (subject, hop, HeaderName(Text(header)), demand)
    return Rule(
      id, severity, title, clauses: [], since: "0.2", why: "The profile demands it.",
      traps: "Judged on one hop only, and only for REGISTER.", when: .register,
      needs: [.message(status: status, on: [hop])], flagged: [], clean: []
    ) { flow, report in
      for index in flow.registerMessages where flow.messages[index].hop == hop {
        let isSubject =
          switch subject {
          case .register: flow.messages[index].isRequest
          case .response(let code): flow.messages[index].status == code
          }
        guard isSubject, let values = flow.sip(index)?.all(name), !demand.isMet(by: values) else { continue }
        report(
          "\(name.name) of the \(subject.text) is not as the profile demands", at: [index],
          observed: values.isEmpty ? "no \(name.name)" : values.map { "\(name.name): \($0)" }.joined(separator: "; "),
          expected: demand.text(of: name.name))
      }
    }
  }
}

extension HeaderRule.Demand {
  fileprivate func isMet(by values: [Text]) -> Bool {
    switch self {
    case .present: !values.isEmpty
    case .absent: values.isEmpty
    case .contains(let part): values.contains { $0.lowercased.string.contains(part.lowercased()) }
    }
  }

  fileprivate func text(of header: String) -> String {
    switch self {
    case .present: "\(header)"
    case .absent: "no \(header)"
    case .contains(let part): "\(header) with \(part)"
    }
  }
}
