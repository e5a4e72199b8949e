/// A second capture point, at a node, with a clock of its own.
struct CapturePlace {
  var member: Cast.Member
  /// Nanoseconds ahead.
  var offset: Int64
  /// What the node sends does not pass it.
  var receivesOnly: Bool

  func sees(_ sending: Sending) -> Bool { sending.to == member || (!receivesOnly && sending.from == member) }
}

/// Reads the lines of a text ladder; knows nothing of what they mean for each other.
struct TraceParser {
  enum Content {
    case arrow(Arrow, isMarked: Bool)
    case wait(Int64)
    case restart(user: String?)
    case proof(Proof)
    case clock(CapturePlace)
  }

  struct Line {
    var number: Int
    var content: Content
  }

  private var source: [(number: Int, text: Substring)]
  private var lines: [Line] = []

  init(_ text: String) {
    let all = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    source = all.map { (number: $0.offset + 1, text: $0.element) }
      .filter { !trim($0.text).isEmpty && !trim($0.text).hasPrefix("#") }
    let margin = source.map { $0.text.prefix { $0 == " " || $0 == "\t" }.count }.min() ?? 0
    source = source.map { (number: $0.number, text: $0.text.dropFirst(margin)) }
  }

  mutating func parse() throws(TraceTextError) -> [Line] {
    for (number, text) in source {
      do throws(StoryError) {
        if text.first == " " || text.first == "\t" { try override(trim(text)) } else { try line(number, text) }
      } catch {
        throw TraceTextError(line: number, reason: error.reason)
      }
    }
    return lines
  }

  /// home.net when the first REGISTER with a request URI goes there.
  static func cast(for lines: [Line]) -> Cast {
    for line in lines {
      guard case .arrow(let arrow, _) = line.content, case .request("REGISTER", let uri?) = arrow.what else { continue }
      if uri == "sip:home.net" { return Cast(domain: "home.net", visited: "visited.net") }
      break
    }
    return Cast()
  }

  private mutating func override(_ text: String) throws(StoryError) {
    guard case .arrow(var arrow, let isMarked)? = lines.last?.content else {
      throw StoryError(reason: "a header without an arrow above it")
    }
    if text.hasPrefix("|") {
      arrow.body = (arrow.body ?? []) + [trim(text.dropFirst())]
    } else if text.hasPrefix("-") {
      arrow.overrides.append(Arrow.Override(name: trim(text.dropFirst()), value: nil))
    } else if let header = SIPBuilder.header(text), !header.name.isEmpty {
      arrow.overrides.append(Arrow.Override(name: header.name, value: header.value))
    } else {
      throw StoryError(reason: "no header: \(text)")
    }
    lines[lines.count - 1].content = .arrow(arrow, isMarked: isMarked)
  }

  private mutating func line(_ number: Int, _ text: Substring) throws(StoryError) {
    let mark = text.firstIndex(of: "←")
    let words = trim(text[..<(mark ?? text.endIndex)])
    if words == "restart" { return lines.append(Line(number: number, content: .restart(user: nil))) }
    if words.hasPrefix("user ") {
      return lines.append(Line(number: number, content: .restart(user: trim(words.dropFirst(5)))))
    }
    if words.hasPrefix("proof ") {
      guard let proof = Proof(rawValue: trim(words.dropFirst(6))) else {
        throw StoryError(reason: "no proof: \(words)")
      }
      return lines.append(Line(number: number, content: .proof(proof)))
    }
    if words.hasPrefix("wait ") {
      return lines.append(Line(number: number, content: .wait(try Self.duration(trim(words.dropFirst(5))))))
    }
    if words.hasPrefix("clock ") {
      return lines.append(Line(number: number, content: .clock(try Self.place(trim(words.dropFirst(6))))))
    }
    let arrow = try Self.arrow(words)
    lines.append(Line(number: number, content: .arrow(arrow, isMarked: mark != nil)))
  }

  /// "P +150ms", "P -40ms received".
  private static func place(_ text: String) throws(StoryError) -> CapturePlace {
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 2 || (words.count == 3 && words[2] == "received"), let sign = words[1].first,
      sign == "+" || sign == "-"
    else { throw StoryError(reason: "a clock is written as: clock P +150ms") }
    let offset = try duration(String(words[1].dropFirst()))
    return CapturePlace(
      member: try member(words[0]), offset: sign == "-" ? -offset : offset, receivesOnly: words.count == 3)
  }

  /// "130s", "500ms", "2m", "1h".
  private static func duration(_ text: String) throws(StoryError) -> Int64 {
    let digits = text.prefix { $0.isNumber }
    let units: [String: Int64] = [
      "us": 1000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]
    guard let count = Int64(digits), let unit = units[trim(text[digits.endIndex...])] else {
      throw StoryError(reason: "no duration: \(text)")
    }
    return count * unit
  }

  private static func arrow(_ text: String) throws(StoryError) -> Arrow {
    guard let colon = text.firstIndex(of: ":") else { throw StoryError(reason: "no arrow: \(text)") }
    let ends = text[..<colon].split(separator: ">", omittingEmptySubsequences: false)
    guard ends.count == 2, ends[0].hasSuffix("-") else { throw StoryError(reason: "no arrow: \(text)") }
    let from = try member(trim(ends[0].dropLast()))
    let to = try member(trim(ends[1]))
    guard from != to else { throw StoryError(reason: "an arrow from \(from.rawValue) to itself") }
    var words = trim(text[text.index(after: colon)...])
    let isAgain = words.hasSuffix("(again)")
    if isAgain { words = trim(words.dropLast(7)) }
    var arrow = Arrow(from: from, to: to, what: try what(words, from: from, to: to))
    arrow.isAgain = isAgain
    return arrow
  }

  private static func member(_ name: String) throws(StoryError) -> Cast.Member {
    guard let member = Cast.Member(rawValue: name) else { throw StoryError(reason: "unknown node \(name)") }
    return member
  }

  private static func what(_ text: String, from: Cast.Member, to: Cast.Member) throws(StoryError) -> Arrow.What {
    let words = text.split(separator: " ").map(String.init)
    guard let first = words.first else { throw StoryError(reason: "an arrow without a message") }
    if from == .ggsn || to == .ggsn { return .access(text) }
    if text == "ICMP port unreachable" { return .unreachable }
    let rest = trim(text.dropFirst(first.count))
    if to == .dns {
      guard words.count == 2 else { throw StoryError(reason: "a query is written as: A hims.net") }
      return .query(type: first, name: words[1])
    }
    if from == .dns { return .answer(kind: first, value: rest) }
    if from == .hss || to == .hss { return .diameter(first, try result(first, Array(words.dropFirst()))) }
    if let status = Int(first) {
      guard (100...699).contains(status) else { throw StoryError(reason: "no status: \(first)") }
      return .response(status: status, reason: rest.isEmpty ? nil : rest)
    }
    guard first.allSatisfy({ $0.isUppercase && $0.isASCII }), words.count <= 2 else {
      throw StoryError(reason: "no message: \(text)")
    }
    return .request(method: first, uri: words.count == 2 ? words[1] : nil)
  }

  /// The codes that an answer of that name carries in Experimental-Result (TS 29.229 §6.2).
  private static let experimental: [String: Set<UInt32>] = [
    "UAA": [2001, 2002, 5001, 5002, 5004, 5011], "MAA": [5001, 5002, 5006, 5011],
    "SAA": [2004, 5001, 5002, 5005, 5007, 5011, 5012], "LIA": [2003, 5001, 5003, 5011], "RTA": [5001, 5011],
    "PPA": [5001, 5008, 5009, 5011],
  ]

  private static func result(_ name: String, _ words: [String]) throws(StoryError) -> CxResult? {
    guard let last = words.last else { return nil }
    guard name.hasSuffix("A"), let code = UInt32(last) else { throw StoryError(reason: "no result: \(last)") }
    switch words.count == 2 ? words[0] : "" {
    case "exp": return .experimental(code)
    case "result": return .result(code)
    case "" where words.count == 1:
      return experimental[name]?.contains(code) == true ? .experimental(code) : .result(code)
    default: throw StoryError(reason: "no result: \(words.joined(separator: " "))")
    }
  }
}
