import IMSBytes
import IMSSIP

/// A pass of the documented sequence, under its heading.
package struct SequencePass: Sendable {
  /// How a REGISTER of the UE ends, or what the pass is where there is none.
  package enum End: Sendable {
    case challenged, granted
    /// A refused REGISTER without an answer to a challenge, and with one.
    case refused, answerRefused
    /// Nothing of REGISTER: what the network does of itself, on Cx and in NOTIFYs.
    case other
  }

  package var title: String
  package var end: End
  package var steps: [Step]

  package init(_ title: String, _ end: End, _ steps: [Step]) {
    self.title = title
    self.end = end
    self.steps = steps
  }

  /// Without a message of its own: security associations, TLS.
  static func local(_ title: String) -> SequencePass { SequencePass(title, .other, []) }
}

extension SequencePass.End {
  /// A round is a granted pass when its credentials answer something and it was not simply challenged again.
  package init(of round: Int, in flow: borrowing Flow) {
    var isChallenged = false
    var isRefused = false
    for number in flow.rounds[round].transactions {
      for index in flow.transactions[number].responses {
        let status = flow.messages[index].status
        if (200..<300).contains(status) {
          self = .granted
          return
        }
        if status == 401 { isChallenged = true } else if status >= 300 { isRefused = true }
      }
    }
    if isChallenged {
      self = .challenged
      return
    }
    let answers = flow.rounds[round].transactions.contains { number in
      flow.transactions[number].requests.contains { index in
        flow.messages[index].sip?.authorization.contains { !($0.response?.isEmpty ?? true) && $0.auts == nil } ?? false
      }
    }
    self = isRefused ? (answers ? .answerRefused : .refused) : answers ? .granted : .challenged
  }
}

/// A way in which the documented registration may go (TS 24.229, TS 23.228, TS 33.203): its passes, and how it is told.
package struct Variant: Sendable {
  /// In the order of the listing.
  package enum ID: String, Sendable, CaseIterable {
    case main, access = "A"
    case v1 = "V1"
    case v2 = "V2"
    case v3 = "V3"
    case v4 = "V4"
    case v5a = "V5a"
    case v5b = "V5b"
    case v5c = "V5c"
    case v5d = "V5d"
    case v6a = "V6a"
    case v6b = "V6b"
    case v6c = "V6c"
    case v6d = "V6d"
    case v6e = "V6e"
    case v7 = "V7"
    case v8 = "V8"
    case v9 = "V9"
    case v10 = "V10"
    case v11 = "V11"
    case v12 = "V12"
    case v13 = "V13"
    case v14 = "V14"
    case v15 = "V15"
    case v16 = "V16"
    case v17a = "V17a"
    case v17b = "V17b"
    case v17c = "V17c"
    case v18 = "V18"
    case v19 = "V19"
    case v20 = "V20"
    case v21 = "V21"
    case thirdParty = "F1"
    case event = "F3"
  }

  package var id: ID
  /// "refresh": a word or words with hyphens, for the command line.
  package var name: String
  package var title: String
  /// "TS 24.229 5.1.1.4"
  package var clause: String
  /// How it is told from the main sequence.
  package var signature: String
  package var passes: [SequencePass]

  init(
    _ id: ID, _ name: String, _ title: String, _ clause: String, told signature: String, _ passes: [SequencePass]
  ) {
    self.id = id
    self.name = name
    self.title = title
    self.clause = clause
    self.signature = signature
    self.passes = passes
  }

  /// In the order of the identifiers.
  package static let all: [Variant] = main + requests + byNetwork + failures + beforeTheServer + mechanisms + settings

  private static let byID: [ID: Variant] = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

  package static func of(_ id: ID) -> Variant { byID[id] ?? all[0] }

  /// By identifier or name, in letters of either case.
  package static func named(_ text: String) -> Variant? {
    let wanted = text.lowercased()
    return all.first { $0.id.rawValue.lowercased() == wanted || $0.name == wanted }
  }

  /// Each row once: what passes of several variants have in common is the same row.
  private static let clauses: [StepPlace: String] = {
    let rows = all.flatMap { $0.passes.flatMap(\.steps) }
    return Dictionary(rows.map { (StepPlace(id: $0.id, hop: $0.hop), $0.clause) }) { first, _ in first }
  }()

  /// By which clause a step is due; empty where the sequence does not know it.
  static func clause(of step: String?, on hop: Hop) -> String {
    step.flatMap { clauses[StepPlace(id: $0, hop: hop)] } ?? ""
  }

  /// Of all passes, each name once.
  package static let stepNames: [String] = {
    var names: [String] = []
    for step in all.flatMap({ $0.passes.flatMap(\.steps) }) where !names.contains(step.id) { names.append(step.id) }
    return names
  }()
}

private struct StepPlace: Hashable {
  var id: String
  var hop: Hop
}
