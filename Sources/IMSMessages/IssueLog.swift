import IMSBytes
package import IMSWire

/// What the decoders could not read, by layer and reason: counted, with the first frames of each.
package struct IssueLog: Sendable {
  package struct Entry: Sendable, Hashable {
    package var layer: String
    package var reason: String
    package var count: Int
    /// The first three: input and frame number.
    package var frames: [FrameReference]

    package init(layer: String, reason: String, count: Int, frames: [FrameReference]) {
      self.layer = layer
      self.reason = reason
      self.count = count
      self.frames = frames
    }
  }

  package struct FrameReference: Sendable, Hashable, Comparable {
    package var input: UInt16
    package var frame: UInt32

    package init(input: UInt16, frame: UInt32) {
      self.input = input
      self.frame = frame
    }

    package static func < (left: FrameReference, right: FrameReference) -> Bool {
      (left.input, left.frame) < (right.input, right.frame)
    }
  }

  /// Distinct reasons kept; further ones are counted in `unlisted`.
  static var capacity: Int { Bounds.messageIssues }

  package private(set) var entries: [Entry] = []
  package private(set) var unlisted = 0

  package init() {}

  package mutating func add(_ layer: String, _ reason: String, frame: UInt32, point: CapturePoint) {
    add(Entry(layer: layer, reason: reason, count: 1, frames: [FrameReference(input: point.input, frame: frame)]))
  }

  package mutating func add(_ entry: Entry) {
    if let index = entries.firstIndex(where: { $0.layer == entry.layer && $0.reason == entry.reason }) {
      entries[index].count += entry.count
      entries[index].frames = Array((entries[index].frames + entry.frames).prefix(3))
    } else if entries.count < IssueLog.capacity {
      entries.append(entry)
    } else {
      unlisted += entry.count
    }
  }
}
