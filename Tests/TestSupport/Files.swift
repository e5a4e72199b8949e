package import Foundation

/// The captures that tests read: those of the package, and the larger set that may lie beside it on a developer's machine.
package enum Files {
  /// The package's root folder.
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  package static let samples = root.appending(path: "SampleCaptures")

  package static func sample(_ name: String) throws -> [UInt8] { try bytes(samples.appending(path: name)) }

  package static let sampleCaptures = [
    "aka-registration.pcapng", "cx-over-sctp.pcapng", "de-registration.pcapng", "ipsec-registration.pcapng",
    "ipv6.pcapng", "network-de-registration.pcapng", "resynchronisation.pcapng", "seed-registration-access.pcap",
    "seed-registration.pcap", "sip-digest.pcapng", "sip-over-tcp.pcapng", "unknown-user.pcapng", "wrong-key.pcapng",
  ].map { samples.appending(path: $0) }

  /// `shared/captures` beside the package, or in the folder that IMSTRACE_SHARED names; nil in a clone of the package alone.
  package static let shared: URL? = {
    let folder =
      ProcessInfo.processInfo.environment["IMSTRACE_SHARED"].map { URL(filePath: $0) }
      ?? root.deletingLastPathComponent().appending(path: "shared")
    let captures = folder.appending(path: "captures")
    return FileManager.default.fileExists(atPath: captures.path) ? captures : nil
  }()
  package static let hasShared = shared != nil
  package static let absence: String = "no ../shared/captures beside the package, and IMSTRACE_SHARED names none"

  /// The recorded scenarios.
  package static let lab: URL? = shared?.appending(path: "lab")

  package static func scenario(_ name: String, _ file: String = "merged.pcapng") throws -> [UInt8] {
    guard let lab else { throw CocoaError(.fileNoSuchFile) }
    return try bytes(lab.appending(path: "\(name)/\(file)"))
  }

  /// Every pcap and pcapng file below a folder of `shared/captures`, by path.
  package static func captures(in folder: String) -> [URL] {
    files(in: folder).filter { ["pcap", "pcapng"].contains($0.pathExtension) }
  }

  package static func files(in folder: String) -> [URL] {
    guard let folder = shared?.appending(path: folder) else { return [] }
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return names.sorted().map { folder.appending(path: $0) }
  }

  package static func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

  /// Number of packets of each scenario's merged capture, from the last column of the table in LAB.md.
  package static let packetCounts: [String: UInt32] = {
    guard let lab, let text = try? String(contentsOf: lab.appending(path: "LAB.md"), encoding: .utf8) else {
      return [:]
    }
    var counts: [String: UInt32] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("| ") {
      let cells = line.split(separator: "|").map { $0.drop { $0 == " " } }
      guard cells.count >= 6, let count = UInt32(cells[cells.count - 1].prefix { $0 != " " }) else { continue }
      counts[String(cells[0].prefix { $0 != ":" && $0 != " " })] = count
    }
    return counts
  }()
}
