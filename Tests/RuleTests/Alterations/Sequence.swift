import IMSForge

extension AlteredTraceTests {
  static let ofSequence = [
    Alteration("SEQ002", "the UE does nothing with its challenge") { editor in
      editor.dropAll(after: "CSeq: 2 REGISTER")
      editor.runOn(seconds: 300)
    },
    Alteration("SEQ006", "the S-CSCF asks for no vector") { editor in
      // What stands in their place is no message of Cx: a packet less would be a gap in the capture.
      editor.editPackets { packet in
        if packet.isDiameter(303) { packet.payload.replaceSubrange(5..<12, with: [0, 1, 24, 0, 0, 0, 0]) }
      }
    },
    Alteration("SEQ008", "the SAA comes behind the 200") { editor in
      editor.mapRecords { record in
        guard let packet = record.transport, packet.isDiameter(301), packet.source.host == Node.hss else { return }
        record.time += 200_000_000
      }
      editor.records.sort { $0.time < $1.time }
    },
    Alteration("SEQ009", "the I-CSCF keeps the 200 to itself") { editor in
      for node in [Node.icscf, Node.pcscf] { editor.dropPackets(containing: "SIP/2.0 200", from: node) }
      editor.runOn(seconds: 10)
    },
    Alteration("SEQ010", "the P-CSCF makes a refusal of the 200") { editor in
      editor.replaceText("SIP/2.0 200 OK", with: "SIP/2.0 500 No", in: "CSeq: 2 REGISTER", from: Node.pcscf)
    },
  ]
}

extension CaptureEditor {
  /// Takes everything from the first packet with this text on out.
  mutating func dropAll(after text: String) {
    guard let first = records.first(where: { $0.transport?.matches(text) ?? false })?.time else { return }
    drop { $0.time >= first }
  }
}
