/// EventStudio's Feature Description Language, in its modern form.
enum FDLWriter {
  static func write(_ script: DiagramScript) -> String {
    var lines: [String] = []
    let components = script.groups.compactMap(\.title).map(quoted)
    if !components.isEmpty { lines.append("component: " + components.joined(separator: ", ")) }
    for group in script.groups {
      let names = group.members.map { name(script.participants[$0]) }.joined(separator: ", ")
      lines.append("eternal: \(names)" + (group.title.map { " in \(quoted($0))" } ?? ""))
    }
    lines += ["feature \(quoted(script.title)) {", "  |* \(DiagramText.fdl(script.subtitle)) *|"]
    var isOpen = false
    for item in script.items {
      let indent = isOpen ? "    " : "  "
      switch item {
      case .phase(let title):
        if isOpen { lines.append("  }") }
        lines.append("  sequence \(quoted(title)) {")
        isOpen = true
      case .message(let message): lines += arrow(message, script).map { indent + $0 }
      case .note(let note): lines.append("\(indent)% \(DiagramText.fdl(note.text))")
      }
    }
    if isOpen { lines.append("  }") }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  private static func arrow(_ message: DiagramScript.Message, _ script: DiagramScript) -> [String] {
    let parameters = message.lines.dropFirst().map { line -> String in
      guard let colon = line.firstRange(of: ": ") else { return quoted(line) }
      return "\(quoted(String(line[..<colon.lowerBound]))) = \(quoted(String(line[colon.upperBound...])))"
    }
    let list = parameters.isEmpty ? "" : " (" + parameters.joined(separator: ", ") + ")"
    let ends = "\(name(script.participants[message.from])) -> \(name(script.participants[message.to]))"
    switch message.fate {
    case .missing: return ["% \(DiagramText.fdl(message.lines[0])): \(ends)"]
    case .lost: return ["\(quoted(message.lines[0]))\(list): \(ends)", "% lost"]
    case .seen, .expected: return ["\(quoted(message.lines[0]))\(list): \(ends)"]
    }
  }

  private static func name(_ participant: DiagramScript.Participant) -> String { quoted(participant.title) }

  private static func quoted(_ text: String) -> String { "\"\(DiagramText.fdl(text))\"" }
}
