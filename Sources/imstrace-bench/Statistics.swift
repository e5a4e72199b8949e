#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension [Double] {
  /// 0 of none.
  var median: Double {
    guard !isEmpty else { return 0 }
    let sorted = sorted()
    return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
  }

  /// Smallest and largest.
  func spread(_ digits: Int) -> String { "\((self.min() ?? 0).fixed(digits))–\((self.max() ?? 0).fixed(digits))" }

  /// Median, and the spread in brackets.
  func middle(_ digits: Int) -> String {
    count < 2 ? median.fixed(digits) : "\(median.fixed(digits)) (\(spread(digits)))"
  }
}

extension Double {
  /// Rounded, with so many digits behind the point.
  func fixed(_ digits: Int) -> String {
    guard isFinite, abs(self) < 1e15 else { return "–" }
    let scale = pow(10, Double(digits))
    let scaled = Int((self * scale).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let fraction = String(abs(scaled) % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int(scale)).\(zeros)\(fraction)"
  }
}

extension Int {
  /// Of bytes, in 10⁶.
  var megabytes: String { (Double(self) / 1e6).fixed(1) }

  /// Digits in groups of three.
  var grouped: String {
    let digits = String(magnitude)
    let head = digits.count % 3
    var groups = head > 0 ? [String(digits.prefix(head))] : []
    var rest = digits.dropFirst(head)
    while !rest.isEmpty {
      groups.append(String(rest.prefix(3)))
      rest = rest.dropFirst(3)
    }
    return (self < 0 ? "-" : "") + groups.joined(separator: " ")
  }
}
