import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Flow {
  /// Did one capture point see both, so that it stands at the node between?
  func isSeenTogether(_ first: Int, _ second: Int) -> Bool {
    messages[first].message.sightings.contains { sighting in
      messages[second].message.transmissions.contains { $0.seen(at: sighting.point) != nil }
    }
  }
}
