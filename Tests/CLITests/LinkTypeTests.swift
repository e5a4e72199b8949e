import Foundation
import IMSForge
import TestSupport
import Testing

/// What the user says of a link type that has no meaning of its own.
@Suite struct LinkTypeTests {
  /// The sample, as a program that writes DLT_USER0 would have recorded it.
  private func user(_ cut: Int) throws -> [UInt8] {
    var capture = try CaptureEditor(Tool.bytes(Tool.sample))
    capture.mapRecords { $0.linkType = 147 }
    capture.mapBytes { Array($0.dropFirst(cut)) }
    for index in capture.interfaces.indices { capture.interfaces[index].linkType = 147 }
    return capture.pcapng
  }

  @Test(arguments: [("eth", 0), ("ip", 14)]) func theReportIsThatOfTheUsualLinkType(content: String, cut: Int) throws {
    let whole = try Tool.run("flows", Tool.sample)
    let result = try Tool.withFile(user(cut)) { try Tool.run("flows", "--link-type", "147=\(content)", $0) }
    #expect(result.output == whole.output)
    #expect(result.status == 0)
    let filtered = try Tool.withFile(user(cut)) {
      try Tool.run("flows", "--link-type", "148=ppp", "--link-type", "147=\(content)", "--filter", "udp or tcp", $0)
    }
    #expect(filtered.output == whole.output)
  }

  @Test func withoutItTheLinkTypeIsNamed() throws {
    let result = try Tool.withFile(user(0)) { try Tool.run("check", $0) }
    #expect(result.status == 3)
    #expect(result.complaints.contains("link type 147"))
  }

  @Test(arguments: ["147", "147=", "=ip", "147=x", "70000=ip", "-1=ip", "1=ip", "147=ip=eth"])
  func refusesWhatItCannotRead(_ text: String) throws {
    let result = try Tool.run("check", "--link-type=\(text)", Tool.sample)
    #expect(result.status == 2)
  }
}
