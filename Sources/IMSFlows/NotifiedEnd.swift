import IMSBytes
import IMSMessages
import IMSSIP

/// One NOTIFY of the reg event (RFC 3680) that tells of a de-registration by the network, on each hop where it was seen.
struct NotifiedEnd {
  /// As indices into the subscriber's messages, in order.
  private(set) var notifications: [Int]
  private(set) var start: Timestamp
  private(set) var end: Timestamp

  /// In the order in which they were sent.
  ///
  /// - Parameters:
  ///   - messages: all that are known of the subscriber.
  ///   - candidates: the ones that belong to no registration, in order.
  ///   - wasRegistered: by a registration that is closed.
  static func all(in messages: [Message], among candidates: [Int], wasRegistered: Bool) -> [NotifiedEnd] {
    var groups: [Fingerprint: [Int]] = [:]
    for index in candidates {
      guard let keys = messages[index].keys, keys.method == .notify else { continue }
      var key = keys.callID
      key.combine(UInt64(keys.cseq))
      groups[key, default: []].append(index)
    }
    return groups.values.sorted { $0[0] < $1[0] }.compactMap { group in
      let times = group.map { messages[$0].time }
      guard let start = times.min(), let end = times.max(),
        group.contains(where: { tells(messages[$0], among: messages, wasRegistered: wasRegistered) })
      else { return nil }
      return NotifiedEnd(notifications: group, start: start, end: end)
    }
  }

  private static func tells(_ message: Message, among messages: [Message], wasRegistered: Bool) -> Bool {
    switch message.sip.map({ RegistrationEvent($0) }) {
    case .endedByNetwork: return true
    case .ended:
      // Nobody says who ended it: the network, when the UE was registered and did not ask for it.
      let asked = messages.contains { $0.sip.map { $0.isRequest && $0.takesAway } ?? false }
      let granted = messages.contains { $0.keys?.method == .register && ($0.sip?.status ?? 0) / 100 == 2 }
      return !asked && (granted || wasRegistered)
    case .goesOn, nil: return false
    }
  }
}
