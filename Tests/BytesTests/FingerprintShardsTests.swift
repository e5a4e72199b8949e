import IMSBytes
import Testing

@Suite struct FingerprintShardsTests {
  @Test func holdsWhatATableHolds() {
    var shards = FingerprintShards<Int>()
    #expect(shards.count == 0 && shards[Fingerprint(of: "0")] == nil)
    for number in 0..<2000 { shards.insert(Fingerprint(of: Text("\(number)")), number) }
    let copy = shards
    for number in 0..<1000 { shards.insert(Fingerprint(of: Text("\(number)")), -number) }
    let isThere = shards.update(Fingerprint(of: "1999")) { $0 += 1 }
    let isElsewhere = shards.update(Fingerprint(of: "2000")) { $0 += 1 }
    #expect(isThere && !isElsewhere && shards.count == 2000 && copy.count == 2000)
    for number in 0..<2000 {
      let key = Fingerprint(of: Text("\(number)"))
      #expect(copy[key] == number)
      #expect(shards[key] == (number < 1000 ? -number : number == 1999 ? 2000 : number))
    }
    #expect(shards[Fingerprint(of: "2000")] == nil)
  }
}
