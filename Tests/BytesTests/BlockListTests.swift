import IMSBytes
import Testing

@Suite struct BlockListTests {
  @Test func elementsKeepTheirNumbersWhileOthersAreForgotten() {
    var list = BlockList<Int>()
    for value in 0..<1000 {
      #expect(list.append(value * 3) == value)
      if value % 7 == 0 { list.drop(before: value - 200) }
    }
    #expect(list.numbers == 794..<1000)
    #expect(list.numbers.allSatisfy { list[$0] == $0 * 3 })
    #expect(list.last == 2997)
    list[900] = 1
    #expect(list[900] == 1 && list[899] == 2697 && list[901] == 2703)
  }

  @Test func allCanBeForgotten() {
    var list = BlockList<String>()
    list.drop(before: 10)
    #expect(list.isEmpty && list.last == nil)
    for value in 0..<64 { list.append("\(value)") }
    list.drop(before: 100)
    #expect(list.isEmpty && list.count == 0 && list.last == nil)
    #expect(list.append("next") == 64)
    #expect(list[64] == "next" && list.count == 1)
  }

  @Test func aCopyStaysAsItIs() {
    var list = BlockList<Int>()
    for value in 0..<200 { list.append(value) }
    let copy = list
    list[70] = -1
    list.append(200)
    list.drop(before: 150)
    #expect(copy.numbers == 0..<200)
    #expect(copy.numbers.allSatisfy { copy[$0] == $0 })
  }

  @Test(arguments: [0, 1, 63, 64, 65, 199, 200]) func aSuffixIsFound(from number: Int) {
    var list = BlockList<Int>()
    for value in 0..<200 { list.append(value) }
    #expect(list.partitioningNumber { $0 >= number } == number)
    list.drop(before: 100)
    #expect(list.partitioningNumber { $0 >= number } == max(100, number))
  }
}
