import IMSBytes
import IMSSecrets
import Testing

@Suite struct SubscriberKeysTests {
  private static let k = "465b5ce8b199b49faa5f0a2ee238a6bc"
  private static let op = "cdc202d5123e20f62b6d676ac72cb318"
  private static let opc = "cd63cb71954a9f4e48a5994e37a02baf"
  private static let other = "fec86ba6eb707ed08905757b1bb44b8f"

  @Test func aSubscriberHasItsLineAndOthersThatOfAll() throws {
    var keys = SubscriberKeys()
    #expect(keys.isEmpty)
    try keys.read("# secret\n\n 001  \(Self.k)  # ours\n*\t\(Self.other.uppercased())\n", as: .ki)
    try keys.read("* \(Self.op)", as: .op)
    try keys.read("002 \(Self.opc)\r\n", as: .opc)
    #expect(!keys.isEmpty)
    #expect(keys.flaw == nil)
    let own = try #require(keys.key(of: ["001@home", "001"]))
    #expect(own.name == "001")
    #expect(own.milenage == Milenage(key: Hex.decode(Self.k) ?? [], opc: Hex.decode(Self.opc) ?? []))
    #expect(own.operatorValue == .op)
    let common = try #require(keys.key(of: ["002", "sip:002@home"]))
    #expect(common.milenage == Milenage(key: Hex.decode(Self.other) ?? [], opc: Hex.decode(Self.opc) ?? []))
    #expect(common.operatorValue == .opc)
    #expect(keys.key(of: []) == nil)
  }

  @Test func mistakesAreNamed() throws {
    var keys = SubscriberKeys()
    try keys.read("001 \(Self.k)\n002 \(Self.other)", as: .ki)
    try keys.read("001 \(Self.opc)\n002 \(Self.op)", as: .opc)
    let key = try #require(keys.key(of: ["001"]))
    let mistakes = key.alternatives.map(\.mistake)
    #expect(mistakes == [.otherKind, .operatorValue(of: "002"), .key(of: "002")])
    #expect(Set(key.alternatives.map(\.milenage)).count == 3)
    #expect(!key.alternatives.map(\.milenage).contains(key.milenage))
  }

  @Test(
    arguments: [
      ("001", "line 1: expected an IMSI or private identity, and K"),
      ("\n# x\n001 \(k) more", "line 3: expected an IMSI or private identity, and K"),
      ("001 \(k.dropLast())", "line 1: K has 32 hexadecimal digits"),
      ("001 \(k.dropLast(2))", "line 1: K has 32 hexadecimal digits"),
      ("001 \(k)00", "line 1: K has 32 hexadecimal digits"),
      ("001 \(k.dropLast())g", "line 1: K has 32 hexadecimal digits"),
      ("001 \(k)\n002 \(k)\n001 \(k)", "line 3: 001 has its K in line 1"),
    ]) func whatCannotBeReadIsNamedByItsLine(_ text: String, _ reason: String)
  {
    var keys = SubscriberKeys()
    #expect { try keys.read(text, as: .ki) } throws: { "\($0)" == reason }
    #expect(keys.isEmpty)
  }

  @Test func aKeyNeedsOneOfBoth() throws {
    var keys = SubscriberKeys()
    try keys.read("001 \(Self.k)\n002 \(Self.k)", as: .ki)
    try keys.read("001 \(Self.opc)", as: .opc)
    #expect(keys.flaw?.description == "line 2: 002 has neither OP nor OPc")
    #expect(keys.key(of: ["002"]) == nil)
    try keys.read("* \(Self.op)\n001 \(Self.op)", as: .op)
    #expect(keys.flaw?.description == "line 1: 001 has both OP and OPc")
    // Those of all count for whoever has none of its own.
    var others = SubscriberKeys()
    try others.read("002 \(Self.k)", as: .ki)
    try others.read("* \(Self.op)", as: .op)
    try others.read("* \(Self.opc)", as: .opc)
    #expect(others.flaw?.description == "line 1: 002 has both OP and OPc")
  }
}
