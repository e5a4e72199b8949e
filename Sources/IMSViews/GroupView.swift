import IMSBytes
package import IMSMessages
import IMSWire

/// The messages that share one Call-ID or Session-Id, as captured: every sending of each in the order of time, nothing
/// joined by anything but that key.
package enum GroupView {
  /// - Parameter key: with the name of the header or AVP: "Call-ID 48984cbf@10.10.0.2".
  package static func group(
    key: String, messages: [Message], recorders: Recorders = Recorders(), style: Style
  ) -> String {
    let sendings = messages.flatMap { message in
      message.transmissions.indices.map { (message: message, transmission: $0) }
    }.sorted { left, right in
      let (a, b) = (left.message.transmissions[left.transmission], right.message.transmissions[right.transmission])
      return (a.time, left.message.id, left.transmission) < (b.time, right.message.id, right.transmission)
    }
    guard let first = sendings.first else { return style.text("\(key): no messages") + "\n" }
    let start = first.message.transmissions[first.transmission].time
    let namesInputs = messages.contains { $0.leavesFirstInput(recorders) }
    let rows = sendings.map { sending in
      let sent = sending.message.transmissions[sending.transmission]
      let frame = FrameText.of(recorders.first(of: sent.earliest), naming: namesInputs)
      return [frame] + row(sending.message, sent, sending.transmission, since: start)
    }
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let count = counted(messages.count, "message")
    let lines = rows.map { row in
      let head = [Layout.right(row[0], widths[0]), Layout.right(row[1], widths[1]), Layout.left(row[2], widths[2])]
      return style.text("  " + (head + [row[3]]).joined(separator: "  "))
    }
    return ([style.text("\(key): \(count) from \(TimeText.iso(start))")] + lines).joined(separator: "\n") + "\n"
  }

  /// Time since the first message, ends, label.
  private static func row(_ message: Message, _ sent: Transmission, _ transmission: Int, since start: Timestamp)
    -> [String]
  {
    let again = transmission > 0 ? "  (retransmission \(transmission))" : ""
    let copies = sent.sightings.count > 1 ? "  (\(counted(sent.sightings.count - 1, "copy", plural: "copies")))" : ""
    return [
      TimeText.relative(sent.time - start), "\(message.source) → \(message.destination)",
      message.label + again + copies,
    ]
  }
}
