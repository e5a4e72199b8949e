import Foundation

/// Captures that tests read: those of the package, and the larger set that may lie beside it.
enum Captures {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func sample(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: root.appendingPathComponent("SampleCaptures/\(name)")))
  }

  /// Paths of the pcap and pcapng files below `../shared/captures/lab`; empty where that folder is absent.
  static let lab: [String] = {
    let folder = root.deletingLastPathComponent().appendingPathComponent("shared/captures/lab")
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
      .map { folder.appendingPathComponent($0).path }
  }()

  static func read(_ path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) }
}
