package import IMSBytes

/// A message of GTP-C, version 1 (TS 29.060) or 2 (TS 29.274), as far as it tells who got which address, by whom, and
/// which P-CSCF.
package struct GTPMessage: Sendable, Hashable {
  package let type: GTPMessageType
  /// Tunnel Endpoint Identifier of the header: the one that the receiver has chosen, 0 when it has not yet.
  package let teid: UInt32
  /// 16 bits in version 1, 24 in version 2: an answer repeats that of its request. Nil when the header has none.
  package let sequence: UInt32?
  package internal(set) var cause: GTPCause?
  package internal(set) var imsi: Text?
  package internal(set) var msisdn: Text?
  package internal(set) var apn: Text?
  /// End User Address or PDN Address Allocation: IPv4, then IPv6. Unspecified ones are left out.
  package internal(set) var addresses: [NodeAddress] = []
  /// GSN addresses with their TEIDs (control plane first), or F-TEIDs in wire order; not those of bearer contexts.
  package internal(set) var tunnels: [GTPTunnel] = []
  package internal(set) var pco: PCO?
  /// Operation Indication of the Indication flags (TS 29.274 §8.12): what the S-GW is asked for it passes on to the P-GW.
  package internal(set) var hasOperationIndication = false
  /// What ended the reading; everything before it was understood.
  package internal(set) var issues: [DecodeIssue] = []

  init(type: GTPMessageType, teid: UInt32, sequence: UInt32?) {
    self.type = type
    self.teid = teid
    self.sequence = sequence
  }

  /// Throws when the header is damaged or the type is none that is read.
  package init(parsing bytes: RawSpan) throws(DecodeIssue) {
    self = bytes.byteCount > 0 && bytes.u8(0) >> 5 == 2 ? try GTPv2C.read(bytes) : try GTPv1C.read(bytes)
  }

  package var isRequest: Bool { type.isRequest }

  /// Where the sender wants to receive control messages.
  package var controlTunnel: GTPTunnel? { tunnels.first { $0.instance == 0 } ?? tunnels.first }

  /// The options that the UE sent, or that are sent to it.
  package var pcscf: [NodeAddress] { pco?.pcscf ?? [] }
}

/// A tunnel endpoint as a message announces it.
package struct GTPTunnel: Sendable, Hashable {
  /// Interface type of an F-TEID (TS 29.274 §8.22); nil in version 1.
  package var interface: UInt8?
  /// In version 1 0 is the control plane, 1 the user plane.
  package var instance: UInt8
  package var teid: UInt32
  package var address: NodeAddress?

  /// The node that announces it is an S-GW: S5/S8 (6) or S11/S4 (11) GTP-C.
  package var isOfSGW: Bool { interface == 6 || interface == 11 }
}

/// What a datagram on the ports of GTP-C is, by its first bytes.
package enum GTPKind: Hashable, Sendable {
  /// GTP-C of version 1 or 2.
  case control(GTPMessageType)
  /// GTP': charging (TS 32.295).
  case prime
  /// The version of GSM 09.60.
  case version0
  case foreign

  package static let controlPort: UInt16 = 2123
  /// GTP', and GTP version 0.
  package static let chargingPort: UInt16 = 3386

  /// `bytes` may be cut by the capture: then their length does not have to agree.
  package init(_ bytes: RawSpan, isTruncated: Bool, onControlPort: Bool) {
    guard bytes.byteCount >= 8 else {
      self = .foreign
      return
    }
    let flags = bytes.u8(0)
    let length = Int(bytes.u16(2))
    let isGTP = flags & 0x10 != 0
    // GTP' of version 2 and GTPv2-C begin alike; the port tells them apart.
    if onControlPort, flags >> 5 == 2 {
      let fits = 4 + length <= bytes.byteCount || isTruncated
      self = fits && length >= (flags & 8 != 0 ? 8 : 4) ? .control(.init(version: 2, bytes.u8(1))) : .foreign
    } else if flags >> 5 == 1, isGTP {
      // Error Indication, End Marker and G-PDU belong to GTP-U.
      let isUserPlane = [26, 254, 255].contains(bytes.u8(1))
      let fits = 8 + length == bytes.byteCount || isTruncated
      self = onControlPort && fits && !isUserPlane ? .control(.init(version: 1, bytes.u8(1))) : .foreign
    } else if !isGTP, flags >> 5 <= 2, [6, 20].contains(where: { $0 + length == bytes.byteCount }) {
      self = .prime
    } else if flags >> 5 == 0, isGTP, 20 + length == bytes.byteCount {
      self = .version0
    } else {
      self = .foreign
    }
  }
}
