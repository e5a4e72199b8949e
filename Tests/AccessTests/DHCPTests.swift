import IMSAccess
import IMSBytes
import IMSForge
import Testing

@Suite struct DHCPTests {
  func parse(_ builder: DHCPBuilder) throws -> DHCPMessage { try parse(builder.bytes, builder.version) }
  func parse(_ bytes: [UInt8], _ version: UInt8) throws -> DHCPMessage {
    try DHCPMessage(parsing: bytes.span.bytes, version: version)
  }

  @Test func addressesOfOption120() throws {
    var request = DHCPBuilder(version: 4, type: 3, transaction: 0x1234_5678)
    request.askForSIPServers()
    let asked = try parse(request)
    #expect(asked.isRequest && asked.asksForSIPServers && asked.transaction == 0x1234_5678 && asked.address == nil)
    #expect(AccessMessage.dhcp(asked).summary == "DHCPREQUEST: P-CSCF asked for")

    var answer = DHCPBuilder(version: 4, type: 5, transaction: 0x1234_5678, address: "192.0.2.10")
    answer.sipServers(["198.51.100.10", "198.51.100.11"])
    let told = try parse(answer)
    #expect(!told.isRequest && told.address == .ipv4(0xc000_020a) && told.issues == [])
    #expect(AccessMessage.dhcp(told).summary == "DHCPACK: 192.0.2.10, P-CSCF 198.51.100.10 198.51.100.11")
  }

  @Test func namesOfOption120() throws {
    var answer = DHCPBuilder(version: 4, type: 5, transaction: 1, address: "192.0.2.10")
    answer.sipServers(named: ["pcscf1.vims.net", "pcscf2.vims.net"])
    #expect(try parse(answer).sipServers == [.name("pcscf1.vims.net"), .name("pcscf2.vims.net")])
  }

  /// A list that is longer than an option is split over several.
  @Test func piecesOfAnOptionAreOne() throws {
    var answer = DHCPBuilder(version: 4, type: 5, transaction: 1)
    answer.option(120, [0, 3, 0x61, 0x62])
    answer.option(120, [0x63, 0])
    #expect(try parse(answer).sipServers == [.name("abc")])
  }

  @Test func optionsGoOnInTheFieldsOfFileAndServerName() throws {
    var answer = DHCPBuilder(version: 4, type: 5, transaction: 1)
    answer.option(52, [1])
    var bytes = answer.bytes
    bytes.replaceSubrange(108..<115, with: [120, 5, 1, 10, 0, 0, 1])
    #expect(try parse(bytes, 4).sipServers == [.address(.ipv4(0x0a00_0001))])
  }

  @Test func optionsOfVersion6() throws {
    var request = DHCPBuilder(version: 6, type: 11, transaction: 0x1234)
    request.askForSIPServers()
    let asked = try parse(request)
    #expect(asked.isRequest && asked.asksForSIPServers && asked.transaction == 0x1234)
    var answer = DHCPBuilder(version: 6, type: 7, transaction: 0x1234)
    answer.association("2001:db8::5")
    answer.sipServers(named: ["pcscf1.vims.net"])
    answer.sipServers(["2001:db8::10", "2001:db8::11"])
    let told = try parse(answer)
    #expect(
      AccessMessage.dhcp(told).summary
        == "DHCPv6 Reply: 2001:db8::5, P-CSCF pcscf1.vims.net 2001:db8::10 2001:db8::11")
    #expect(told.issues == [])
  }

  @Test func damageIsNamed() throws {
    var answer = DHCPBuilder(version: 4, type: 5, transaction: 1)
    answer.option(120, [2, 0])
    #expect(try parse(answer).issues.map(\.reason) == ["SIP servers in an unknown encoding"])
    answer.option(120, [])
    var names = DHCPBuilder(version: 6, type: 7, transaction: 1)
    names.option(21, [5, 0x61])
    #expect(try parse(names).issues.map(\.reason) == ["SIP server: label cut short"])
  }

  @Test func recognisesItsOwn() {
    func is4(_ bytes: [UInt8]) -> Bool { DHCPMessage.recogniseVersion4(bytes.span.bytes) }
    func is6(_ bytes: [UInt8]) -> Bool { DHCPMessage.recogniseVersion6(bytes.span.bytes) }
    let four = DHCPBuilder(version: 4, type: 1, transaction: 1).bytes
    #expect(is4(four) && !is4(Array(four.dropLast(8))))
    #expect(is6([1, 0, 0, 0]) && !is6([1, 0]) && !is6([12, 0, 0, 0]))
  }

  @Test func everyCutAndEveryFlippedByteIsReadOrRefused() {
    var four = DHCPBuilder(version: 4, type: 5, transaction: 1, address: "192.0.2.10")
    four.askForSIPServers()
    four.sipServers(named: ["a.b"])
    var six = DHCPBuilder(version: 6, type: 7, transaction: 1)
    six.association("2001:db8::5")
    six.askForSIPServers()
    six.sipServers(named: ["a.b"])
    six.sipServers(["2001:db8::10"])
    for builder in [four, six] {
      let bytes = builder.bytes
      for count in 0...bytes.count {
        let message = try? parse(Array(bytes[..<count]), builder.version)
        #expect(count >= (builder.version == 4 ? 240 : 4) || message == nil)
      }
      for index in bytes.indices where index < 12 || index >= (builder.version == 4 ? 236 : 0) {
        for value in 0...255 {
          var changed = bytes
          changed[index] = UInt8(value)
          if let message = try? parse(changed, builder.version) { _ = AccessMessage.dhcp(message).summary }
        }
      }
    }
  }
}
