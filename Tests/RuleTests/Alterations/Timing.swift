import IMSForge

extension AlteredTraceTests {
  static let ofTiming = [
    Alteration("TIM001", "the UE sends its REGISTER three times") { editor in
      editor.sendAgain("CSeq: 1 REGISTER", from: UE.address, after: 600_000_000, number: 1)
      editor.sendAgain("CSeq: 1 REGISTER", from: UE.address, after: 1_700_000_000, number: 2)
    },
    Alteration("TIM002", "the UE sends its REGISTER again at once") { editor in
      editor.sendAgain("CSeq: 1 REGISTER", from: UE.address, after: 100_000_000, number: 1)
    },
    Alteration("TIM003", "the P-CSCF refuses before the I-CSCF answers") { editor in
      editor.replaceText("SIP/2.0 200 OK", with: "SIP/2.0 504 No", in: "CSeq: 2 REGISTER", from: Node.pcscf)
      editor.delay(1_000_000_000) { $0.matches("SIP/2.0 200", from: Node.icscf, to: Node.pcscf) }
    },
    Alteration("TIM005", "the MAA comes after 1.5 s") { editor in
      editor.delay(1_500_000_000) { $0.isDiameter(303) && $0.source.host == Node.hss }
    },
    Alteration("TIM006", "the 200 comes after six seconds") { editor in
      editor.delay(6_000_000_000) { $0.matches("SIP/2.0 200", from: Node.pcscf, to: UE.address) }
    },
  ]

  static let ofNetwork = [
    Alteration("NET001", "the gateway names no P-CSCF", of: bearer) { editor in
      editor.editPackets { packet in
        // Of the answer the container 000C with four octets.
        packet.payload = packet.payload.replacing([0, 0x0c, 4, 10, 20, 0, 10], with: [0, 0x0d, 4, 10, 20, 0, 10])
      }
    },
    Alteration("NET002", "the bearer is taken down before the answer", of: bearer) { editor in
      editor.delay(5_000_000_000) { $0.matches("SIP/2.0 401") }
      editor.delay(-1_000_000_000) { $0.destination.port == 2123 && $0.payload[1] == 20 }
    },
    Alteration("NET003", "the UE goes to another P-CSCF than was named", of: bearer) { editor in
      editor.editPackets { packet in
        packet.payload = packet.payload.replacing([0, 0x0c, 4, 10, 20, 0, 10], with: [0, 0x0c, 4, 10, 20, 0, 99])
      }
    },
    Alteration("NET005", "the bearer belongs to another SIM", of: bearer) { editor in
      editor.replaceText("username=\"001010000000001@", with: "username=\"001010000000009@", in: "REGISTER sip:")
    },
    Alteration("NET008", "nobody listens at the I-CSCF") { editor in
      let sent = editor.records.first { record in
        record.transport?.matches("CSeq: 1 REGISTER", from: Node.pcscf, to: Node.icscf) ?? false
      }
      guard let sent else { return }
      editor.drop { $0.time > sent.time }
      var error = sent
      error.time += 1_000_000
      error.bytes =
        EthernetBuilder(
          ip: IPv4Builder(
            from: Node.icscf, to: Node.pcscf, protocolNumber: ICMPBuilder.number, identification: 7,
            payload: ICMPBuilder(type: 3, code: 3, quoting: Array(sent.bytes.dropFirst(14))).bytes(
              from: Node.icscf, to: Node.pcscf)
          ).bytes
        ).bytes
      error.originalLength = error.bytes.count
      editor.records.append(error)
      editor.runOn(seconds: 200)
    },
    Alteration("NET004", "the Contact of the UE is elsewhere") { editor in
      editor.replaceText("@10.10.0.2:5060>", with: "@10.99.0.2:5060>", in: "REGISTER sip:", to: Node.pcscf)
    },
    Alteration("NET006", "the name server fails, and the P-CSCF gives up") { editor in
      editor.dropAll(after: "CSeq: 2 REGISTER")
      editor.drop { record in
        guard let packet = record.transport else { return false }
        return packet.source.host == Node.icscf || packet.destination.host == Node.icscf
          || packet.source.host == Node.scscf || packet.destination.host == Node.scscf
      }
      editor.replaceText("SIP/2.0 401 Unauthorized", with: "SIP/2.0 504 Time-out", in: "SIP/2.0 401", from: Node.pcscf)
      editor.editPackets { packet in
        if packet.source.port == 53, packet.destination.host == Node.pcscf { packet.payload[3] |= 2 }
      }
    },
    Alteration("NET007", "a long REGISTER on the radio") { editor in
      editor.replaceText(
        "User-Agent: lab", with: "User-Agent: " + String(repeating: "x", count: 700), in: "CSeq: 1 REGISTER",
        from: UE.address)
    },
    Alteration("NET009", "the UE names a private address") { editor in
      editor.replaceText(
        "SIP/2.0/UDP 10.10.0.2:5060", with: "SIP/2.0/UDP 192.168.1.2:5060", in: "CSeq: 1 REGISTER", from: UE.address)
    },
  ]
}

extension AlteredTraceTests {
  /// A registration over a bearer that was set up before, and goes when all is said.
  static let bearer = """
    SGSN -> GGSN: Create PDP Context
    GGSN -> SGSN: Create PDP Context
    UE -> P: REGISTER sip:hims.net
      Authorization.username: "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
    P -> I: REGISTER sip:hims.net
    I -> P: 401 Unauthorized
    P -> UE: 401 Unauthorized
    wait 3s
    SGSN -> GGSN: Delete PDP Context
    GGSN -> SGSN: Delete PDP Context
    """
}

extension CaptureEditor {
  /// Sends a datagram once more: other packets with the same contents, at every capture point.
  mutating func sendAgain(_ text: String, from node: HostAddress, after nanoseconds: Int64, number: UInt8) {
    let again = records.filter { $0.transport?.matches(text, from: node) ?? false }.map { record in
      var copy = record
      copy.time += nanoseconds
      // Identification of IPv4.
      copy.bytes[18] ^= number
      return copy
    }
    records = (records + again).sorted { $0.time < $1.time }
  }

  /// Lets packets come later.
  mutating func delay(_ nanoseconds: Int64, where predicate: (PacketEditor) -> Bool) {
    mapRecords { record in
      if record.transport.map(predicate) ?? false { record.time += nanoseconds }
    }
    records.sort { $0.time < $1.time }
  }
}
