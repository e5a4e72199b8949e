// draft-ietf-opsawg-pcapng, section 4.2: if_tsresol, if_tsoffset.

import IMSBytes

/// What a stamp of one interface counts.
struct PcapngClock: BitwiseCopyable {
  /// Bit 7 set: a unit is 2^-n seconds, else 10^-n.
  var resolution: UInt8 = 6 { didSet { factor = Self.factor(resolution) } }
  /// Nanoseconds of a unit; 0 where that is no whole number.
  private var factor: UInt64 = 1000
  /// Seconds to add.
  var offset: Int64 = 0
  /// 0: no limit.
  var snapLength: UInt32

  init(snapLength: UInt32) { self.snapLength = snapLength }

  /// Saturates: an absurd stamp stands at the end of time, where no reader leaves it.
  @inline(__always)
  func time(_ ticks: UInt64) -> Timestamp {
    let (span, overflow) = ticks.multipliedReportingOverflow(by: factor)
    guard factor != 0, offset == 0, !overflow, let nanoseconds = Int64(exactly: span) else { return oddTime(ticks) }
    return Timestamp(nanoseconds: nanoseconds)
  }

  private static func factor(_ resolution: UInt8) -> UInt64 {
    resolution > 9 ? 0 : (resolution..<9).reduce(1) { product, _ in product * 10 }
  }

  private func oddTime(_ ticks: UInt64) -> Timestamp {
    let digits = Int(resolution & 0x7f)
    let span = resolution & 0x80 != 0 ? Self.binary(ticks, digits) : Self.decimal(ticks, digits)
    let (seconds, overflow) = offset.multipliedReportingOverflow(by: 1_000_000_000)
    let start = overflow ? (offset < 0 ? Int64.min : .max) : seconds
    return Timestamp(nanoseconds: start) + Interval(nanoseconds: span)
  }

  private static func decimal(_ ticks: UInt64, _ digits: Int) -> Int64 {
    if digits > 28 { return 0 }
    var power: UInt64 = 1
    for _ in 0..<abs(digits - 9) { power *= 10 }  // at most 10^19
    if digits > 9 { return Int64(clamping: ticks / power) }
    let (product, overflow) = ticks.multipliedReportingOverflow(by: power)
    return overflow ? .max : Int64(clamping: product)
  }

  private static func binary(_ ticks: UInt64, _ bits: Int) -> Int64 {
    if bits > 63 {
      let wide = ticks.multipliedFullWidth(by: 1_000_000_000)
      return bits < 128 ? Int64(clamping: wide.high >> UInt64(bits - 64)) : 0
    }
    let (seconds, overflow) = (ticks >> UInt64(bits)).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return .max }
    let wide = (ticks & (1 << UInt64(bits) - 1)).multipliedFullWidth(by: 1_000_000_000)
    let fraction = bits == 0 ? 0 : wide.high << UInt64(64 - bits) | wide.low >> UInt64(bits)
    return Int64(clamping: seconds.addingReportingOverflow(fraction).partialValue)
  }
}
