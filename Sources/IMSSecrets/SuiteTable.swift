/// Algorithms and keys, once for all associations of an agreement, which come one behind the other.
struct SuiteTable: Sendable {
  private static let unused = ESPSuite(encryption: .null, integrity: .null)

  private var suites: [(suite: ESPSuite, uses: Int32)] = []
  /// Numbers of those that nobody uses.
  private var free: [Int32] = []
  private var latest: Int32 = -1

  /// - Parameter number: one that is in use.
  subscript(number: Int32) -> ESPSuite { suites[Int(number)].suite }

  /// The number of a suite, in use once more.
  mutating func use(_ suite: ESPSuite) -> Int32 {
    if latest >= 0, suites[Int(latest)].uses > 0, suites[Int(latest)].suite == suite {
      suites[Int(latest)].uses += 1
      return latest
    }
    if let number = free.popLast() {
      suites[Int(number)] = (suite, 1)
      latest = number
    } else {
      latest = Int32(suites.count)
      suites.append((suite, 1))
    }
    return latest
  }

  mutating func letGo(of number: Int32) {
    suites[Int(number)].uses -= 1
    guard suites[Int(number)].uses == 0 else { return }
    // Its keys go with it.
    suites[Int(number)].suite = Self.unused
    free.append(number)
  }
}
