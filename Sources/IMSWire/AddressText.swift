package import IMSBytes

// Addresses as text (RFC 4291 §2.2, RFC 5952). No Foundation and no locale: the wire's own spelling.

extension IPAddress: CustomStringConvertible {
  /// Dotted IPv4, or IPv6 in the canonical form of RFC 5952: lower case, longest run of zeros shortened.
  package var description: String {
    isIPv4 ? IPAddress.dotted(UInt32(truncatingIfNeeded: low)) : IPAddress.colons(high, low)
  }

  /// Reads an IPv4 or IPv6 address, with or without brackets; nil for a name.
  package init?(_ text: Text) { self.init(String(decoding: text.bytes, as: UTF8.self)) }

  package init?(_ text: String) {
    var text = text[...]
    if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
    if let value = IPAddress.readDotted(text) {
      self.init(v4: value)
    } else if let groups = IPAddress.readGroups(text) {
      let words = stride(from: 0, to: 8, by: 4).map { start in
        groups[start..<start + 4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
      }
      self.init(high: words[0], low: words[1])
    } else {
      return nil
    }
  }

  private static func dotted(_ value: UInt32) -> String {
    "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
  }

  private static func colons(_ high: UInt64, _ low: UInt64) -> String {
    let groups = (0..<8).map { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> (48 - 16 * UInt64(index % 4)))
    }
    let run = longestZeros(groups)
    guard run.count > 1 else { return groups.map { String($0, radix: 16) }.joined(separator: ":") }
    let before = groups[..<run.lowerBound].map { String($0, radix: 16) }.joined(separator: ":")
    let after = groups[run.upperBound...].map { String($0, radix: 16) }.joined(separator: ":")
    return before + "::" + after
  }

  private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
    var best = 0..<0
    var start = 0
    for index in 0...groups.count {
      if index < groups.count, groups[index] == 0 { continue }
      if index - start > best.count { best = start..<index }
      start = index + 1
    }
    return best
  }

  private static func readDotted(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(ASCII.isDigit), let byte = UInt8(part) else { return nil }
      value = value << 8 | UInt32(byte)
    }
    return value
  }

  private static func readGroups(_ text: Substring) -> [UInt16]? {
    guard text.contains(":") else { return nil }
    let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = readRun(halves[0]) else { return nil }
    guard halves.count == 2 || text.hasSuffix("::") else { return head.count == 8 ? head : nil }
    guard let tail = readRun(halves.count == 2 ? halves[1] : ""), head.count + tail.count < 8 else { return nil }
    return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
  }

  private static func readRun(_ text: Substring) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, let value = readDotted(part) {
        groups += [UInt16(value >> 16), UInt16(value & 0xffff)]
      } else if (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16) {
        groups.append(group)
      } else {
        return nil
      }
    }
    return groups
  }
}

extension Endpoint: CustomStringConvertible {
  /// "10.0.0.1:5060", "[2001:db8::1]:5060".
  package var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
