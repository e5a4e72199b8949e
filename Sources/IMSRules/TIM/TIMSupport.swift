import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Flow {
  /// The time from one message to a later one by the stamps of a capture point that saw both; nil where none did.
  func delay(from first: Int, to second: Int) -> Interval? {
    messages[first].message.delay(to: messages[second].message)
  }
}

extension Interval {
  /// "1.25 s".
  var inSeconds: String {
    let hundredths = nanoseconds / 10_000_000
    let (whole, part) = (hundredths / 100, abs(hundredths % 100))
    return "\(whole).\(part < 10 ? "0" : "")\(part) s"
  }
}
