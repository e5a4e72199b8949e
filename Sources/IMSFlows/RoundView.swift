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
  ///   - requests, finals: of the round, on the hop nearest to the UE that showed any of its messages, in order of time.
  ///   - message: by index.
  init(depth: Int, requests: [Int], finals: [Int], message: (Int) -> Message) {
    self.init(depth: depth, request: requests.first, finals: finals, lost: nil, point: nil)
    guard depth == 0, let nearest = RoundView.pointNearestToSender(requests.map(message)) else { return }
    point = nearest
    let arrived = finals.filter { message($0).transmissions.contains { $0.seen(at: nearest) != nil } }
    guard arrived.count < finals.count else { return }
    lost = finals.first { !arrived.contains($0) }
    self.finals = arrived
  }

  /// The capture point where packets of these messages have the highest hop limit, and among equal ones the earliest stamp.
  static func pointNearestToSender(_ messages: [Message]) -> CapturePoint? {
    var nearest: (hopLimit: UInt8, time: Timestamp, point: CapturePoint)?
    for message in messages {
      message.forEachSighting { sighting in
        if let best = nearest {
          if sighting.hopLimit < best.hopLimit { return }
          if sighting.hopLimit == best.hopLimit, (sighting.time, sighting.point) > (best.time, best.point) { return }
        }
        nearest = (sighting.hopLimit, sighting.time, sighting.point)
      }
    }
    return nearest?.point
  }
}
