package import IMSBytes
import IMSMessages
import IMSSIP

/// How long the sender of a REGISTER waits for its final answer, read off its own retransmissions.
enum UETimer {
  /// By then Timer E of a UE has fired, and with it every REGISTER over UDP that has no final answer is sent again, whether a
  /// provisional one came or not (RFC 3261 §17.1.2.2): T1, at most 2 s (TS 24.229 table 7.7.1), and half a second of patience.
  static let firstRetransmission = Interval.milliseconds(2500)

  /// 64·T1: 32 s in the core, and for a UE whose first gap is under 2 s or whose gaps are a steady 4 s; else 128 s.
  static func finalResponse(of round: RegisterRound, in messages: [Message], _ timers: Timers) -> Interval {
    guard round.view.depth == 0, let request = round.view.request else { return timers.finalResponse }
    return finalResponse(of: messages[request], at: round.view, timers)
  }

  static func finalResponse(of request: Message, at view: RoundView, _ timers: Timers) -> Interval {
    // Most are sent once.
    if request.sendings == 1 { return timers.finalResponseUE }
    let times = request.transmissions.map { transmission in
      view.point.flatMap { transmission.time(at: $0) } ?? transmission.time
    }.sorted()
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
    guard let first = gaps.first else { return timers.finalResponseUE }
    let steady = gaps.count > 1 && gaps.allSatisfy { ($0 - Interval.seconds(4)).magnitude < .milliseconds(200) }
    return first < .seconds(2) || steady ? timers.finalResponse : timers.finalResponseUE
  }
}

extension Flow {
  /// Timer F of the UE that sent this request (an index into `messages`).
  package func timerF(ofUE request: Int) -> Interval {
    let message = messages[request].message
    if message.sendings == 1 { return customs.timers.finalResponseUE }
    let point = RoundView.pointNearestToSender([message])
    return UETimer.finalResponse(
      of: message, at: RoundView(depth: 0, request: request, finals: [], lost: nil, point: point), customs.timers)
  }
}
