package import IMSBytes

/// Bytes between two hosts, or of a whole input, that the capture does not hold or that cannot be read: what is not seen
/// there at that time may have been sent.
package struct Loss: Hashable, Sendable, BitwiseCopyable {
  package var input: UInt16
  package var time: Timestamp
  /// Nil where nobody knows whose bytes they were.
  package var ends: Ends?
  /// The capture cut the packet.
  package var isCut: Bool

  package struct Ends: Hashable, Sendable, BitwiseCopyable {
    package var source: IPAddress
    package var destination: IPAddress

    package init(_ source: IPAddress, _ destination: IPAddress) {
      self.source = source
      self.destination = destination
    }
  }

  package init(input: UInt16, time: Timestamp, ends: Ends?, isCut: Bool = false) {
    self.input = input
    self.time = time
    self.ends = ends
    self.isCut = isCut
  }

  package init(_ path: Path, _ time: Timestamp, isCut: Bool = false) {
    self.init(
      input: path.point.input, time: time, ends: Ends(path.source.address, path.destination.address), isCut: isCut)
  }
}

/// Losses since they were asked for last, up to a bound.
package struct LossLog: Sendable {
  private var losses: [Loss] = []
  private let most: Int
  /// For which there was no room.
  package private(set) var leftOut = 0

  package init(most: Int) { self.most = most }

  package var isEmpty: Bool { losses.isEmpty }
  var last: Loss? { losses.last }

  package mutating func add(_ loss: Loss) {
    if losses.count < most { losses.append(loss) } else { leftOut += 1 }
  }

  package mutating func take() -> [Loss] {
    defer { losses = [] }
    return losses
  }
}
