import IMSBytes
import IMSCapture
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// The messages of captures, as bytes.
enum Payloads {
  static func all(_ captures: [[UInt8]]) -> [[UInt8]] { captures.flatMap(messages) }

  private static func messages(_ capture: [UInt8]) -> [[UInt8]] {
    guard var captured = try? CaptureReader(BlockFile(bytes: capture)) else { return [] }
    var messages: [[UInt8]] = []
    var dissector = Dissector(input: 0)
    var reader = MessageReader()
    func keep(_ payload: borrowing Payload) -> Taken {
      reader.feed(payload) { event in
        guard case .message(let message) = event else { return 0 }
        if let bytes = message.sip?.bytes ?? message.diameter?.bytes { messages.append(Array(bytes)) }
        return 0
      }
    }
    while let frame = captured.next() { dissector.feed(frame, keep) }
    dissector.finish(keep)
    return messages
  }
}
