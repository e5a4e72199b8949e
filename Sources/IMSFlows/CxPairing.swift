import IMSBytes
import IMSDiameter
import IMSMessages

/// Pairs Cx requests with their answers while both are walked in order of time. A stamp may put an answer a little before
/// its request.
struct CxPairing {
  private struct Open {
    var key: Fingerprint
    var number: Int
    var time: Timestamp
  }

  private var requests: [Open] = []
  private var answers: [Open] = []

  /// The number of the pair that this message completes; nil when it opens one, which gets the number `next`.
  mutating func complete(_ diameter: DiameterMessage, _ message: Message, next: Int) -> Int? {
    let key = message.exchangeKey
    let open = Open(key: key, number: next, time: message.time)
    guard diameter.isRequest else {
      if let place = requests.firstIndex(where: { $0.key == key }) { return requests.remove(at: place).number }
      answers.append(open)
      return nil
    }
    let early = answers.firstIndex { $0.key == key }
    if let early, message.time - answers[early].time < Timers.clockSlack { return answers.remove(at: early).number }
    requests.removeAll { $0.key == key }
    requests.append(open)
    return nil
  }
}
