/// WebSequenceDiagrams. It has no escapes: what would be markup is replaced.
enum WebSequenceWriter {
  static func write(_ script: DiagramScript) -> String {
    var lines = ["title \(DiagramText.webSequence(script.title(ofPage: 0)))"]
    for participant in script.participants {
      lines.append(
        "participant \"\(participant.lines.map(DiagramText.webSequence).joined(separator: "\\n"))\" as \(participant.id)"
      )
    }
    let ids = script.participants.map(\.id)
    for item in script.items {
      switch item {
      case .phase(let title):
        guard let first = ids.first, let last = ids.last else { continue }
        lines.append("note over \(first),\(last): \(DiagramText.webSequence(title))")
      case .message(let message):
        let label = message.lines.map(DiagramText.webSequence).joined(separator: "\\n")
        let line = message.isReply || message.fate == .missing ? "-->" : "->"
        let fate = message.fate == .lost ? " (lost)" : ""
        lines.append("\(ids[message.from])\(line)\(ids[message.to]): \(label)\(fate)")
        if !message.remark.isEmpty, let last = ids.last {
          lines.append(
            "note right of \(last): \(message.remark.map(DiagramText.webSequence).joined(separator: "\\n"))")
        }
      case .note(let note):
        lines.append("note over \(ids[note.from]),\(ids[note.to]): \(DiagramText.webSequence(note.text))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
