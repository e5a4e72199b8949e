extension Message {
  /// Room that a message takes while it waits for its registration to end, in bytes: its own ones, and what is kept beside
  /// them. Reckoned from what it is, so that it is the same on every machine.
  package var footprint: Int {
    Message.overhead + count + sightingCount * Message.sightingFootprint
  }

  /// Of one sighting.
  package static let sightingFootprint = 160
  /// Index of headers or AVPs, keys, places in tables.
  private static let overhead = 1024
}
