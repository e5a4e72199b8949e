import IMSForge

/// A capture whose MAAs and clear 401s stand at its end, with their own stamps.
enum KeysLast {
  static func moved(_ bytes: [UInt8]) throws -> [UInt8] {
    var editor = try CaptureEditor(bytes)
    editor.records = editor.records.filter { !holdsKeys($0) } + editor.records.filter(holdsKeys)
    return editor.pcapng
  }

  private static func holdsKeys(_ record: CaptureRecord) -> Bool {
    guard let payload = record.transport?.payload else { return false }
    if payload.starts(with: Array("SIP/2.0 401".utf8)) { return true }
    // Command 303 without the R bit.
    return payload.count > 8 && payload[0] == 1 && payload[4] & 0x80 == 0 && Array(payload[5..<8]) == [0, 1, 0x2f]
  }
}
