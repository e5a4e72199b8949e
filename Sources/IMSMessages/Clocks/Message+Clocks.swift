import IMSBytes
import IMSWire

extension Message {
  /// Does `correct` change anything? Not where the clocks are in step and the transmissions are told apart for sure and
  /// stand in their order.
  package func needsCorrection(_ clocks: Clocks) -> Bool {
    if !clocks.isInStep { return true }
    if sendings == 1 { return false }
    let transmissions = transmissions
    if hasPacketsWithoutIdentity { return true }
    for number in 1..<transmissions.count where transmissions[number - 1].time > transmissions[number].time {
      return true
    }
    return false
  }

  /// Gives each sighting the time by the right clock, and puts the transmissions in their order. Packets without an
  /// identity are told apart by their times alone, and so they are anew.
  package mutating func correct(_ clocks: Clocks) {
    var groups = hasPacketsWithoutIdentity ? regrouped(clocks) : transmissions.map { Array($0.sightings) }
    for group in groups.indices {
      for index in groups[group].indices {
        let sighting = groups[group][index]
        groups[group][index].time = clocks.corrected(sighting.stamp, at: sighting.point)
      }
    }
    set(groups.map { ($0, $0.earliest) }.sorted { $0.1.precedes($1.1) }.map(\.0))
  }

  private var hasPacketsWithoutIdentity: Bool {
    var found = false
    forEachAppearance { if $0.identity == 0 { found = true } }
    return found
  }

  /// The sightings by transmission, as if they had come in the order of their corrected times.
  private func regrouped(_ clocks: Clocks) -> [[Sighting]] {
    let sightings = transmissions.flatMap(\.sightings).map { sighting in
      var sighting = sighting
      sighting.time = clocks.corrected(sighting.stamp, at: sighting.point)
      return sighting
    }
    var groups: [[Sighting]] = []
    var marks = Marks()
    var chain = Marks.Chain()
    for sighting in sightings.sorted(by: { $0.precedes($1) }) {
      var mark = Marks.Mark(
        transmission: 0, identity: sighting.identity, point: sighting.point, time: sighting.time)
      let known = marks.transmission(in: chain, of: mark) { clocks.compares($0, $1) ? .zero : nil }
      mark.transmission = known ?? Int32(groups.count)
      marks.append(mark, to: &chain)
      if let known { groups[Int(known)].append(sighting) } else { groups.append([sighting]) }
    }
    return groups
  }
}

extension [Sighting] {
  /// Of at least one.
  fileprivate var earliest: Sighting { dropFirst().reduce(self[0]) { $1.precedes($0) ? $1 : $0 } }
}

extension Sighting {
  /// By time, capture point and frame.
  borrowing func precedes(_ other: borrowing Sighting) -> Bool {
    (time, point, frames.first) < (other.time, other.point, other.frames.first)
  }
}
