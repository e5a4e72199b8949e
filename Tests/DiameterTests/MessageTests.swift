import IMSBytes
import IMSDiameter
import Testing

@Suite struct MessageTests {
  @Test func readsTheHeader() throws {
    // Written out from the figure of RFC 6733 §3 with one AVP of §4.1.
    let bytes = try #require(Hex.decode("01 000020 50 000118 00000000 01020304 05060708 00000108 4000000a 6162 0000"))
    let message = try parse(bytes)
    #expect(!message.isRequest && message.isProxiable && !message.isError && message.isRetransmitted)
    #expect(message.command == .deviceWatchdog && message.application == .base && message.name == "DWA")
    #expect(message.hopByHop == 0x0102_0304 && message.endToEnd == 0x0506_0708)
    #expect(message.issues.isEmpty && message.originHost == "ab")
  }

  @Test func readsAUserAuthorization() throws {
    let request = try parse(uar)
    #expect(request.isRequest && request.name == "UAR" && request.issues.isEmpty && request.malformed == nil)
    #expect(request.sessionID == "icscf.hims.net;1;2" && request.originHost == "icscf.hims.net")
    #expect(
      request.originRealm == "hims.net" && request.destinationRealm == "hims.net" && request.destinationHost == nil)
    #expect(request.userName == "alice@hims.net" && request.publicIdentity == "sip:alice@hims.net")
    #expect(request.visitedNetworkIdentifier == "hims.net" && request.userAuthorizationType == 0)
    #expect(request.authSessionState == 1 && request.resultText == nil && request.serverName == nil)
    let application = try #require(request.first(.vendorSpecificApplicationID))
    #expect(application.children.first(.vendorID)?.unsigned32 == 10415 && application.depth == 1)
    for entry in request.avps { #expect(Array(request.bytes[entry.range]).starts(with: [0, 0])) }

    let answer = try parse(uaa)
    #expect(answer.name == "UAA" && answer.resultText == "exp 2001 FIRST_REGISTRATION" && answer.resultCode == nil)
    #expect(answer.experimentalResult?.vendor == 10415 && answer.experimentalResult?.code == 2001)
    #expect(answer.serverCapabilities?.children.first(.mandatoryCapability)?.unsigned32 == 7)
  }

  @Test(arguments: [
    (avp(268, 2001), "2001 DIAMETER_SUCCESS"), (avp(268, 5012), "5012 DIAMETER_UNABLE_TO_COMPLY"),
    (avp(268, 5999), "5999"),
    (avp(297, avp(266, 10415) + avp(298, 5001)), "exp 5001 ERROR_USER_UNKNOWN"),
    (avp(297, avp(298, 5005)), "exp 5005 ERROR_IDENTITY_ALREADY_REGISTERED"),
    (avp(297, avp(266, 10415) + avp(298, 5100)), "exp 5100"),
    (avp(297, avp(266, 13019) + avp(298, 5001)), "exp 5001 of vendor 13019"),
  ]) func results(avps: [UInt8], text: String) throws {
    #expect(try parse(message(flags: 0, avps)).resultText == text)
  }

  @Test func readsDeregistrationAndAuthItems() throws {
    let rtr = try parse(
      message(command: 304, avp(615, vendor: 10415, avp(616, vendor: 10415, 3) + avp(617, vendor: 10415, "gone"))))
    #expect(rtr.deregistrationReason?.code == 3 && rtr.deregistrationReason?.info == "gone" && rtr.name == "RTR")
    let items = avp(612, vendor: 10415, avp(610, vendor: 10415, [1, 2])) + avp(612, vendor: 10415, [])
    let maa = try parse(message(command: 303, flags: 0, items))
    #expect(maa.authDataItems.count == 2 && maa.authDataItems[0].children.first(.sipAuthorization)?.data.count == 2)
    #expect(maa.deregistrationReason == nil && maa.experimentalResult == nil)
  }

  @Test func digestAVPsAreFoundWithBothVendors() throws {
    let bytes = message(avp(121, vendor: 10415, "0011") + avp(494, vendor: 50, "call@id"))
    #expect(try parse(bytes).first(.digestHA1)?.data == "0011")
    #expect(try parse(bytes).first(494, vendor: 50)?.data == "call@id" && parse(bytes).first(494, vendor: 0) == nil)
    #expect(try parse(message(avp(266, vendor: 10415, 1))).first(.vendorID) == nil)
  }

  @Test(arguments: [
    ("", "header cut short"), ("01000014", "header cut short"),
    ("0200001480000000000000000000000000000000", "version 2 is not 1"),
    ("0100001080000000000000000000000000000000", "message length 16 is smaller than the header"),
  ]) func refused(hex: String, reason: String) throws {
    let bytes = try #require(Hex.decode(hex))
    let issue = #expect(throws: DecodeIssue.self) { try parse(bytes) }
    #expect(issue?.reason == reason)
  }

  @Test func oddHeadersCarryAnIssue() throws {
    #expect(try parse(message(flags: 0x81)).issues.map(\.reason) == ["reserved command flags set"])
    #expect(try parse(message() + [0]).issues.map(\.reason) == ["bytes after the end of the message"])
    #expect(try parse(Array(uar.dropLast(4))).issues.count == 2)
    #expect(try parse(message(avp(1, "abcde")).dropLast(3) + []).issues.count == 1)
  }

  @Test(arguments: 0...7) func lengthsBelowTheHeaderEndTheWalk(length: UInt8) throws {
    var bytes = message(avp(263, "abcd") + avp(264, "abcd"))
    bytes[20 + 12 + 7] = length
    let message = try parse(bytes)
    #expect(message.avps.count { _ in true } == 1)
    #expect(message.malformed == DecodeIssue("Diameter", "AVP length \(length) is smaller than its header", at: 32))
    #expect(message.issues == [message.malformed])
  }

  @Test func paddingIsSkipped() throws {
    for count in 0...9 {
      let text = String(repeating: "x", count: count)
      let message = try parse(message(avp(1, text) + avp(264, "host")))
      #expect(message.userName == Text(text) && message.originHost == "host" && message.issues.isEmpty)
    }
    // The last AVP without its padding is read; the header's length tells.
    var bytes = message(avp(1, "abcde"))
    bytes.removeLast(3)
    bytes[3] -= 3
    #expect(try parse(bytes).userName == "abcde")
    #expect(try parse(bytes).issues.map(\.reason) == ["message length 33 is not a multiple of 4"])
  }

  @Test func nestingIsBounded() throws {
    var inner = avp(1, "deep")
    for _ in 0..<2000 { inner = avp(279, inner) }
    let bomb = try parse(message(inner))
    var entry = try #require(bomb.first(.failedAVP))
    var levels = 1
    while let next = entry.children.first(where: { _ in true }) {
      entry = next
      levels += 1
    }
    #expect(levels == AVPSequence.depthLimit)
    #expect(entry.children.malformed?.reason == "AVPs nested deeper than 8")
  }

  @Test func everyCutAndEveryFlippedByteIsReadOrRefused() {
    for original in [uar, uaa, watchdog] {
      for count in 0...original.count {
        if let message = try? parse(Array(original[..<count])) { _ = walk(message.avps) }
      }
      for index in original.indices {
        for value in [UInt8(0), 1, 0x7f, 0x80, 0xff] {
          var bytes = original
          bytes[index] = value
          if let message = try? parse(bytes) {
            _ = walk(message.avps) + message.name.count + (message.resultText?.count ?? 0)
          }
        }
      }
    }
  }

  func walk(_ avps: AVPSequence) -> Int {
    avps.reduce(0) { $0 + $1.rendered(revealKeys: true).count + walk($1.children) }
  }
}
