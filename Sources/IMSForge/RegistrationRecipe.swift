/// One IMS AKA registration as the specifications draw it, from the first REGISTER to the 200, recorded at five points.
///
/// The first subscriber has the vectors of `AKAVector.standard`: nonce, MAA and digest agree. Further ones have
/// distinct vectors of the right shape; their digests are right only when `responses` are given with vectors of the
/// caller.
package struct RegistrationRecipe: Sendable {
  /// In the order of the sequence. A recipe may leave some out, or change their order.
  package enum Step: CaseIterable, Hashable, Sendable {
    case registerUE, lookup, lookupAnswer, registerP, uar, uaa, registerI, mar, maa, challengeS, challengeI, challengeP
    case answerUE, answerP, secondUAR, secondUAA, answerI, sar, saa, okS, okI, okP
  }

  package var cast: Cast
  /// Nanoseconds since 1970.
  package var start: Int64
  package var steps: [Step]
  /// Between one message and the next.
  package var pace: Int64 = 1_000_000
  /// What the UE needs for its answer.
  package var thinking: Int64 = 40_000_000
  /// What a step's sender says beside what its role asks for: headers and AVPs in the words of a ladder ("Contact.q").
  package var says: [Step: [SIPBuilder.Header]] = [:]

  package init(
    subscriber number: Int = 1, start: Int64 = TraceText.start, domain: String = "hims.net",
    visited: String = "vims.net", vectors: [AKAVector]? = nil, steps: [Step] = Step.allCases
  ) {
    cast = Cast(domain: domain, visited: visited, user: number == 1 ? "name" : "name\(number)", number: number)
    cast.vectors = vectors ?? (number == 1 ? AKAVector.standard : [AKAVector.distinct(number)])
    cast.addresses[.ue] = HostPort(
      HostAddress([10, UInt8(10 + number / 62_500 % 10), UInt8(number / 250 % 250), UInt8(number % 250 + 1)]), 5060)
    self.start = start
    self.steps = steps
  }

  /// Interfaces in this order.
  package static let points: [Cast.Member] = [.ue, .pcscf, .icscf, .scscf, .hss]

  package func sendings() -> [Sending] {
    var story = Story(cast: cast, clock: start)
    for step in steps {
      if step == .answerUE { story.clock += thinking }
      do {
        var arrow = arrow(step)
        arrow.overrides = (says[step] ?? []).map { Arrow.Override(name: $0.name, value: $0.value) }
        try story.tell(arrow)
      } catch {
        continue  // an answer whose question was left out
      }
      story.clock += pace
    }
    return story.sendings
  }

  /// The packets of many registrations, each at its sender's and, `delay` later, at its receiver's point; in order of
  /// time.
  package static func capture(
    _ recipes: [RegistrationRecipe], delay: Int64 = 200_000, check: Wires.IntegrityCheck? = nil
  ) -> CaptureEditor {
    let sendings = recipes.flatMap { $0.sendings() }
    let order = sendings.indices.sorted { (sendings[$0].time, $0) < (sendings[$1].time, $1) }
    var wires = Wires(check: check)
    var records: [CaptureRecord] = []
    records.reserveCapacity(2 * sendings.count)
    for index in order {
      let sending = sendings[index]
      for frame in wires.frames(sending) {
        for (member, time) in [(sending.from, sending.time), (sending.to, sending.time + delay)] {
          guard let point = points.firstIndex(of: member) else { continue }
          records.append(CaptureRecord(interface: point, time: time, bytes: frame))
        }
      }
    }
    let sorted = records.indices.sorted { (records[$0].time, $0) < (records[$1].time, $1) }.map { records[$0] }
    let interfaces = points.map { CaptureInterface(name: $0.rawValue.lowercased(), resolution: 9) }
    return CaptureEditor(records: sorted, interfaces: interfaces)
  }

  package func capture(check: Wires.IntegrityCheck? = nil) -> CaptureEditor { Self.capture([self], check: check) }

  private func arrow(_ step: Step) -> Arrow {
    let register = Arrow.What.request(method: "REGISTER", uri: nil)
    switch step {
    case .registerUE, .answerUE: return Arrow(from: .ue, to: .pcscf, what: register)
    case .registerP, .answerP: return Arrow(from: .pcscf, to: .icscf, what: register)
    case .registerI, .answerI: return Arrow(from: .icscf, to: .scscf, what: register)
    case .lookup: return Arrow(from: .pcscf, to: .dns, what: .query(type: "A", name: cast.name(.icscf)))
    case .lookupAnswer:
      return Arrow(from: .dns, to: .pcscf, what: .answer(kind: "A", value: "\(cast.address(.icscf).host)"))
    case .uar, .secondUAR: return Arrow(from: .icscf, to: .hss, what: .diameter("UAR", nil))
    case .uaa, .secondUAA: return Arrow(from: .hss, to: .icscf, what: .diameter("UAA", nil))
    case .mar: return Arrow(from: .scscf, to: .hss, what: .diameter("MAR", nil))
    case .maa: return Arrow(from: .hss, to: .scscf, what: .diameter("MAA", nil))
    case .sar: return Arrow(from: .scscf, to: .hss, what: .diameter("SAR", nil))
    case .saa: return Arrow(from: .hss, to: .scscf, what: .diameter("SAA", nil))
    case .challengeS: return response(401, from: .scscf, to: .icscf)
    case .challengeI: return response(401, from: .icscf, to: .pcscf)
    case .challengeP: return response(401, from: .pcscf, to: .ue)
    case .okS: return response(200, from: .scscf, to: .icscf)
    case .okI: return response(200, from: .icscf, to: .pcscf)
    case .okP: return response(200, from: .pcscf, to: .ue)
    }
  }

  private func response(_ status: Int, from: Cast.Member, to: Cast.Member) -> Arrow {
    Arrow(from: from, to: to, what: .response(status: status, reason: nil))
  }
}
