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

  /// What becomes of a datagram.
  enum Fate: Equatable, Sendable {
    /// Read, and nothing was odd about its form. Values that cannot be read are nil when they are asked for.
    case read
    /// Read all the same.
    case issues([String])
    /// No message: the report names it for this reason.
    case refused(String)

    init(_ bytes: [UInt8]) throws {
      if Framing.recognise(bytes) {
        let reasons = try parse(bytes).issues.map(\.reason)
        self = reasons.isEmpty ? .read : .issues(reasons)
      } else {
        self = .refused(try #require(Framing.refusal(bytes), "lost without a word"))
      }
    }
  }

  /// A message of RFC 4475 by its name and section.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var section: String
    var fate: Fate
    var testDescription: String { "\(name), RFC 4475 §\(section)" }

    init(_ name: String, _ section: String, _ fate: Fate) {
      self.name = name
      self.section = section
      self.fate = fate
    }
  }

  private static let noStartLine = "neither a request line nor a status line of SIP/2.0"
  private static let noHeaders = "a start line, but fewer than two of Via, From, To, Call-ID and CSeq"

  static let messages = [
    Case("wsinv", "3.1.1.1", .read),
    Case("intmeth", "3.1.1.2", .read),
    Case("esc01", "3.1.1.3", .read),
    Case("escnull", "3.1.1.4", .read),
    Case("esc02", "3.1.1.5", .read),
    Case("lwsdisp", "3.1.1.6", .read),
    Case("longreq", "3.1.1.7", .read),
    Case("dblreq", "3.1.1.8", .issues(["bytes after the end of the body"])),
    Case("semiuri", "3.1.1.9", .read),
    Case("transports", "3.1.1.10", .read),
    Case("mpart01", "3.1.1.11", .read),
    Case("unreason", "3.1.1.12", .read),
    Case("noreason", "3.1.1.13", .read),
    Case("badinv01", "3.1.2.1", .read),
    Case("clerr", "3.1.2.2", .issues(["Content-Length is larger than the body"])),
    Case("ncl", "3.1.2.3", .issues(["Content-Length is not a number"])),
    Case("scalar02", "3.1.2.4", .read),
    Case("scalarlg", "3.1.2.5", .read),
    Case("quotbal", "3.1.2.6", .read),
    Case("ltgtruri", "3.1.2.7", .issues(["Request-URI in angle brackets"])),
    Case("lwsruri", "3.1.2.8", .issues(["white space in the Request-URI"])),
    Case(
      "lwsstart", "3.1.2.9",
      .issues(["more than one space in the request line", "more than one space in the request line"])),
    Case("trws", "3.1.2.10", .issues(["white space after the request line"])),
    Case("escruri", "3.1.2.11", .read),
    Case("baddate", "3.1.2.12", .read),
    Case("regbadct", "3.1.2.13", .read),
    Case("badaspec", "3.1.2.14", .read),
    Case("baddn", "3.1.2.15", .issues(["headers do not end with an empty line"])),
    Case("badvers", "3.1.2.16", .refused(noStartLine)),
    Case("mismatch01", "3.1.2.17", .read),
    Case("mismatch02", "3.1.2.18", .read),
    Case("bigcode", "3.1.2.19", .refused(noStartLine)),
    Case("badbranch", "3.2.1", .read),
    Case("insuf", "3.3.1", .read),
    Case("unkscm", "3.3.2", .read),
    Case("novelsc", "3.3.3", .read),
    Case("unksm2", "3.3.4", .read),
    Case("bext01", "3.3.5", .read),
    Case("invut", "3.3.6", .read),
    Case("regaut01", "3.3.7", .read),
    Case("multi01", "3.3.8", .read),
    Case("mcl01", "3.3.9", .issues(["Content-Length repeated with another value", "bytes after the end of the body"])),
    Case("bcast", "3.3.10", .read),
    Case("zeromf", "3.3.11", .read),
    Case("cparam01", "3.3.12", .read),
    Case("cparam02", "3.3.13", .read),
    Case("regescrt", "3.3.14", .read),
    Case("sdp01", "3.3.15", .read),
    Case("inv2543", "3.4.1", .read),
  ]

  @Test(arguments: messages) func everyMessageHasItsFate(expected: Case) throws {
    #expect(try Fate(Torture.bytes("\(expected.name).dat")) == expected.fate)
  }

  /// The other files are no messages of the RFC; all but these are read.
  @Test func theOtherFilesAreReadOrNamed() throws {
    let known = Set(Self.messages.map { "\($0.name).dat" })
    var refused: [String: String] = [:]
    for file in Torture.files where !known.contains(file.lastPathComponent) {
      guard case .refused(let reason) = try Fate(Files.bytes(file)) else { continue }
      refused[file.lastPathComponent] = reason
    }
    #expect(
      refused == [
        "bad_via1.sip": Self.noHeaders, "bad_via2.sip": Self.noStartLine, "bad_via3.sip": Self.noStartLine,
        "no_eom_reply.sip": Self.noHeaders, "req1.sip": Self.noHeaders, "req2.sip": Self.noHeaders,
        "short_reply.sip": Self.noHeaders, "test.dat": Self.noStartLine,
      ])
    #expect(Torture.files.count - known.count == 46)
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
    #expect(strange.methodName == "!interesting-Method0123456789_*+`.%indeed'~")
    #expect(try parse(Torture.bytes("quotbal.dat")).to == nil)
    #expect(try parse(Torture.bytes("scalarlg.dat")).cseq == nil)
  }
}
