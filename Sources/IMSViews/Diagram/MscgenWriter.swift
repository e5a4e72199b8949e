import IMSRules

/// The language of mscgen 0.20.
enum MscgenWriter {
  static func write(_ script: DiagramScript) -> String {
    let ids = script.participants.map(\.id)
    let entities = script.participants.map { participant in
      return "\(participant.id) [label=\"\(participant.lines.map(DiagramText.mscgen).joined(separator: "\\n"))\"]"
    }
    var lines = ["msc {", "  hscale=\"\(max(1, ids.count / 2))\", wordwraparcs=\"1\";"]
    if !entities.isEmpty { lines.append("  " + entities.joined(separator: ",\n  ") + ";") }
    lines.append("  --- [label=\"\(DiagramText.mscgen(script.title(ofPage: 0)))\"];")
    for item in script.items {
      switch item {
      case .phase(let title): lines.append("  --- [label=\"\(DiagramText.mscgen(title))\"];")
      case .message(let message):
        let label = message.lines.map(DiagramText.mscgen).joined(separator: "\\n")
        let red = message.severity == .error || message.fate == .lost || message.fate == .missing
        let colour = red ? ", linecolour=\"red\", textcolour=\"red\"" : ""
        let drawn = "  \(ids[message.from])\(arrow(message))\(ids[message.to]) [label=\"\(label)\"\(colour)]"
        lines.append(drawn + remark(message, ids.last) + ";")
      case .note(let note):
        let label = DiagramText.mscgen(note.text)
        lines.append(
          "  \(ids[note.from]) \(note.severity == nil ? "box" : "note") \(ids[note.to]) [label=\"\(label)\"];")
      }
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  /// Below it, on the last lane.
  private static func remark(_ message: DiagramScript.Message, _ last: String?) -> String {
    guard !message.remark.isEmpty, let last else { return "" }
    let text = message.remark.map(DiagramText.mscgen).joined(separator: "\\n")
    return ";\n  \(last) note \(last) [label=\"\(text)\"]"
  }

  private static func arrow(_ message: DiagramScript.Message) -> String {
    switch message.fate {
    case .lost: "-x"
    case .missing: ":>"
    case .seen, .expected: message.isReply ? ">>" : "=>"
    }
  }
}
