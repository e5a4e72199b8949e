/// Reads FDL as far as our diagrams use it, in both forms: every statement is one that is known, every name is declared
/// before it is used, and what is opened is closed.
struct FDLChecker {
  /// What is wrong, each with its line; empty for a document that is right.
  private(set) var faults: [String] = []
  /// Messages that are drawn.
  private(set) var messages = 0

  private var components: Set<String> = []
  private var parties: Set<String> = []
  private var depth = 0

  init(_ text: String, isOld: Bool) {
    for (number, line) in text.split(separator: "\n").enumerated() {
      let statement = String(line.drop { $0 == " " })
      let isKnown = isOld ? readOld(statement) : readModern(statement)
      if !isKnown { faults.append("line \(number + 1): \(statement)") }
    }
    if depth != 0 { faults.append("\(depth) blocks are not closed") }
    if components.isEmpty && !parties.isEmpty { faults.append("no component") }
  }

  // MARK: modern

  private mutating func readModern(_ statement: String) -> Bool {
    let name = #/"[^"\\]*"/#
    if let list = statement.wholeMatch(of: #/component: (.+)/#)?.1 {
      components = Set(list.matches(of: name).map { String($0.0) })
      return true
    }
    if let match = statement.wholeMatch(of: #/eternal: (.+?)( in ("[^"]*"))?/#) {
      parties.formUnion(match.1.matches(of: name).map { String($0.0) })
      return match.3.map { components.contains(String($0)) } ?? true
    }
    if statement.wholeMatch(of: #/(feature|sequence) "[^"\\]*" \{/#) != nil {
      depth += 1
      return true
    }
    if statement == "}" {
      depth -= 1
      return depth >= 0
    }
    if statement.wholeMatch(of: #/\|\*((?!\*\|).)*\*\|/#) != nil || statement.hasPrefix("% ") { return depth > 0 }
    let message = #/"[^"\\]*"( \(("[^"\\]*"( = "[^"\\]*")?(, )?)+\))?: ("[^"\\]*") -> ("[^"\\]*")/#
    guard let match = statement.wholeMatch(of: message), depth > 0 else { return false }
    messages += 1
    return parties.contains(String(match.5)) && parties.contains(String(match.6))
  }

  // MARK: old

  private mutating func readOld(_ statement: String) -> Bool {
    if let list = statement.wholeMatch(of: #/module : (.+)/#)?.1 {
      components = Set(list.split(separator: ", ").map(String.init))
      return components.allSatisfy { $0.wholeMatch(of: #/[A-Za-z]\w*/#) != nil }
    }
    if let match = statement.wholeMatch(of: #/processor : (\w+)( in (\w+))?/#) {
      parties.insert(String(match.1))
      return match.3.map { components.contains(String($0)) } ?? true
    }
    if statement.wholeMatch(of: #/feature "[^"\\]*"/#) != nil {
      depth += 1
      return depth == 1
    }
    if statement == "endfeature" {
      depth -= 1
      return depth == 0
    }
    if statement.wholeMatch(of: #/\/\*((?!\*\/).)*\*\//#) != nil { return depth > 0 }
    let message = #/[A-Za-z]\w*( \((\w+ = "[^"\\]*"|"[^"\\]*")(, (\w+ = "[^"\\]*"|"[^"\\]*"))*\))? : (\w+) -> (\w+)/#
    guard let match = statement.wholeMatch(of: message), depth > 0 else { return false }
    messages += 1
    return parties.contains(String(match.5)) && parties.contains(String(match.6))
  }
}
