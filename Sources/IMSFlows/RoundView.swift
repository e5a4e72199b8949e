import IMSBytes
import IMSMessages
import IMSSIP
import IMSWire

/// What became of one REGISTER, seen from the hop nearest to the UE on which its request was captured.
///
/// On H0 a response counts when it was seen at the capture point nearest to the UE: the one where the UE's own packets
/// have the highest TTL or hop limit and the earliest stamp. Seen elsewhere on H0 only, it was lost on the way.
struct RoundView {
  /// 0 for H0, 1 for H1, 2 for H2.
  var depth: Int
  var request: Int?
  /// Final responses that count, in order of time.
  var finals: [Int]
  /// The first final response that left toward the UE on H0 and was not seen at the point nearest to it.
  var lost: Int?
  var point: CapturePoint?

  static let unseen = RoundView(depth: Int.max, request: nil, finals: [], lost: nil, point: nil)

  /// The conclusive one: a UE's transaction ends with the first final response that reaches it; farther in, where a
  /// transaction may have been run twice, the last one stands.
  var final: Int? { depth == 0 ? finals.first : finals.last }

  init(depth: Int, request: Int?, finals: [Int], lost: Int?, point: CapturePoint?) {
    self.depth = depth
    self.request = request
    self.finals = finals
    self.lost = lost
    self.point = point
  }

  /// - Parameters:
  ///   - indices: the messages of the round.
  ///   - depths: hop number of each message of the round, by index.
  init(_ indices: [Int], in messages: [Message], depths: [Int: Int]) {
    let depth = indices.compactMap { depths[$0] }.min() ?? Int.max
    let here = indices.filter { depths[$0] == depth }
    let requests = here.filter { messages[$0].sip?.isRequest == true }
    let finals = here.filter { (messages[$0].sip?.status ?? 0) >= 200 }
    self.init(depth: depth, request: requests.first, finals: finals, lost: nil, point: nil)
    guard depth == 0 else { return }
    let nearest = RoundView.pointNearestToSender(requests.map { messages[$0] })
    point = nearest
    guard let nearest else { return }
    let arrived = finals.filter { index in
      messages[index].transmissions.contains { $0.seen(at: nearest) != nil }
    }
    lost = finals.first { !arrived.contains($0) }
    self.finals = arrived
  }

  /// The capture point where packets of these messages have the highest hop limit, and among equal ones the earliest stamp.
  static func pointNearestToSender(_ messages: [Message]) -> CapturePoint? {
    let sightings = messages.flatMap(\.transmissions).flatMap(\.sightings)
    return sightings.max { left, right in
      if left.hopLimit != right.hopLimit { return left.hopLimit < right.hopLimit }
      return (left.time, left.point) > (right.time, right.point)
    }?.point
  }
}
