import IMSBytes

/// Filter criteria of service profiles (TS 29.228 Annex E): an operator gives the same to all of its subscribers, and they are
/// most of a profile. One that was walked without a fault, and held nothing that rules ask for, is compared from then on.
struct ProfileParts: Sendable {
  struct Part: Sendable {
    var octets: [UInt8]
    /// Where the text of the element that was opened last begins.
    var content: Int
    /// Elements that were open around it: no more may be, for the depth of a profile is limited.
    var depth: Int
  }

  private var parts: [Part] = []
  /// The one that was put in last where there are as many as may be.
  private var latest = -1
  /// The one behind that which was found last: they stand in one order in all profiles.
  private var next = 0

  static func mayBegin(_ span: RawSpan, at start: Int) -> Bool { span.spells("<InitialFilterCriteria>", at: start) }

  /// The part that begins there.
  mutating func find(_ span: RawSpan, at start: Int, depth: Int) -> Part? {
    for step in parts.indices {
      let number = (next + step) % parts.count
      let part = parts[number]
      let end = start + part.octets.count
      guard end <= span.byteCount, part.depth >= depth,
        span.extracting(start..<end).isEqual(to: part.octets.span.bytes)
      else { continue }
      next = number + 1
      return part
    }
    return nil
  }

  /// In the place of the oldest, where there are many.
  mutating func add(_ octets: RawSpan, content: Int, depth: Int) {
    guard octets.byteCount <= Bounds.profilePartLength else { return }
    let part = Part(octets: octets.array, content: content, depth: depth)
    if parts.count < Bounds.profileParts {
      parts.append(part)
    } else {
      latest = (latest + 1) % Bounds.profileParts
      parts[latest] = part
    }
  }
}
