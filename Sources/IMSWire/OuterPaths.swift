import IMSBytes
import Synchronization

/// A tunnel that a packet was taken out of.
package struct TunnelHop: Hashable, Sendable, BitwiseCopyable {
  /// What the tunnel is made of: `gtp`, `gre`, … or the outer IP itself.
  package var layer: Layer
  /// The ends of the tunnel.
  package var source: IPAddress
  package var destination: IPAddress
  /// TEID, key or VNI; 0 where there is none.
  package var identifier: UInt32

  package init(layer: Layer, source: IPAddress, destination: IPAddress, identifier: UInt32) {
    self.layer = layer
    self.source = source
    self.destination = destination
    self.identifier = identifier
  }
}

/// The ways through tunnels that packets came, each kept once: a packet carries its number, and only those that came
/// through a tunnel ask for one. Shared by everything that reads the inputs of one run.
package final class OuterPaths: Sendable {
  /// The number of a way; `none` for a packet that came through no tunnel.
  package struct Number: Hashable, Sendable, BitwiseCopyable {
    var value: UInt32
    package static var none: Number { Number(value: 0) }
  }

  private struct State: Sendable {
    /// A tunnel and the way that leads to it.
    var hops: [(hop: TunnelHop, outer: Number)] = []
    var numbers = FingerprintTable<UInt32>()
    var leftOut = 0
  }

  private let capacity: Int
  private let state = Mutex(State())

  package init(capacity: Int = Bounds.tunnelWays) { self.capacity = capacity }

  /// Packets whose way is not known because there were too many.
  package var leftOut: Int { state.withLock { $0.leftOut } }

  /// The way that goes on from another one through a tunnel.
  func number(of hop: TunnelHop, behind outer: Number) -> Number {
    var key = Fingerprint.empty
    key.combine(UInt64(outer.value) << 32 | UInt64(hop.identifier))
    key.combine(UInt64(hop.layer.rawValue) << 2 | (hop.source.isIPv4 ? 2 : 0) | (hop.destination.isIPv4 ? 1 : 0))
    for word in [hop.source.high, hop.source.low, hop.destination.high, hop.destination.low] { key.combine(word) }
    return state.withLock { state in
      if let known = state.numbers[key] { return Number(value: known) }
      guard state.hops.count < capacity else {
        state.leftOut += 1
        return .none
      }
      state.hops.append((hop, outer))
      let number = UInt32(state.hops.count)
      state.numbers.insert(key, number)
      return Number(value: number)
    }
  }

  /// Outermost first.
  package func hops(of number: Number) -> [TunnelHop] {
    if number == .none { return [] }
    return state.withLock { state in
      var hops: [TunnelHop] = []
      var next = number
      while next != .none, Int(next.value) <= state.hops.count {
        let (hop, outer) = state.hops[Int(next.value) - 1]
        hops.append(hop)
        next = outer
      }
      return hops.reversed()
    }
  }
}
