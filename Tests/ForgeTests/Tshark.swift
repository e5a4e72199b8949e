import Foundation

/// The reference dissector, where it is installed.
enum Tshark {
  static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    .map { "\($0)/tshark" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  static var isInstalled: Bool { path != nil }

  /// One row a frame that passes the filter; the fields are divided by tabs, repeated fields by commas.
  static func rows(_ capture: [UInt8], filter: String = "", fields: [String], options: [String] = []) throws
    -> [[String]]
  {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("forge-\(UUID().uuidString).pcapng")
    try Data(capture).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "/usr/bin/tshark")
    process.arguments =
      ["-n", "-r", file.path, "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "fields"]
      + options
      + (filter.isEmpty ? [] : ["-Y", filter]) + fields.flatMap { ["-e", $0] }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }

  /// "REGISTER", "401", "300" (Diameter command, with "R" or "A"), "A?" and "A" for DNS: one word a frame.
  static func ladder(_ capture: [UInt8], options: [String] = []) throws -> [String] {
    let fields = [
      "sip.Method", "sip.Status-Code", "diameter.cmd.code", "diameter.flags.request", "dns.flags.response",
    ]
    return try rows(capture, fields: fields, options: options).map { row in
      if !row[0].isEmpty { return row[0] }
      if !row[1].isEmpty { return row[1] }
      if !row[2].isEmpty { return row[2] + (row[3] == "1" || row[3] == "True" ? "R" : "A") }
      return row[4].isEmpty ? "-" : row[4] == "1" || row[4] == "True" ? "DNS" : "DNS?"
    }
  }

  /// Numbers of the frames that tshark calls malformed or whose checksums are wrong.
  static func damaged(_ capture: [UInt8], options: [String] = []) throws -> [String] {
    let bad = ["ip", "udp", "tcp"].map { "\($0).checksum.status == 0" }.joined(separator: " || ")
    return try rows(
      capture, filter: "_ws.malformed || \(bad)", fields: ["frame.number"],
      options: ["-o", "ip.check_checksum:TRUE"] + options
    ).map { $0[0] }
  }
}
