import IMSForge

extension AlteredTraceTests {
  static let ofDiameter = [
    Alteration("DIA001", "the MAA has the T flag") { editor in
      editor.editDiameter(303, from: Node.hss) { $0[4] |= 0x10 }
    },
    Alteration("DIA002", "a number of the MAR is an octet short") { editor in
      let header: [UInt8] = [0, 0, 2, 0x5f, 0xc0, 0, 0]
      editor.editDiameter(303, from: Node.scscf) { $0 = $0.replacing(header + [16], with: header + [15]) }
    },
    Alteration("DIA004", "the MAA has another End-to-End Identifier") { editor in
      editor.editDiameter(303, from: Node.hss) { $0[16] ^= 0xff }
    },
    Alteration("DIA005", "the SAA has no result") { editor in
      editor.editDiameter(301, from: Node.hss) { $0.hideAVP(268, flags: 0x40) }
    },
    Alteration("DIA006", "the MAR names no application") { editor in
      editor.editDiameter(303, from: Node.scscf) { $0.hideAVP(260, flags: 0x40) }
    },
    Alteration("DIA007", "the name in the MAR lacks the M flag") { editor in
      editor.editDiameter(303, from: Node.scscf) { $0.setFlags(ofAVP: 602, 0xc0, to: 0x80) }
    },
    Alteration("DIA008", "the MAA has another Session-Id") { editor in
      editor.editDiameter(303, from: Node.hss) { $0[28] = UInt8(ascii: "x") }
    },
    Alteration("DIA009", "the second UAR has the End-to-End Identifier of the first") { editor in
      for node in [Node.icscf, Node.hss] {
        editor.editDiameter(300, from: node) { $0[19] = 0x0d }
      }
    },
    Alteration("DIA010", "the HSS is too busy") { editor in
      editor.editDiameter(303, from: Node.hss) { $0.setNumber(ofAVP: 268, 2001, to: 3004) }
    },
  ]
}
