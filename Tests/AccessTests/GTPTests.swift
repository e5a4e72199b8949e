import IMSAccess
import IMSBytes
import IMSForge
import Testing

@Suite struct GTPTests {
  func parse(_ bytes: [UInt8]) throws -> GTPMessage { try GTPMessage(parsing: bytes.span.bytes) }
  func kind(_ bytes: [UInt8], port: UInt16 = 2123, isTruncated: Bool = false) -> GTPKind {
    GTPKind(bytes.span.bytes, isTruncated: isTruncated, onControlPort: port == 2123)
  }

  static let ask: [(identifier: UInt16, contents: [UInt8])] = [(0x000c, []), (0x0001, []), (0x0002, []), (0x000d, [])]
  static let told: [(identifier: UInt16, contents: [UInt8])] = [
    (0x000c, [198, 51, 100, 10]), (0x000c, [198, 51, 100, 11]), (0x000d, [198, 51, 100, 53]),
  ]

  static func request(version: UInt8) -> GTPBuilder {
    var builder = GTPBuilder(version: version, type: version == 1 ? 16 : 32, teid: 0, sequence: 0x1234)
    builder.imsi("001010000000001")
    if version == 1 { builder.tunnel(control: 7, user: 8) }
    if version == 2 { builder.tunnel(interface: 6, teid: 7, "10.0.0.1") }
    builder.address(nil)
    builder.apn("ims.mnc001.mcc001.gprs")
    builder.pco(ask)
    if version == 1 { builder.gsn("10.0.0.1") }
    builder.msisdn("4915112345678")
    return builder
  }

  static func response(version: UInt8, address: HostAddress = "192.0.2.10") -> GTPBuilder {
    var builder = GTPBuilder(version: version, type: version == 1 ? 17 : 33, teid: 7, sequence: 0x1234)
    builder.cause(version == 1 ? 128 : 16)
    if version == 1 { builder.tunnel(control: 9, user: 10) }
    if version == 2 { builder.tunnel(interface: 7, teid: 9, "10.0.0.2", instance: 1) }
    builder.address(address)
    builder.pco(told)
    if version == 1 { builder.gsn("10.0.0.2") }
    return builder
  }

  @Test(arguments: [1, 2] as [UInt8]) func aRequestIsReadAsItWasBuilt(version: UInt8) throws {
    let message = try parse(Self.request(version: version).bytes)
    #expect(message.isRequest && message.type.procedure == .create && message.teid == 0)
    #expect(message.sequence == 0x1234 && message.imsi == "001010000000001" && message.cause == nil)
    #expect(message.apn == "ims.mnc001.mcc001.gprs" && message.msisdn == "4915112345678" && message.addresses == [])
    #expect(message.controlTunnel?.teid == 7 && message.controlTunnel?.address == .ipv4(0x0a00_0001))
    let pco = try #require(message.pco)
    #expect(pco.asksForPCSCF == [.ipv4, .ipv6] && pco.asksForDNS == .ipv4 && pco.hasIMSignallingFlag)
    #expect(pco.pcscf == [] && message.issues == [])
    let name = version == 1 ? "Create PDP Context Request" : "Create Session Request"
    #expect(
      AccessMessage.gtp(message).summary
        == "\(name): IMSI 001010000000001, APN ims.mnc001.mcc001.gprs, P-CSCF asked for")
  }

  @Test(arguments: [1, 2] as [UInt8], ["192.0.2.10", "2001:db8::10"] as [HostAddress])
  func aResponseIsReadAsItWasBuilt(version: UInt8, address: HostAddress) throws {
    let message = try parse(Self.response(version: version, address: address).bytes)
    #expect(!message.isRequest && message.teid == 7 && message.cause?.isAccepted == true)
    #expect(message.controlTunnel?.teid == 9)
    let text = address.isIPv4 ? "192.0.2.10" : "2001:db8::10"
    #expect(message.addresses.map(\.description) == [text])
    #expect(message.pcscf.map(\.description) == ["198.51.100.10", "198.51.100.11"])
    #expect(message.pco?.dns == [.ipv4(0xc633_6435)] && message.issues == [])
    #expect(AccessMessage.gtp(message).detail == "\(text), P-CSCF 198.51.100.10 198.51.100.11")
  }

  @Test func bothAddressesOfOneConnectionAreRead() throws {
    let six: [UInt8] = [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [9]
    var first = GTPBuilder(version: 1, type: 17, teid: 1, sequence: 1)
    first.element(128, [0xf1, 0x8d, 192, 0, 2, 10] + six)
    var second = GTPBuilder(version: 2, type: 33, teid: 1, sequence: 1)
    second.element(79, [3, 64] + six + [192, 0, 2, 10])
    for bytes in [first.bytes, second.bytes] {
      #expect(try parse(bytes).addresses.map(\.description) == ["192.0.2.10", "2001:db8::9"])
    }
  }

  @Test func refusalsNameTheirCause() throws {
    var first = GTPBuilder(version: 1, type: 17, teid: 1, sequence: 1)
    first.cause(199)
    var second = GTPBuilder(version: 2, type: 33, teid: 1, sequence: 1)
    second.cause(78)
    #expect(AccessMessage.gtp(try parse(first.bytes)).summary == "Create PDP Context Response: No resources available")
    #expect(AccessMessage.gtp(try parse(second.bytes)).summary == "Create Session Response: Missing or unknown APN")
    for (number, accepted) in [(128, true), (129, true), (192, false), (4, false)] as [(UInt8, Bool)] {
      #expect(GTPCause(version: 1, number).isAccepted == accepted)
    }
    for (number, accepted) in [(16, true), (19, true), (64, false), (2, false)] as [(UInt8, Bool)] {
      #expect(GTPCause(version: 2, number).isAccepted == accepted)
    }
  }

  @Test func extensionHeadersAreSkipped() throws {
    var bytes = Self.request(version: 1).bytes
    bytes[0] |= 4
    bytes[11] = 0xc0
    bytes.insert(contentsOf: [1, 0, 0, 0x21, 2, 0, 0, 0, 0, 0, 0, 0], at: 12)
    let length = UInt16(bytes.count - 8)
    bytes[2] = UInt8(length >> 8)
    bytes[3] = UInt8(length & 255)
    #expect(try parse(bytes).imsi == "001010000000001")
    bytes[12] = 0
    #expect(throws: DecodeIssue("GTPv1-C", "extension header cut short", at: 12)) { try parse(bytes) }
  }

  @Test func otherTypesAreNamedAndNotRead() {
    #expect(kind(GTPBuilder(version: 2, type: 34, teid: 1, sequence: 1).bytes) == .control(.init(version: 2, 34)))
    #expect(GTPMessageType(version: 2, 34).name == "Modify Bearer Request" && !GTPMessageType(version: 2, 34).isRead)
    #expect(GTPMessageType(version: 1, 34).name == "message type 34")
    #expect(throws: DecodeIssue.self) { try parse(GTPBuilder(version: 2, type: 34, teid: 1, sequence: 1).bytes) }
    for (number, procedure) in [(18, .update), (20, .delete)] as [(UInt8, GTPMessageType.Procedure)] {
      #expect(GTPMessageType(version: 1, number).procedure == procedure)
      #expect(GTPMessageType(version: 1, number).isRequest && !GTPMessageType(version: 1, number + 1).isRequest)
    }
    #expect(GTPMessageType(version: 2, 95).isRequest && !GTPMessageType(version: 2, 96).isRequest)
  }

  /// GTP', GTP version 0 and what only uses the port.
  @Test func whatIsNoControlMessageIsToldApart() {
    let prime: [UInt8] = [0x0e, 1, 0, 0, 0, 1]
    #expect(kind(prime + [0, 0]) == .foreign && kind([0x0e, 1, 0, 2, 0, 1, 0, 0], port: 3386) == .prime)
    #expect(kind([0x4e, 0xf0, 0, 2, 0, 1, 0, 0], port: 3386) == .prime)
    #expect(kind([0x0e, 1, 0, 2, 0, 1, 0, 0]) == .prime)
    #expect(kind([0x1e, 1, 0, 0] + [UInt8](repeating: 0, count: 16), port: 3386) == .version0)
    #expect(kind([0x30, 255, 0, 0, 0, 0, 0, 1]) == .foreign)
    #expect(kind(Array("INVITE sip:a SIP/2.0\r\n".utf8)) == .foreign && kind([]) == .foreign)
    #expect(kind(Self.request(version: 1).bytes + [0]) == .foreign)
    let cut = Array(Self.request(version: 2).bytes.dropLast(9))
    #expect(kind(cut) == .foreign && kind(cut, isTruncated: true) == .control(.createSessionRequest))
  }

  @Test func twoMessagesInADatagramAreToldApart() {
    func isPiggybacked(_ bytes: [UInt8]) -> Bool { GTPv2C.isPiggybacked(bytes.span.bytes) }
    func length(_ bytes: [UInt8]) -> Int? { GTPv2C.length(of: bytes.span.bytes) }
    var first = Self.response(version: 2).bytes
    #expect(!isPiggybacked(first) && length(first) == first.count)
    first[0] |= 0x10
    let both = first + GTPBuilder(version: 2, type: 95, teid: 1, sequence: 1).bytes
    #expect(isPiggybacked(both) && length(both) == first.count)
  }

  @Test(arguments: [1, 2] as [UInt8]) func everyCutAndEveryFlippedByteIsReadOrRefused(version: UInt8) {
    for bytes in [Self.request(version: version).bytes, Self.response(version: version).bytes] {
      for count in 0...bytes.count {
        let message = try? parse(Array(bytes[..<count]))
        #expect(count >= 12 || message == nil)
        if count < bytes.count, let message { #expect(!message.issues.isEmpty) }
        _ = kind(Array(bytes[..<count]))
      }
      for index in bytes.indices {
        for value in 0...255 {
          var changed = bytes
          changed[index] = UInt8(value)
          if let message = try? parse(changed) { _ = AccessMessage.gtp(message).summary }
          _ = kind(changed)
        }
      }
    }
  }
}

@Suite struct PCOTests {
  func parse(_ bytes: [UInt8], isExtended: Bool = false, fromNetwork: Bool = true) -> PCO {
    PCO(parsing: bytes.span.bytes, isExtended: isExtended, fromNetwork: fromNetwork)
  }

  @Test func addressesKeepTheirOrderWhetherListedOrRepeated() {
    let six: [UInt8] = [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [9]
    let pco = parse(
      GTPBuilder.options([
        (1, six), (0x0c, [10, 0, 0, 1, 10, 0, 0, 2]), (0x0c, [10, 0, 0, 3]), (0x0c, [10, 0, 0, 1]),
      ]))
    #expect(pco.pcscf.map(\.description) == ["2001:db8::9", "10.0.0.1", "10.0.0.2", "10.0.0.3"])
    #expect(pco.issues == [] && pco.asksForPCSCF == [])
  }

  @Test func nameServersOfIPCPStandBehindThoseOfTheContainers() {
    let ipcp: [UInt8] = [2, 0, 0, 16, 129, 6, 8, 8, 8, 8, 131, 6, 8, 8, 4, 4]
    let request: [UInt8] = [1, 0, 0, 10, 129, 6, 9, 9, 9, 9]
    let pco = parse(GTPBuilder.options([(0x8021, ipcp), (0x8021, request), (0x0d, [1, 1, 1, 1])]))
    #expect(pco.dns.map(\.description) == ["1.1.1.1", "8.8.8.8", "8.8.4.4"])
  }

  @Test func itemsOfTheExtendedFormMayHaveALongLength() {
    let rules: [UInt8] = [0, 0x23, 1, 4] + [UInt8](repeating: 7, count: 260) + [0, 0x0c, 4, 10, 0, 0, 1]
    #expect(parse([0x80] + rules, isExtended: true).pcscf == [.ipv4(0x0a00_0001)])
    #expect(parse([0x80, 0, 0x23, 0, 0, 0x0c, 0], isExtended: true, fromNetwork: false).asksForPCSCF == .ipv4)
  }

  @Test(
    arguments: [
      ([], "empty"), ([0x80, 0], "item cut short"), ([0x80, 0, 0x0c, 4, 1], "contents cut short"),
      ([0x80, 0, 0x0c, 3, 1, 2, 3], "address of 3 octets"),
    ] as [([UInt8], String)]) func damage(bytes: [UInt8], reason: String)
  {
    #expect(parse(bytes).issues.map(\.reason) == [reason])
  }
}
