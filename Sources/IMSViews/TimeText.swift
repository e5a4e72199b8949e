package import IMSBytes

/// Times as text: always UTC, no locale, no rounding but the one that is documented here.
package enum TimeText {
  /// "2026-11-23T06:41:02.123456789Z": nine decimals.
  package static func iso(_ time: Timestamp) -> String { written { write(iso: time, &$0) } }

  static func write(iso time: Timestamp, _ text: inout [UInt8]) {
    let (days, nanoseconds) = split(time)
    write(days: days, &text)
    text.append(UInt8(ascii: "T"))
    write(clock: nanoseconds / second, &text)
    text.append(UInt8(ascii: "."))
    write(nanoseconds % second, 9, &text)
    text.append(UInt8(ascii: "Z"))
  }

  /// "2026-11-23".
  package static func date(_ time: Timestamp) -> String { written { write(days: split(time).days, &$0) } }

  /// Since 1970-01-01.
  static func day(_ time: Timestamp) -> Int64 { split(time).days }

  /// "06:41:02.123": milliseconds cut off, not rounded, so that a time never shows the next second.
  package static func timeOfDay(_ time: Timestamp) -> String { written { write(timeOfDay: time, &$0) } }

  static func write(timeOfDay time: Timestamp, _ text: inout [UInt8]) {
    let nanoseconds = split(time).nanoseconds
    write(clock: nanoseconds / second, &text)
    text.append(UInt8(ascii: "."))
    write(nanoseconds % second / 1_000_000, 3, &text)
  }

  /// Milliseconds with exactly three decimals, rounded half up from nanoseconds: "138.700".
  package static func milliseconds(_ interval: Interval) -> String {
    let thousandths = roundedHalfUp(interval.nanoseconds, 1000)
    return written { write(thousandths, decimals: 3, &$0) }
  }

  /// Milliseconds with one decimal, rounded half up: "138.7 ms".
  package static func duration(_ interval: Interval) -> String { written { write(duration: interval, &$0) } }

  static func write(duration: Interval, _ text: inout [UInt8]) {
    write(roundedHalfUp(duration.nanoseconds, 100_000), decimals: 1, &text)
    text.append(" ms")
  }

  /// "20 µs", "5 ms", "1 s": nanoseconds in the largest unit that they are a whole number of; else with one decimal of ms.
  static func brief(_ nanoseconds: Int64) -> String {
    for (unit, name) in [(second, "s"), (1_000_000, "ms"), (1000, "µs")] where nanoseconds.isMultiple(of: unit) {
      if nanoseconds != 0 || unit == 1_000_000 { return "\(nanoseconds / unit) \(name)" }
    }
    return duration(Interval(nanoseconds: nanoseconds))
  }

  /// Seconds with three decimals and a sign, rounded half up: "+0.027 s".
  package static func relative(_ interval: Interval) -> String {
    let text = written { write(roundedHalfUp(interval.nanoseconds, 1_000_000), decimals: 3, &$0) }
    return (text.first == "-" ? text : "+" + text) + " s"
  }

  // MARK: numbers

  private static let second: Int64 = 1_000_000_000

  private static func split(_ time: Timestamp) -> (days: Int64, nanoseconds: Int64) {
    let day = 86_400 * second
    let rest = time.nanoseconds % day
    let days = time.nanoseconds / day
    return rest < 0 ? (days - 1, rest + day) : (days, rest)
  }

  /// Made of ASCII at once: times are written more often than anything else.
  private static func written(_ write: (inout [UInt8]) -> Void) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(32)
    write(&text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Of a day.
  private static func write(clock seconds: Int64, _ text: inout [UInt8]) {
    write(seconds / 3600, 2, &text)
    text.append(UInt8(ascii: ":"))
    write(seconds / 60 % 60, 2, &text)
    text.append(UInt8(ascii: ":"))
    write(seconds % 60, 2, &text)
  }

  /// A number that is not negative and has no more digits.
  private static func write(_ value: Int64, _ digits: Int, _ text: inout [UInt8]) {
    text.append(decimal: UInt64(value), digits: digits)
  }

  private static func roundedHalfUp(_ value: Int64, _ unit: Int64) -> Int64 {
    let rest = value % unit
    let floor = rest < 0 ? value / unit - 1 : value / unit
    let above = rest < 0 ? rest + unit : rest
    return above * 2 >= unit ? floor + 1 : floor
  }

  /// 138700 with three decimals: "138.700".
  private static func write(_ value: Int64, decimals: Int, _ text: inout [UInt8]) {
    var scale: UInt64 = 1
    for _ in 0..<decimals { scale *= 10 }
    let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: scale)
    if value < 0 { text.append(UInt8(ascii: "-")) }
    text.append(decimal: whole)
    text.append(UInt8(ascii: "."))
    write(Int64(fraction), decimals, &text)
  }

  /// The Gregorian date of a day number since 1970-01-01, by counting years from March. A `Timestamp` reaches from 1677 to
  /// 2262.
  private static func write(days: Int64, _ text: inout [UInt8]) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
    write(year, 4, &text)
    text.append(UInt8(ascii: "-"))
    write(month < 10 ? month + 3 : month - 9, 2, &text)
    text.append(UInt8(ascii: "-"))
    write(day, 2, &text)
  }
}
