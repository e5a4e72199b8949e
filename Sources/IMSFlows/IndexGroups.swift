/// Numbered groups of indices in one list: those of one behind each other and in order. Used again and again, it keeps its
/// room.
struct IndexGroups: Sendable {
  private var members: [Int] = []
  /// Where each group ends in `members`.
  private var ends: [Int] = []

  /// - Parameters:
  ///   - groups: of each index the number of its group, negative for none.
  ///   - count: of groups.
  mutating func fill(_ groups: [Int32], count: Int) {
    members.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    if count == 0 { return }
    ends.append(contentsOf: repeatElement(0, count: count))
    for group in groups where group >= 0 { ends[Int(group)] += 1 }
    // Until a group is filled its begin stands for its end.
    var begin = 0
    for group in ends.indices { (ends[group], begin) = (begin, begin + ends[group]) }
    members.append(contentsOf: repeatElement(0, count: begin))
    for index in groups.indices where groups[index] >= 0 {
      let group = Int(groups[index])
      members[ends[group]] = index
      ends[group] += 1
    }
  }

  subscript(group: Int) -> ArraySlice<Int> { members[(group == 0 ? 0 : ends[group - 1])..<ends[group]] }
}
