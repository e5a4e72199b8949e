import IMSFlows
import IMSRules

// Why a registration did not end well, and where it stopped, in the words that every text view has.

extension FailureCause {
  /// "AUT.RES (UE/credentials): the response … (frames 128, 130)".
  func words(naming inputs: Bool) -> String {
    let frames = FrameText.list(self.frames, naming: inputs, limit: 4)
    let doubt = evidence == .shown ? "" : ", \(evidence.rawValue)"
    return "\(id.rawValue) (\(id.domain)\(doubt)): \(sentence)" + (frames.isEmpty ? "" : " (\(frames))")
  }
}

extension FlowReport {
  /// The primary cause, and on a second line what else it may have been.
  var causeTexts: [(name: String, text: String)] {
    guard let first = causes.first else { return [] }
    let naming = flow.namesInputs
    let others = causes.dropFirst().map { $0.words(naming: naming) }.joined(separator: "; ")
    return [("cause", first.words(naming: naming))] + (others.isEmpty ? [] : [("or", others)])
  }
}

extension Flow {
  /// "E4: REGISTER (I-CSCF → S-CSCF) refused; last seen: E4 REGISTER on H2 (I-CSCF → S-CSCF); next: E5 SAR on C2 (S-CSCF →
  /// HSS), not sent", with the clause of the step; nil where neither is known.
  var stopText: String? {
    let clause = deviations.first { $0.kind == .stoppedHere }?.clauseText ?? ""
    let parts = [stoppedAt.map { $0 + (clause.isEmpty ? "" : " (\(clause))") }, stop?.words].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}

extension Stop {
  fileprivate var words: String {
    if reason == .lost { return "\(next.words), lost" }
    return "last seen: \(last.words); next: \(next.words), \(reason.words)"
      + (obstacle.flatMap { $0 == .noHop ? nil : ": \($0.meaning)" } ?? "")
  }
}

extension Stop.Place {
  fileprivate var words: String { "\(step) \(label) on \(hop.rawValue) (\(from.rawValue) → \(to.rawValue))" }
}

extension Stop.Reason {
  fileprivate var words: String {
    switch self {
    case .notSent: "not sent"
    case .lost: "lost"
    case .notCaptured: "not captured"
    case .unreadable: "not readable: encrypted, keys unknown"
    }
  }
}
