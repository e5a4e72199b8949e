import Foundation
import IMSForge
import TestSupport
import Testing

/// Every capture and every torture message that others published, through every command that reads captures: each ends
/// with an exit code of docs/json.md, and says why when there was nothing to read.
@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
struct EveryCaptureTests {
  private static let commands = ["check", "dump", "flows", "ladder", "via"]

  private static func files(_ folder: String) -> [URL] {
    Files.files(in: folder).filter { !["", "md"].contains($0.pathExtension) }
  }

  private func endsWell(_ path: String) throws {
    for command in Self.commands {
      let result = try Tool.run(command, path)
      #expect([0, 1, 3].contains(result.status), "\(command): \(result.complaints)")
      let complaints = result.complaints.split(separator: "\n")
      #expect(complaints.allSatisfy { $0.hasPrefix("imstrace: ") }, "\(command): \(result.complaints)")
      #expect(result.status != 3 || !complaints.isEmpty, "\(command)")
    }
  }

  @Test(arguments: files("public")) func aPublishedCapture(file: URL) throws { try endsWell(file.path) }

  /// As it lies there, which is no capture.
  @Test(arguments: files("torture")) func aTortureMessage(file: URL) throws { try endsWell(file.path) }

  /// All of them as the datagrams of one capture.
  @Test func tortureMessagesInDatagrams() throws {
    let files = Self.files("torture")
    #expect(files.count > 90)
    let records = try files.enumerated().map { number, file in
      let packet = PacketBuilder.udp(
        from: HostPort("10.0.0.1", 5060), to: HostPort("10.0.0.2", UInt16(10_000 + number)),
        payload: try Files.bytes(file))
      return CaptureRecord(time: Int64(number) * 1_000_000_000, bytes: packet)
    }
    try Tool.withFile(CaptureWriter().pcap(records)) { (path: String) throws -> Void in
      try endsWell(path)
      let verbose = try Tool.run("dump", "--verbose", path)
      #expect(verbose.status == 0)
      #expect(verbose.output.contains("!interesting-Method0123456789_*+`.%indeed'~"))
    }
  }
}
