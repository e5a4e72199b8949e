import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP

extension Flow {
  /// Did one capture point see both, so that it stands at the node between?
  func isSeenTogether(_ first: Int, _ second: Int) -> Bool {
    let sightings = messages[first].message.sightings
    let transmissions = messages[second].message.transmissions
    return sightings.indices.contains { sighting in
      transmissions.indices.contains { transmissions[$0].stamp(at: sightings[sighting].point) != nil }
    }
  }
}
