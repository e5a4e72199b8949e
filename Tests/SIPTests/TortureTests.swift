import Foundation
import IMSBytes
import IMSSIP
import TestSupport
import Testing

/// The torture files of RFC 4475 are not part of the package.
enum Torture {
  static let files = Files.files(in: "torture").filter { ["dat", "sip"].contains($0.pathExtension) }

  static func bytes(_ name: String) throws -> [UInt8] {
    let file = try #require(files.first { $0.lastPathComponent == name })
    return Array(try Data(contentsOf: file))
  }
}

@Suite(.enabled(if: Files.hasShared, Comment(rawValue: Files.absence)))
struct TortureTests {
  @Test func everyFileIsReadOrRefusedAtEveryLength() throws {
    #expect(Torture.files.count > 50)
    for file in Torture.files {
      let bytes = Array(try Data(contentsOf: file))
      for count in 0...bytes.count where count == bytes.count || count % 7 == 0 {
        let part = Array(bytes[..<count])
        if let message = try? parse(part, truncated: count < bytes.count) { _ = readEverything(message) }
        _ = Framing.recognise(part)
        _ = Framing.looksLikeStart(part)
        _ = Framing.frame(part)
        _ = Framing.nextStart(part, from: count / 2)
      }
    }
  }

  struct Case: Sendable {
    var file: String
    var issues: [String]
    init(_ file: String, _ issues: String...) {
      self.file = file
      self.issues = issues
    }
  }

  @Test(arguments: [
    Case("wsinv.dat"), Case("intmeth.dat"), Case("esc01.dat"), Case("escnull.dat"), Case("lwsdisp.dat"),
    Case("semiuri.dat"),
    Case("transports.dat"), Case("mpart01.dat"), Case("unreason.dat"), Case("noreason.dat"), Case("unkscm.dat"),
    Case("scalarlg.dat"),
    Case("clerr.dat", "Content-Length is larger than the body"), Case("ncl.dat", "Content-Length is not a number"),
    Case("lwsstart.dat", "more than one space in the request line", "more than one space in the request line"),
    Case("trws.dat", "white space after the request line"), Case("lwsruri.dat", "white space in the Request-URI"),
    Case("ltgtruri.dat", "Request-URI in angle brackets"), Case("badvers.dat", "SIP version is not 2.0"),
    Case("mcl01.dat", "Content-Length repeated with another value", "bytes after the end of the body"),
    Case("dblreq.dat", "bytes after the end of the body"),
  ]) func issues(expected: Case) throws {
    let message = try parse(Torture.bytes(expected.file))
    #expect(message.issues.map(\.reason) == expected.issues)
  }

  @Test func bigcodeIsRefused() throws {
    let bytes = try Torture.bytes("bigcode.dat")
    #expect(throws: DecodeIssue.self) { try parse(bytes) }
  }

  @Test func wsinvIsReadInEveryPart() throws {
    let message = try parse(Torture.bytes("wsinv.dat"))
    #expect(message.method == .invite && message.cseq?.number == 9 && message.maxForwards == 68)
    #expect(message.to?.tag == "1918181833n" && message.from?.tag == "98asjd8")
    #expect(message.from?.displayName?.string == "J Rosenberg \\\"")
    #expect(message.via.map { $0.sentBy.host.string } == ["192.0.2.2", "spindle.example.com", "192.168.255.111"])
    #expect(message.via.compactMap { $0.branch?.string } == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"])
    #expect(message.contacts.count == 1 && message.route.count == 1 && message.has("NewFangledHeader"))
  }

  @Test func escapesAndOddUsers() throws {
    let escaped = try parse(Torture.bytes("esc01.dat"))
    #expect(escaped.requestURI == "sip:sips%3Auser%40example.com@example.net")
    #expect(escaped.to?.uri.addressOfRecord() == "sip:user@example.com")
    let semicolon = try parse(Torture.bytes("semiuri.dat"))
    #expect(SIPURI(try #require(semicolon.requestURI))?.user == "user;par=u%40example.net")
    let strange = try parse(Torture.bytes("intmeth.dat"))
    #expect(strange.method.name == "!interesting-Method0123456789_*+`.%indeed'~")
    #expect(try parse(Torture.bytes("quotbal.dat")).to == nil)
    #expect(try parse(Torture.bytes("scalarlg.dat")).cseq == nil)
  }
}
