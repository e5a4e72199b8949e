import IMSRules

/// Mermaid's sequence diagrams (11 and later): what code hosts and wikis draw.
enum MermaidWriter {
  static func write(_ script: DiagramScript) -> String {
    var lines = ["---", "title: \"\(yaml(script.title(ofPage: 0)))\"", "---", "sequenceDiagram"]
    for group in script.groups {
      if let title = group.title { lines.append("  box transparent \(DiagramText.mermaid(title))") }
      for index in group.members {
        let participant = script.participants[index]
        let label = [participant.title, participant.address].filter { !$0.isEmpty }
        lines.append("  participant \(participant.id) as \(label.map(DiagramText.mermaid).joined(separator: "<br/>"))")
      }
      if group.title != nil { lines.append("  end") }
    }
    let ids = script.participants.map(\.id)
    for item in script.items {
      switch item {
      case .phase(let title):
        guard let first = ids.first, let last = ids.last else { continue }
        lines.append("  Note over \(over(first, last)): \(DiagramText.mermaid(title))")
      case .message(let message):
        let label = message.lines.map(DiagramText.mermaid).joined(separator: "<br/>")
        lines.append("  \(ids[message.from])\(arrow(message))\(ids[message.to]): \(label)")
        if !message.remark.isEmpty, let last = ids.last {
          lines.append("  Note right of \(last): \(message.remark.map(DiagramText.mermaid).joined(separator: "<br/>"))")
        }
      case .note(let note):
        let box = "  Note over \(over(ids[note.from], ids[note.to])): \(DiagramText.mermaid(note.text))"
        lines += note.severity.map { ["  rect \(colour($0))", box, "  end"] } ?? [box]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func over(_ first: String, _ last: String) -> String { first == last ? first : "\(first),\(last)" }

  private static func arrow(_ message: DiagramScript.Message) -> String {
    switch message.fate {
    case .lost: message.isReply ? "--x" : "-x"
    case .missing: message.isReply ? "--)" : "-)"
    case .seen, .expected: message.isReply ? "-->>" : "->>"
    }
  }

  private static func colour(_ severity: Severity) -> String {
    switch severity {
    case .error: "rgb(255, 226, 226)"
    case .warning: "rgb(255, 243, 205)"
    case .info: "rgb(226, 239, 255)"
    }
  }

  /// Between the double quotes of the front matter.
  private static func yaml(_ text: String) -> String {
    DiagramText.mscgen(text).unicodeScalars.map { $0.value < 0x20 ? "\u{FFFD}" : String($0) }.joined()
  }
}
