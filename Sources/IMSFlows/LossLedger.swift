package import IMSBytes
package import IMSWire

/// Where and when bytes are missing that may have been signalling, in the order in which that was noticed.
package struct LossLedger: Sendable {
  static let capacity = 4_096
  /// A gap is noticed when nothing has filled it for a while, and stamped with what came behind it.
  static let slack = Interval.seconds(2)

  private var losses: [Loss] = []
  /// Forgotten because there were too many.
  package private(set) var evicted = 0

  var isEmpty: Bool { losses.isEmpty }

  mutating func note(_ loss: Loss) {
    losses.append(loss)
    if losses.count > LossLedger.capacity {
      losses.removeFirst(LossLedger.capacity / 4)
      evicted += LossLedger.capacity / 4
    }
  }

  /// Those between two of these nodes, or of one of these inputs whose bytes nobody knows. Of a hop of which one node alone
  /// is known, those of that node.
  func losses(between nodes: [IPAddress], inputs: [UInt16]) -> [Loss] {
    losses.filter { loss in
      guard let ends = loss.ends else { return inputs.contains(loss.input) }
      let (source, destination) = (nodes.contains(ends.source), nodes.contains(ends.destination))
      return nodes.count > 1 ? source && destination : source || destination
    }
  }
}
