import IMSBytes
package import IMSMessages
import IMSWire

/// The messages that share one Call-ID or Session-Id, as captured: every sending of each in the order of time, nothing
/// joined by anything but that key.
package enum GroupView {
  /// - Parameter key: with the name of the header or AVP: "Call-ID 48984cbf@10.10.0.2".
  package static func group(key: String, messages: [Message], style: Style) -> String {
    let sendings = messages.flatMap { message in
      message.transmissions.indices.map { (message: message, transmission: $0) }
    }.sorted { left, right in
      let (a, b) = (left.message.transmissions[left.transmission], right.message.transmissions[right.transmission])
      return (a.time, left.message.id, left.transmission) < (b.time, right.message.id, right.transmission)
    }
    guard let first = sendings.first else { return style.text("\(key): no messages") + "\n" }
    let start = first.message.transmissions[first.transmission].time
    let namesInputs = messages.contains { $0.transmissions.contains { $0.sightings.contains { $0.point.input > 0 } } }
    let rows = sendings.map { sending in
      row(sending.message, sending.transmission, since: start, naming: namesInputs)
    }
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let count = counted(messages.count, "message")
    let lines = rows.map { row in
      let head = [Layout.right(row[0], widths[0]), Layout.right(row[1], widths[1]), Layout.left(row[2], widths[2])]
      return style.text("  " + (head + [row[3]]).joined(separator: "  "))
    }
    return ([style.text("\(key): \(count) from \(TimeText.iso(start))")] + lines).joined(separator: "\n") + "\n"
  }

  /// Frame, time since the first message, ends, label.
  private static func row(_ message: Message, _ transmission: Int, since start: Timestamp, naming inputs: Bool)
    -> [String]
  {
    let sent = message.transmissions[transmission]
    let frame = FrameText.of(input: sent.earliest.point.input, frame: sent.earliest.frames.first, naming: inputs)
    let again = transmission > 0 ? "  (retransmission \(transmission))" : ""
    let copies = sent.sightings.count > 1 ? "  (\(counted(sent.sightings.count - 1, "copy", plural: "copies")))" : ""
    return [
      frame, TimeText.relative(sent.time - start), "\(message.source) → \(message.destination)",
      message.label + again + copies,
    ]
  }
}
