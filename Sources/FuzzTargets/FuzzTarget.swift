/// A reader under the fuzzer: what it is fed, and what must hold whatever that is. The fuzzer runs it on bytes of its own;
/// a test runs it on those that were kept.
package struct FuzzTarget: Sendable {
  /// "sip": of its corpus, its fail cases and the program `fuzz-sip`.
  package let name: String
  /// Longer inputs find nothing that these do not.
  package let longest: Int
  /// What is wrong with what was read; nil when nothing is.
  package let complaint: @Sendable ([UInt8]) -> String?
  /// What the fuzzer begins with. `captures` are capture files.
  package let seeds: @Sendable (_ captures: [[UInt8]]) -> [[UInt8]]

  package static let all: [FuzzTarget] = [frames, reassembly, sip, diameter, captures]
}

/// What does not hold.
struct Complaint: Error {
  var text: String
}

func require(_ holds: Bool, _ text: @autoclosure () -> String) throws(Complaint) {
  if !holds { throw Complaint(text: text()) }
}

extension FuzzTarget {
  init(
    _ name: String, longest: Int, seeds: @escaping @Sendable ([[UInt8]]) -> [[UInt8]],
    _ check: @escaping @Sendable ([UInt8]) throws(Complaint) -> Void
  ) {
    self.name = name
    self.longest = longest
    self.seeds = seeds
    complaint = { bytes in
      do throws(Complaint) {
        try check(bytes)
        return nil
      } catch {
        return error.text
      }
    }
  }
}

/// An input as a row of small decisions, each made of a byte or two; 0 behind its end.
struct Script {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at >= bytes.count }

  mutating func u8() -> UInt8 {
    defer { at += 1 }
    return at < bytes.count ? bytes[at] : 0
  }

  mutating func u16() -> UInt16 { UInt16(u8()) << 8 | UInt16(u8()) }

  /// As many as are there.
  mutating func take(_ count: Int) -> [UInt8] {
    let start = min(at, bytes.count)
    at = min(start + count, bytes.count)
    return Array(bytes[start..<at])
  }

  mutating func rest() -> [UInt8] { take(bytes.count) }
}
