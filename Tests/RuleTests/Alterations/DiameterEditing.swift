import IMSForge

// How alterations change Diameter messages, byte for byte and without a change of length.

extension PacketEditor {
  /// A Diameter message of this command.
  func isDiameter(_ command: UInt16) -> Bool {
    payload.count > 20 && payload[0] == 1 && Array(payload[5..<8]) == [0, UInt8(command >> 8), UInt8(command & 0xff)]
  }
}

extension CaptureEditor {
  /// Changes the messages of one command that a node sends; `number` counts them from 1, nil means all.
  mutating func editDiameter(
    _ command: UInt16, from node: HostAddress, number: Int? = nil, _ edit: @escaping (inout [UInt8]) -> Void
  ) {
    var seen: [[UInt8]] = []
    editPackets { packet in
      guard packet.isDiameter(command), packet.source.host == node else { return }
      if !seen.contains(packet.payload) { seen.append(packet.payload) }
      guard number == nil || seen.firstIndex(of: packet.payload) == number.map({ $0 - 1 }) else { return }
      edit(&packet.payload)
    }
  }
}

extension [UInt8] {
  /// Makes an AVP another one that nobody knows: it is missing.
  mutating func hideAVP(_ code: UInt32, flags: UInt8) {
    self = replacing(Self.start(code, flags), with: Self.start(code + 0x1f00, flags))
  }

  mutating func setFlags(ofAVP code: UInt32, _ old: UInt8, to new: UInt8) {
    self = replacing(Self.start(code, old), with: Self.start(code, new))
  }

  /// Of an AVP with a number of four octets.
  mutating func setNumber(ofAVP code: UInt32, vendor: UInt32 = 0, _ old: UInt32, to new: UInt32) {
    let header =
      Self.start(code, vendor == 0 ? 0x40 : 0xc0) + [0, 0, vendor == 0 ? 12 : 16]
      + (vendor == 0 ? [] : Self.octets(vendor))
    self = replacing(header + Self.octets(old), with: header + Self.octets(new))
  }

  /// A byte of the first AVP that begins with these; counted from the beginning of the AVP.
  mutating func setByte(at offset: Int, ofAVP start: [UInt8], to character: Character) {
    guard let place = firstRange(of: start)?.lowerBound, let value = character.asciiValue else { return }
    self[place + offset] = value
  }

  mutating func replaceText(_ old: String, with new: String) {
    self = replacing(Array(old.utf8), with: Array(new.utf8))
  }

  private static func start(_ code: UInt32, _ flags: UInt8) -> [UInt8] { octets(code) + [flags] }

  private static func octets(_ number: UInt32) -> [UInt8] {
    [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
  }
}
