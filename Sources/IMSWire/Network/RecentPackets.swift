import IMSBytes

/// The ESP packets that keys opened last: the capture points of Gm see the same packet within moments of each other, and it
/// is verified and decrypted but once.
struct RecentPackets {
  private struct Entry {
    var key: Fingerprint
    var opened: ESPAssociations.Opened
    var isVerified: Bool
  }

  private static let capacity = 16

  private var entries: [Entry] = []
  private var oldest = 0

  /// What opens a packet: all its octets, and the ends that choose the keys.
  static func key(_ bytes: RawSpan, _ walk: borrowing Walk) -> Fingerprint {
    var key = Fingerprint(of: bytes)
    key.combine(walk.source.high, walk.source.low)
    key.combine(walk.destination.high, walk.destination.low)
    key.combine(walk.source.isIPv4 ? 1 : 0)
    return key
  }

  func find(_ key: Fingerprint) -> (opened: ESPAssociations.Opened, isVerified: Bool)? {
    for entry in entries where entry.key == key { return (entry.opened, entry.isVerified) }
    return nil
  }

  mutating func keep(_ key: Fingerprint, _ opened: ESPAssociations.Opened, isVerified: Bool) {
    let entry = Entry(key: key, opened: opened, isVerified: isVerified)
    if entries.count < Self.capacity {
      entries.append(entry)
    } else {
      entries[oldest] = entry
      oldest = (oldest + 1) % Self.capacity
    }
  }

  /// Other keys may open them now.
  mutating func forget() {
    entries.removeAll(keepingCapacity: true)
    oldest = 0
  }
}
