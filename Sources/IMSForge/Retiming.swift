/// Repeatable numbers (SplitMix64): the same seed gives the same ones everywhere.
package struct SeededNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

/// Clocks that are wrong, one for each interface: their stamps are moved by an offset, by a drift since the first packet of
/// the capture, and by a jitter that differs from packet to packet.
package struct Retiming: Sendable {
  /// Nanoseconds ahead, by interface.
  package var offsets: [Int64]
  /// Parts per 10⁹, by interface.
  package var drifts: [Int64]
  /// Nanoseconds to either side.
  package var jitter: Int64
  private var numbers: SeededNumbers

  /// Offsets within `range` to either side, drawn from the seed. Only odd interfaces drift.
  package init(seed: UInt64, interfaces: Int, within range: Int64, jitter: Int64, drift: Int64 = 0) {
    var numbers = SeededNumbers(seed: seed)
    offsets = (0..<interfaces).map { _ in Int64.random(in: -range...range, using: &numbers) }
    drifts = (0..<interfaces).map { $0.isMultiple(of: 2) ? 0 : drift }
    self.jitter = jitter
    self.numbers = numbers
  }

  /// By how much the stamp of a packet moves that was captured `elapsed` nanoseconds after the first one, jitter aside.
  package func offset(of interface: Int, elapsed: Int64) -> Int64 {
    offsets[interface] + elapsed / 1000 * drifts[interface] / 1_000_000
  }

  fileprivate mutating func stamp(_ record: CaptureRecord, start: Int64) -> Int64 {
    let moved = record.time + offset(of: record.interface, elapsed: record.time - start)
    return moved + (jitter > 0 ? Int64.random(in: -jitter...jitter, using: &numbers) : 0)
  }
}

extension CaptureEditor {
  /// As these clocks would have stamped it; the order of the records stays.
  package mutating func retime(_ clocks: Retiming) {
    let start = records.map(\.time).min() ?? 0
    var clocks = clocks
    mapRecords { $0.time = clocks.stamp($0, start: start) }
  }

  /// By stamp, as a merging tool writes it; equal stamps keep their order.
  package mutating func sortByTime() {
    let order = records.indices.sorted { (records[$0].time, $0) < (records[$1].time, $1) }
    records = order.map { records[$0] }
  }

  /// In another order, but no packet stands behind one that is more than `window` nanoseconds younger.
  package mutating func shuffle(within window: Int64, seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    let keys = records.map { $0.time + Int64.random(in: 0..<max(1, window), using: &numbers) }
    let order = records.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    records = order.map { records[$0] }
  }

  /// The records of one interface as a capture of its own.
  package func only(interface: Int) -> CaptureEditor {
    let mine = records.filter { $0.interface == interface }.map { record in
      var record = record
      record.interface = 0
      return record
    }
    return CaptureEditor(records: mine, interfaces: [interfaces[interface]])
  }
}
