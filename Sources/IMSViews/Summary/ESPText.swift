import IMSRules
import IMSWire

/// What a summary says of ESP: how much was read, and which associations were not.
enum ESPText {
  static func lines(_ associations: [Coverage.ESP]) -> [String] {
    let counts = associations.map(\.count)
    let packets = counts.reduce(0) { $0 + $1.packets }
    guard packets > 0 else { return [] }
    let opened = counts.reduce(0) { $0 + $1.opened }
    let verified = counts.reduce(0) { $0 + $1.verified }
    var lines = [
      "ESP: \(opened) of \(counted(packets, "packet")) opened, ICV verified in \(verified); "
        + counted(associations.count, "association")
    ]
    let closed = counts.filter { $0.opaque > 0 }
    lines += closed.prefix(SummaryEnd.listLimit).map { count in
      let reason = count.unsupported.map { "\($0) is not supported" } ?? "no key that fits"
      return "ESP to \(place(count)): \(count.opaque) of \(counted(count.packets, "packet")) opaque (\(reason))"
    }
    if closed.count > SummaryEnd.listLimit {
      lines.append("… and \(counted(closed.count - SummaryEnd.listLimit, "other opaque association"))")
    }
    return lines
  }

  private static func place(_ count: ESPCount) -> String {
    if count.spi == 0 { return "further associations" }
    let digits = String(count.spi, radix: 16)
    return "\(count.destination), SPI 0x\(String(repeating: "0", count: 8 - digits.count))\(digits)"
  }
}
