import Foundation
import TestSupport

/// What the reference dissector says of bytes that were just built.
extension Tshark {
  static func rows(_ capture: [UInt8], filter: String = "", fields: [String], options: [String] = []) throws
    -> [[String]]
  {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("forge-\(UUID().uuidString).pcapng")
    try Data(capture).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let checksums = ["-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]
    return try rows(file.path, filter: filter, fields: fields, options: checksums + options)
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
