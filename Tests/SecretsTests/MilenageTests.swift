import IMSBytes
import IMSSecrets
import Testing

/// TS 35.208 §4.3: eight outputs of six sets, each of which proves the numbers of the others; and the worked example.
@Suite struct MilenageTests {
  struct TestSet: Sendable {
    var k, rand, sqn, amf, op, opc, f1, f1star, f2, f5, f3, f4, f5star: String
  }

  static let sets = [
    TestSet(
      k: "465b5ce8b199b49faa5f0a2ee238a6bc", rand: "23553cbe9637a89d218ae64dae47bf35", sqn: "ff9bb4d0b607", amf: "b9b9",
      op: "cdc202d5123e20f62b6d676ac72cb318", opc: "cd63cb71954a9f4e48a5994e37a02baf", f1: "4a9ffac354dfafb3",
      f1star: "01cfaf9ec4e871e9", f2: "a54211d5e3ba50bf", f5: "aa689c648370", f3: "b40ba9a3c58b2a05bbf0d987b21bf8cb",
      f4: "f769bcd751044604127672711c6d3441", f5star: "451e8beca43b"),
    TestSet(
      k: "fec86ba6eb707ed08905757b1bb44b8f", rand: "9f7c8d021accf4db213ccff0c7f71a6a", sqn: "9d0277595ffc", amf: "725c",
      op: "dbc59adcb6f9a0ef735477b7fadf8374", opc: "1006020f0a478bf6b699f15c062e42b3", f1: "9cabc3e99baf7281",
      f1star: "95814ba2b3044324", f2: "8011c48c0c214ed2", f5: "33484dc2136b", f3: "5dbdbb2954e8f3cde665b046179a5098",
      f4: "59a92d3b476a0443487055cf88b2307b", f5star: "deacdd848cc6"),
    TestSet(
      k: "9e5944aea94b81165c82fbf9f32db751", rand: "ce83dbc54ac0274a157c17f80d017bd6", sqn: "0b604a81eca8", amf: "9e09",
      op: "223014c5806694c007ca1eeef57f004f", opc: "a64a507ae1a2a98bb88eb4210135dc87", f1: "74a58220cba84c49",
      f1star: "ac2cc74a96871837", f2: "f365cd683cd92e96", f5: "f0b9c08ad02e", f3: "e203edb3971574f5a94b0d61b816345d",
      f4: "0c4524adeac041c4dd830d20854fc46b", f5star: "6085a86c6f63"),
    TestSet(
      k: "4ab1deb05ca6ceb051fc98e77d026a84", rand: "74b0cd6031a1c8339b2b6ce2b8c4a186", sqn: "e880a1b580b6", amf: "9f07",
      op: "2d16c5cd1fdf6b22383584e3bef2a8d8", opc: "dcf07cbd51855290b92a07a9891e523e", f1: "49e785dd12626ef2",
      f1star: "9e85790336bb3fa2", f2: "5860fc1bce351e7e", f5: "31e11a609118", f3: "7657766b373d1c2138f307e3de9242f9",
      f4: "1c42e960d89b8fa99f2744e0708ccb53", f5star: "fe2555e54aa9"),
    TestSet(
      k: "6c38a116ac280c454f59332ee35c8c4f", rand: "ee6466bc96202c5a557abbeff8babf63", sqn: "414b98222181", amf: "4464",
      op: "1ba00a1a7c6700ac8c3ff3e96ad08725", opc: "3803ef5363b947c6aaa225e58fae3934", f1: "078adfb488241a57",
      f1star: "80246b8d0186bcf1", f2: "16c8233f05a0ac28", f5: "45b0f69ab06c", f3: "3f8c7587fe8e4b233af676aede30ba3b",
      f4: "a7466cc1e6b2a1337d49d3b66e95d7b4", f5star: "1f53cd2b1113"),
    TestSet(
      k: "2d609d4db0ac5bf0d2c0de267014de0d", rand: "194aa756013896b74b4a2a3b0af4539e", sqn: "6bf69438c2e4", amf: "5f67",
      op: "460a48385427aa39264aac8efc9e73e8", opc: "c35a0ab0bcbfc9252caff15f24efbde0", f1: "bd07d3003b9e5cc3",
      f1star: "bcb6c2fcad152250", f2: "8c25a16cd918a1df", f5: "7e6455f34cf3", f3: "4cd0846020f8fa0731dd47cbdc6be411",
      f4: "88ab80a415f15c73711254a1d388f696", f5star: "dc6dd01e8f15"),
  ]

  @Test(arguments: sets.indices) func theTestSet(_ number: Int) throws {
    let set = Self.sets[number]
    let (k, rand) = (octets(set.k), octets(set.rand))
    let milenage = try #require(Milenage(key: k, op: octets(set.op)))
    #expect(milenage == Milenage(key: k, opc: octets(set.opc)))
    let codes = try #require(milenage.codes(rand, sqn: value(set.sqn), amf: UInt16(value(set.amf))))
    #expect(Hex.encode(codes.network) == set.f1)
    #expect(Hex.encode(codes.resynchronisation) == set.f1star)
    let answer = try #require(milenage.answer(to: rand))
    #expect(Hex.encode(answer.response) == set.f2)
    #expect(Hex.encode(answer.keys.confidentiality) == set.f3)
    #expect(Hex.encode(answer.keys.integrity) == set.f4)
    #expect(milenage.resynchronisationMask(rand) == value(set.f5star))
    // f5 is what conceals the sequence number.
    let concealed = zip(octets(set.sqn), octets(set.f5)).map { $0 ^ $1 }
    let challenge = try #require(AKAChallenge(rand + concealed + octets(set.amf + set.f1)))
    let opened = try #require(milenage.open(challenge))
    #expect(opened.sqn == value(set.sqn))
    #expect(opened.answer == answer)
  }

  @Test func theWorkedExampleIsOpened() throws {
    let milenage = try #require(standard)
    let nonce = try #require(Base64.decode("I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="))
    let challenge = try #require(AKAChallenge(nonce))
    #expect(milenage.open(challenge)?.sqn == 0xff9b_b4d0_b607)
    #expect(challenge.amf == 0xb9b9)
    let auts = try #require(Base64.decode("uoU/PBKc38GEyuSusq8="))
    #expect(milenage.sequenceNumber(of: auts, after: challenge) == 0xff9b_b4d0_b6a7)
    var wrong = auts
    wrong[13] ^= 1
    #expect(milenage.sequenceNumber(of: wrong, after: challenge) == nil)
    for count in 0..<14 { #expect(milenage.sequenceNumber(of: Array(auts[..<count]), after: challenge) == nil) }
  }

  /// The separation bit set behind the back of MAC-A.
  @Test func anotherAMFIsFound() throws {
    let milenage = try #require(standard)
    var octets = try #require(Base64.decode("I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="))
    octets[22] = 0x39
    let challenge = try #require(AKAChallenge(octets))
    #expect(milenage.open(challenge) == nil)
    #expect(milenage.otherAMF(of: challenge, among: 0...UInt16.max) == 0xb9b9)
    #expect(milenage.otherAMF(of: challenge, among: [0, 0x8000]) == nil)
    octets[31] ^= 1
    let altered = try #require(AKAChallenge(octets))
    #expect(milenage.otherAMF(of: altered, among: [0x39b9, 0xb9b9]) == nil)
  }

  /// TS 33.102 §6.3.2: AK may be left out.
  @Test func aSequenceNumberInClearIsUnderstood() throws {
    let milenage = try #require(standard)
    let octets = octets("23553cbe9637a89d218ae64dae47bf35" + "ff9bb4d0b607" + "b9b9" + "4a9ffac354dfafb3")
    let challenge = try #require(AKAChallenge(octets))
    #expect(milenage.open(challenge)?.sqn == 0xff9b_b4d0_b607)
  }

  @Test func otherLengthsAreRefused() throws {
    let milenage = try #require(standard)
    for count in 0..<32 where count != 16 {
      let octets = [UInt8](repeating: 0, count: count)
      #expect(Milenage(key: octets, opc: octets) == nil)
      #expect(Milenage(key: octets, op: octets) == nil)
      #expect(AKAChallenge(octets) == nil)
      #expect(milenage.answer(to: octets) == nil)
      #expect(milenage.resynchronisationMask(octets) == nil)
      #expect(milenage.codes(octets, sqn: .max, amf: 0) == nil)
    }
  }

  private var standard: Milenage? { Milenage(key: octets(Self.sets[0].k), opc: octets(Self.sets[0].opc)) }
  private func octets(_ text: String) -> [UInt8] { Hex.decode(text) ?? [] }
  private func value(_ text: String) -> UInt64 { UInt64(text, radix: 16) ?? 0 }
}
