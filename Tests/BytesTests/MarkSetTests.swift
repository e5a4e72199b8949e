import IMSBytes
import Testing

@Suite struct MarkSetTests {
  private typealias Marks = MarkSet<MarkSetTests>

  @Test func holdsMarks() {
    var marks = Marks()
    marks.insert(Marks(0).union(Marks(63)))
    marks.insert(Marks(5), if: false)
    #expect(marks.contains(Marks(63)) && !marks.contains(Marks(5)) && marks.contains(Marks()))
    #expect(marks.isDisjoint(with: Marks(5)) && !marks.isDisjoint(with: Marks(0).union(Marks(5))))
    #expect(marks.intersection(Marks(0).union(Marks(5))) == Marks(0))
    marks.remove(Marks(0))
    #expect(marks == Marks(63))
  }
}
