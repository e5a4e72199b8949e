/// Inputs whose names differ in digits alone, as those that a recorder numbers or dates: where they lie in that order.
struct InputSeries {
  private struct Place {
    var series: Int
    var rank: Int
  }

  /// Nil for an input that is in no series.
  private var places: [Place?]
  private var counts: [Int: Int] = [:]

  /// - Parameters:
  ///   - paths: of the inputs.
  ///   - hasPackets: an input without packets has no place.
  init(_ paths: [String], _ hasPackets: (Int) -> Bool) {
    places = Array(repeating: nil, count: paths.count)
    var members: [String: [Int]] = [:]
    for index in paths.indices where hasPackets(index) { members[Self.stem(paths[index]), default: []].append(index) }
    for series in members.values where Set(series.map { paths[$0] }).count == series.count && series.count > 1 {
      let order = series.sorted { Self.numbers(paths[$0]).lexicographicallyPrecedes(Self.numbers(paths[$1])) }
      for (rank, index) in order.enumerated() { places[index] = Place(series: series[0], rank: rank) }
      counts[series[0]] = series.count
    }
  }

  /// May one be what its recorder wrote right after the other, by their names? Whoever fills a ring of files begins anew with
  /// the first.
  func allows(_ index: Int, after other: Int) -> Bool {
    guard let place = places[index], let before = places[other] else {
      return places[index] == nil && places[other] == nil
    }
    return place.series == before.series && place.rank == (before.rank + 1) % (counts[place.series] ?? 1)
  }

  /// Is one by its name the next of the series that the other is in?
  func follows(_ index: Int, _ other: Int) -> Bool {
    guard let place = places[index], let before = places[other] else { return false }
    return place.series == before.series && place.rank == before.rank + 1
  }

  /// The folder as it is, the name without its digits.
  private static func stem(_ path: String) -> String {
    let name = name(path)
    return path[..<name.startIndex] + name.filter { !isDigit($0) }
  }

  private static func name(_ path: String) -> Substring {
    path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
  }

  private static func isDigit(_ character: Character) -> Bool { "0"..."9" ~= character }

  /// The numbers of a name in their order, one without leading zeros after its length; the name itself counts where they are
  /// equal.
  private static func numbers(_ path: String) -> [String] {
    let runs = name(path).split { !isDigit($0) }.map { $0.drop { $0 == "0" } }
    return runs.flatMap { [String(UnicodeScalar(UInt8(min($0.count, 255)))), String($0)] } + [path]
  }
}
