import IMSBytes
import IMSMessages
import IMSSIP
import IMSWire

/// What became of one REGISTER, seen from the hop nearest to the UE on which its request was captured.
///
/// On H0 a response counts when it was seen at the capture point nearest to the UE: the one where the UE's own packets
/// have the highest TTL or hop limit and the earliest stamp. Seen elsewhere on H0 only, it was lost on the way, if the UE asked
/// again (RFC 3261 §17.1.2.2): else that point lacks it.
struct RoundView {
  /// 0 for H0, 1 for H1, 2 for H2.
  var depth: Int
  var request: Int?
  /// Final responses that count, in order of time.
  var finals: IndexList
  /// The first final response that left toward the UE on H0 and was not seen at the point nearest to it.
  var lost: Int?
  var point: CapturePoint?

  static let unseen = RoundView(depth: Int.max, request: nil, finals: [], lost: nil, point: nil)

  /// The conclusive one: a UE's transaction ends with the first final response that reaches it; farther in, where a
  /// transaction may have been run twice, the last one stands.
  var final: Int? { depth == 0 ? finals.first : finals.last }

  /// This one does not count: nobody saw it arrive.
  mutating func lose(_ final: Int) {
    finals = finals.filter { $0 != final }
    lost = lost ?? final
  }

  init(depth: Int, request: Int?, finals: IndexList, lost: Int?, point: CapturePoint?) {
    self.depth = depth
    self.request = request
    self.finals = finals
    self.lost = lost
    self.point = point
  }

  /// - Parameters:
  ///   - requests, finals: of the round, on the hop nearest to the UE that showed any of its messages, in order of time.
  ///   - message: of an index.
  static func view(
    at depth: Int, requests: IndexList, finals: IndexList, message: (Int) -> Message
  ) -> RoundView {
    var view = RoundView(depth: depth, request: requests.first, finals: finals, lost: nil, point: nil)
    if depth != 0 { return view }
    var nearest = Nearest()
    for request in requests { nearest.look(at: message(request)) }
    guard let point = nearest.point else { return view }
    view.point = point
    func isLost(_ final: Int) -> Bool {
      let (answer, requests) = (message(final), requests)
      return !answer.isSeen(at: point) && requests.contains { message($0).isSent(after: answer.time) }
    }
    view.lost = finals.first(where: isLost)
    if view.lost != nil { view.finals = finals.filter { !isLost($0) } }
    // Who answers a challenge by the same number does so under another branch, and has another response.
    while view.finals.count > 1, [401, 407].contains(message(view.finals[0]).status),
      message(view.finals[0]).keys?.topBranch != message(view.finals[1]).keys?.topBranch
    {
      view.finals.removeFirst()
    }
    return view
  }

  /// The capture point where packets of these messages have the highest hop limit, and among equal ones the earliest stamp.
  static func pointNearestToSender(_ messages: [Message]) -> CapturePoint? {
    var nearest = Nearest()
    for message in messages { nearest.look(at: message) }
    return nearest.point
  }

  private struct Nearest {
    private(set) var point: CapturePoint?
    private var hopLimit: UInt8 = 0
    private var time = Timestamp.distantFuture

    mutating func look(at message: Message) {
      message.forEachAppearance { look(at: $0) }
    }

    private mutating func look(at other: Appearance) {
      if let point {
        if other.hopLimit < hopLimit { return }
        if other.hopLimit == hopLimit, other.time > time || other.time == time && other.point > point { return }
      }
      (point, hopLimit, time) = (other.point, other.hopLimit, other.time)
    }
  }
}
