package import IMSBytes
package import IMSWire

// What is asked of the sightings of a message by capture point, without a list of its sendings.
extension Message {
  /// Was any sending of it seen at this point?
  package func isSeen(at point: CapturePoint) -> Bool {
    var isSeen = false
    forEachAppearance { if $0.point == point { isSeen = true } }
    return isSeen
  }

  /// The time of its first sending at this point; nil where that was not seen there.
  package func firstTime(at point: CapturePoint) -> Timestamp? {
    var time: Timestamp?
    forEachAppearance { if time == nil, $0.transmission == 0, $0.point == point { time = $0.time } }
    return time
  }

  /// Was it sent, for the first time or again, after this time?
  package func isSent(after time: Timestamp) -> Bool {
    for number in transmissions.indices where transmissions[number].time > time { return true }
    return false
  }

  /// By how much its first sending was seen before that of an earlier message, at the first point that saw both; nil where
  /// there is none.
  package func lead(over earlier: Message) -> Interval? {
    var lead: Interval?
    forEachAppearance { seen in
      guard lead == nil, seen.transmission == 0, let time = earlier.firstTime(at: seen.point) else { return }
      lead = time - seen.time
    }
    return lead
  }
}
