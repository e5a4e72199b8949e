import IMSBytes
import IMSForge
import IMSMessages
import Testing

@testable import IMSFlows

@Suite struct IndexListTests {
  @Test func holdsWhatWasAppended() {
    for count in 0..<20 {
      var list = IndexList()
      for value in 0..<count { list.append(value * 1000) }
      #expect(Array(list) == (0..<count).map { $0 * 1000 })
      #expect(list.count == count && list.isEmpty == (count == 0))
      #expect(list.first == (count == 0 ? nil : 0) && list.last == (count == 0 ? nil : (count - 1) * 1000))
    }
  }

  @Test func holdsLargeIndices() {
    var list: IndexList = [1, 65_535]
    list.append(65_536)
    list.append(3)
    #expect(list == [1, 65_535, 65_536, 3])
    list.append(Int.max)
    #expect(Array(list) == [1, 65_535, 65_536, 3, Int.max])
  }

  @Test func isEqualByItsIndices() {
    // One that once was long, and one that never was.
    var long = IndexList(0..<12)
    long.removeLast(9)
    #expect(long == [0, 1, 2] && long != [0, 1] && long != [0, 1, 3])
    #expect([4, 5] + long == [4, 5, 0, 1, 2])
  }

  @Test func sorts() {
    for indices in [[], [3], [1, 2, 3], [3, 1, 2], [70_000, 2, 9], [9, 8, 7, 6, 5, 4, 3, 2, 1]] {
      var list = IndexList(indices)
      list.sort()
      #expect(Array(list) == indices.sorted())
    }
  }

  @Test func groupsKeepTheirOrder() {
    var groups = IndexGroups()
    groups.fill([1, -1, 0, 1, 2, -2, 1], count: 4)
    #expect((0..<4).map { Array(groups[$0]) } == [[2], [0, 3, 6], [4], []])
    groups.fill([-1, -1], count: 1)
    #expect(groups[0].isEmpty)
    groups.fill([0, 0], count: 1)
    #expect(Array(groups[0]) == [0, 1])
  }

  /// Against a dictionary.
  @Test func homesAreFoundUntilTheyAreForgotten() {
    var numbers = SeededNumbers(seed: 7)
    var homes = MessageHomes()
    var known: [UInt32: Int] = [:]
    for next in UInt32(0)..<20_000 {
      // Numbers that follow each other, and now and then one from far away.
      let id = next % 97 == 0 ? UInt32.max - next : next
      homes.insert(MessageID(id), Int(next % 500))
      known[id] = Int(next % 500)
      // What is long gone, and what never was.
      let old = UInt32(truncatingIfNeeded: numbers.next()) % (next + 1)
      if next % 3 != 0 {
        homes.remove(MessageID(old))
        known[old] = nil
      }
    }
    let wrong = (UInt32(0)..<20_100).count { id in homes[MessageID(id)] != known[id] }
    #expect(wrong == 0)
    #expect(known.allSatisfy { homes[MessageID($0.key)] == $0.value })
  }
}
