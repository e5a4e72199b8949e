#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The captures that lie beside the package, not in it: present on a developer's machine, absent elsewhere.
enum SampleCaptures {
  static let absent: String = "no ../shared/captures beside the package"

  /// `shared` beside the package root, or where IMSTRACE_SHARED says.
  static let root: String? = {
    var candidates: [String] = []
    if let named = getenv("IMSTRACE_SHARED") { candidates.append(String(cString: named)) }
    let package = #filePath.split(separator: "/").dropLast(3)
    candidates.append("/" + package.dropLast().joined(separator: "/") + "/shared")
    return candidates.first { access($0 + "/captures", R_OK) == 0 }
  }()

  static var isPresent: Bool { root != nil }

  static var lab: [String] {
    names("lab").map { "lab/\($0)/merged.pcapng" }.filter { access(path($0), R_OK) == 0 }
  }

  static var published: [String] {
    // One of the files named .cap is of Network Monitor.
    names("public").filter { $0.hasSuffix("pcap") || $0.hasSuffix("pcapng") || $0.hasSuffix("ntop-nDPI__sctp.cap") }
      .map { "public/\($0)" }
  }

  static func path(_ name: String) -> String { (root ?? "") + "/captures/" + name }

  /// Scenario and number of packets, from the first and the last column of the table in LAB.md.
  static var packetCounts: [String: UInt32] {
    guard let file = fopen(path("lab/LAB.md"), "r") else { return [:] }
    defer { fclose(file) }
    var text: [UInt8] = []
    var byte = getc(file)
    while byte != EOF {
      text.append(UInt8(byte))
      byte = getc(file)
    }
    var counts: [String: UInt32] = [:]
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where line.hasPrefix("| ") {
      let cells = line.split(separator: "|").map { $0.drop { $0 == " " } }
      guard cells.count >= 6, let count = UInt32(cells[cells.count - 1].prefix { $0 != " " }) else { continue }
      counts[String(cells[0].prefix { $0 != ":" && $0 != " " })] = count
    }
    return counts
  }

  private static func names(_ folder: String) -> [String] {
    guard let root, let directory = opendir(root + "/captures/" + folder) else { return [] }
    defer { closedir(directory) }
    var result: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      result.append(String(decoding: name, as: UTF8.self))
    }
    return result.filter { !$0.hasPrefix(".") }.sorted()
  }
}
