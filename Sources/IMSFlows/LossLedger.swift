import IMSBytes
import IMSWire

/// Where and when bytes are missing that may have been signalling, in the order in which that was noticed.
package struct LossLedger: Sendable {
  static let capacity = Bounds.lossPlaces
  /// A gap is noticed when nothing has filled it for a while, and stamped with what came behind it.
  static let slack = Interval.seconds(2)
  /// Until the slowest REGISTER must have been given up, and its registration is looked at.
  static let memory = Interval.seconds(Int64(Bounds.lossMemory))
  /// What two nodes lose again within this is one loss.
  private static let pace = Interval.seconds(1)

  private var losses: [Loss] = []
  /// Forgotten because there were too many.
  package private(set) var evicted = 0

  var isEmpty: Bool { losses.isEmpty }

  mutating func note(_ loss: Loss) {
    // A capture that cuts its packets cuts many.
    let isKnown = losses.suffix(16).contains { other in
      other.ends == loss.ends && other.input == loss.input && other.isCut == loss.isCut
        && (other.time - loss.time).magnitude < LossLedger.pace
    }
    if isKnown { return }
    losses.append(loss)
    if losses.count > LossLedger.capacity {
      losses.removeFirst(LossLedger.capacity / 4)
      evicted += LossLedger.capacity / 4
    }
  }

  mutating func prune(before time: Timestamp) {
    if losses.isEmpty { return }
    let limit = time - LossLedger.memory
    let old = losses.prefix { $0.time < limit }.count
    if old > 64 { losses.removeFirst(old) }
  }

  /// Those between two of these nodes, or of one of these inputs whose bytes nobody knows. Of a hop of which one node alone
  /// is known, those of that node.
  func losses(between nodes: [IPAddress], inputs: [UInt16], in times: ClosedRange<Timestamp>) -> [Loss] {
    losses.filter { loss in
      guard times.contains(loss.time) else { return false }
      guard let ends = loss.ends else { return inputs.contains(loss.input) }
      let (source, destination) = (nodes.contains(ends.source), nodes.contains(ends.destination))
      return nodes.count > 1 ? source && destination : source || destination
    }
  }
}
