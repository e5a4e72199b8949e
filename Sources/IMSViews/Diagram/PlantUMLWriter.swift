import IMSRules

/// PlantUML sequence diagrams, in the syntax of 1.2020 and later.
enum PlantUMLWriter {
  static func write(_ script: DiagramScript) -> String {
    var lines = [
      "@startuml", "hide footbox", "skinparam maxMessageSize 420",
      "title \(DiagramText.plantUML(script.title(ofPage: 0)))",
    ]
    for group in script.groups {
      if let title = group.title { lines.append("box \"\(DiagramText.plantUML(title))\" #F7F7F7") }
      for index in group.members {
        let participant = script.participants[index]
        let label = [participant.title, participant.address].filter { !$0.isEmpty }
        lines.append(
          "participant \"\(label.map(DiagramText.plantUML).joined(separator: "\\n"))\" as \(participant.id)")
      }
      if group.title != nil { lines.append("end box") }
    }
    let ids = script.participants.map(\.id)
    for (number, page) in script.pages.enumerated() {
      if number > 0 { lines.append("newpage \(DiagramText.plantUML(script.title(ofPage: number)))") }
      for item in page { lines += text(item, ids) }
    }
    return (lines + ["@enduml"]).joined(separator: "\n") + "\n"
  }

  private static func text(_ item: DiagramScript.Item, _ ids: [String]) -> [String] {
    switch item {
    case .phase(let title): return ["== \(DiagramText.plantUML(title)) =="]
    case .message(let message):
      let label = message.lines.map(DiagramText.plantUML).joined(separator: "\\n")
      let drawn = "\(ids[message.from]) \(arrow(message)) \(ids[message.to]) : \(label)"
      guard !message.remark.isEmpty, let last = ids.last else { return [drawn] }
      let remark = message.remark.map(DiagramText.plantUML).joined(separator: "\\n")
      return [drawn, "note right of \(last) #FFFFFF : \(remark)"]
    case .note(let note):
      let place = note.from == note.to ? ids[note.from] : "\(ids[note.from]),\(ids[note.to])"
      let paint = note.severity.map { colour($0) } ?? "#F7F7F7"
      return ["note over \(place) \(paint) : \(DiagramText.plantUML(note.text))"]
    }
  }

  private static func arrow(_ message: DiagramScript.Message) -> String {
    let red = message.severity == .error || message.fate == .lost || message.fate == .missing ? "[#red]" : ""
    let line = message.isReply || message.fate == .missing ? "-\(red)-" : "-\(red)"
    switch message.fate {
    case .lost: return "\(line)x"
    case .missing: return "\(line)>>"
    case .seen, .expected: return "\(line)>"
    }
  }

  private static func colour(_ severity: Severity) -> String {
    switch severity {
    case .error: "#FFE2E2"
    case .warning: "#FFF3CD"
    case .info: "#E2EFFF"
    }
  }
}
