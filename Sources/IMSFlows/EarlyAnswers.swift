package import IMSBytes
import IMSDiameter
package import IMSMessages

/// Cx answers that came before their requests: files are out of order by a little, and clocks are. Only the request names
/// the subscriber, so they wait for it.
package struct EarlyAnswers: Sendable {
  static let capacity = Bounds.earlyAnswers

  private var waiting: [Fingerprint: Message] = [:]
  private var order = FIFO<(key: Fingerprint, due: Timestamp)>()
  private var keys: [MessageID: Fingerprint] = [:]
  /// Where those went that have left: further sightings follow them.
  private var lanes: [MessageID: Int] = [:]
  private var laneOrder = FIFO<MessageID>()

  /// Answers that could not wait as long as they should.
  package private(set) var evicted = 0

  package init() {}

  package var isEmpty: Bool { keys.isEmpty && lanes.isEmpty }
  /// When the next one has waited long enough.
  package var nextDue: Timestamp { order.first?.due ?? .distantFuture }

  package mutating func hold(_ answer: Message) {
    guard answer.diameter != nil else { return }
    let key = answer.exchangeKey
    keys[answer.id] = key
    if let before = waiting.updateValue(answer, forKey: key) { keys[before.id] = nil }
    order.append((key, answer.time))
  }

  /// The answer to this request, when it is one and its answer waits.
  package mutating func take(answering request: Message) -> Message? {
    guard !waiting.isEmpty, let diameter = request.diameter, diameter.isRequest else { return nil }
    return take(request.exchangeKey)
  }

  private mutating func take(_ key: Fingerprint) -> Message? {
    guard let answer = waiting.removeValue(forKey: key) else { return nil }
    keys[answer.id] = nil
    return answer
  }

  /// Answers that have waited until now, or for which there is no room, in the order in which they came.
  package mutating func release(before time: Timestamp) -> [Message] {
    var released: [Message] = []
    while let oldest = order.first, oldest.due <= time || waiting.count > EarlyAnswers.capacity {
      _ = order.popFirst()
      guard let answer = take(oldest.key) else { continue }
      if oldest.due > time { evicted += 1 }
      released.append(answer)
    }
    return released
  }

  package mutating func note(_ id: MessageID, lane: Int) {
    lanes[id] = lane
    laneOrder.append(id)
    if laneOrder.count > EarlyAnswers.capacity, let oldest = laneOrder.popFirst() { lanes[oldest] = nil }
  }

  /// A further sighting of an answer that waits; else the lane to which it went.
  package mutating func add(_ sighting: Sighting, of id: MessageID, transmission: Int) -> Int? {
    if let key = keys[id] { waiting[key]?.add(sighting, transmission: transmission) }
    return lanes[id]
  }
}
