import FuzzTargets
import Testing

@Suite struct CorpusTests {
  static let inputs: [[UInt8]] = [[], [7], [1, 2, 3], [UInt8](repeating: 9, count: 300)]

  @Test func whatIsPackedIsUnpacked() {
    #expect(Corpus(Corpus(inputs: Self.inputs).bytes).inputs == Self.inputs)
    #expect(Corpus(Corpus(inputs: Self.inputs.reversed()).bytes).inputs == Self.inputs)
  }

  @Test func aCutCorpusGivesWhatIsWhole() {
    let bytes = Corpus(inputs: Self.inputs).bytes
    for count in bytes.indices {
      let inputs = Corpus(Array(bytes.prefix(count))).inputs
      #expect(inputs == Array(Self.inputs.prefix(inputs.count)) && inputs.count < Self.inputs.count)
    }
  }
}
