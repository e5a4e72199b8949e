/// EventStudio's Feature Description Language. A page is a feature.
struct FDLWriter {
  enum Version: Int {
    /// Of EventStudio 4 and 5: modules and processors, names without quotes.
    case old = 4
    /// Of EventStudio 8 and later.
    case modern = 8
  }

  private let script: DiagramScript
  private let version: Version

  static func write(_ script: DiagramScript, _ version: Version = .modern) -> String {
    let writer = FDLWriter(script: script, version: version)
    let pages = script.pages.indices.map { writer.feature($0) }
    return (writer.head + pages.flatMap(\.self)).joined(separator: "\n") + "\n"
  }

  // MARK: parties

  private var head: [String] {
    let (component, party) = version == .old ? ("module", "processor") : ("component", "eternal")
    let colon = version == .old ? " :" : ":"
    let components = script.groups.compactMap(\.title).map(name)
    var lines = components.isEmpty ? [] : ["\(component)\(colon) " + components.joined(separator: ", ")]
    for group in script.groups {
      let names = group.members.map { name(script.participants[$0].title) }
      let place = group.title.map { " in \(name($0))" } ?? ""
      // The old form takes them one by one.
      lines +=
        version == .old
        ? names.map { "\(party)\(colon) \($0)\(place)" }
        : ["\(party)\(colon) \(names.joined(separator: ", "))\(place)"]
    }
    return lines
  }

  // MARK: pages

  private func feature(_ page: Int) -> [String] {
    let title = quoted(script.title(ofPage: page))
    var lines = version == .old ? ["feature \(title)"] : ["feature \(title) {"]
    lines.append("  " + block(script.subtitle))
    var isOpen = false
    for item in script.pages[page] {
      let indent = isOpen ? "    " : "  "
      switch item {
      case .phase(let title):
        if version == .old {
          lines.append("  " + block(title))
        } else {
          if isOpen { lines.append("  }") }
          lines.append("  sequence \(quoted(title)) {")
          isOpen = true
        }
      case .message(let message): lines += arrow(message).map { indent + $0 }
      case .note(let note): lines.append(indent + remark(note.text))
      }
    }
    if isOpen { lines.append("  }") }
    return lines + [version == .old ? "endfeature" : "}"]
  }

  private func arrow(_ message: DiagramScript.Message) -> [String] {
    let parameters = message.lines.dropFirst().map { line -> String in
      guard let colon = line.firstRange(of: ": ") else { return quoted(line) }
      return "\(name(String(line[..<colon.lowerBound]))) = \(quoted(String(line[colon.upperBound...])))"
    }
    let list = parameters.isEmpty ? "" : " (" + parameters.joined(separator: ", ") + ")"
    let ends = "\(name(script.participants[message.from].title)) -> \(name(script.participants[message.to].title))"
    let said = message.remark.isEmpty ? [] : [remark(message.remark.joined(separator: " "))]
    let drawn = "\(name(message.lines[0]))\(list)\(version == .old ? " :" : ":") \(ends)"
    switch message.fate {
    // Nothing was sent, so that nothing may be drawn.
    case .missing: return [remark("\(message.lines[0]): \(ends)")] + said
    case .lost: return [drawn, remark("lost")] + said
    case .seen, .expected: return [drawn] + said
    }
  }

  // MARK: spelling

  /// The old form has comments of C alone.
  private func remark(_ text: String) -> String {
    version == .old ? block(text) : "% \(DiagramText.fdl(text))"
  }

  private func block(_ text: String) -> String {
    version == .old ? "/* \(DiagramText.fdl(text)) */" : "|* \(DiagramText.fdl(text)) *|"
  }

  private func name(_ text: String) -> String { version == .old ? DiagramText.identifier(text) : quoted(text) }

  private func quoted(_ text: String) -> String { "\"\(DiagramText.fdl(text))\"" }
}
