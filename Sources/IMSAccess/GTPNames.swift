/// A message type of GTP-C with its version: the same numbers mean other things in the other one.
package struct GTPMessageType: Hashable, Sendable, BitwiseCopyable {
  /// 1 or 2.
  package let version: UInt8
  package let number: UInt8

  package init(version: UInt8, _ number: UInt8) {
    self.version = version
    self.number = number
  }

  package static let createPDPContextRequest = GTPMessageType(version: 1, 16)
  package static let createPDPContextResponse = GTPMessageType(version: 1, 17)
  package static let createSessionRequest = GTPMessageType(version: 2, 32)
  package static let createSessionResponse = GTPMessageType(version: 2, 33)

  /// What the type does to the UE's connection; nil for types that are counted and not read.
  package enum Procedure: Sendable { case create, update, delete, createBearer }

  package var procedure: Procedure? {
    switch (version, number) {
    case (1, 16), (1, 17), (2, 32), (2, 33): .create
    case (1, 18), (1, 19): .update
    case (1, 20), (1, 21), (2, 36), (2, 37): .delete
    case (2, 95), (2, 96): .createBearer
    default: nil
    }
  }

  package var isRead: Bool { procedure != nil }

  /// Of the types that are read: requests of version 1 have even numbers, a Create Bearer Request has 95.
  package var isRequest: Bool { procedure == .createBearer ? number == 95 : number.isMultiple(of: 2) }

  /// "GTPv2-C".
  package var protocolName: String { "GTPv\(version)-C" }

  /// "Create Session Request"; "message type 200" for one without a name here.
  package var name: String {
    (version == 1 ? GTPMessageType.version1[number] : GTPMessageType.version2[number]) ?? "message type \(number)"
  }

  /// TS 29.060 table 1.
  private static let version1: [UInt8: String] = [
    1: "Echo Request", 2: "Echo Response", 3: "Version Not Supported", 6: "Redirection Request",
    7: "Redirection Response",
    16: "Create PDP Context Request", 17: "Create PDP Context Response", 18: "Update PDP Context Request",
    19: "Update PDP Context Response", 20: "Delete PDP Context Request", 21: "Delete PDP Context Response",
    22: "Initiate PDP Context Activation Request", 23: "Initiate PDP Context Activation Response",
    27: "PDU Notification Request", 28: "PDU Notification Response", 31: "Supported Extension Headers Notification",
    48: "Identification Request", 49: "Identification Response", 50: "SGSN Context Request",
    51: "SGSN Context Response",
    52: "SGSN Context Acknowledge", 53: "Forward Relocation Request", 54: "Forward Relocation Response",
    128: "MS Info Change Notification Request", 129: "MS Info Change Notification Response",
  ]

  /// TS 29.274 table 6.1-1.
  private static let version2: [UInt8: String] = [
    1: "Echo Request", 2: "Echo Response", 3: "Version Not Supported Indication", 32: "Create Session Request",
    33: "Create Session Response", 34: "Modify Bearer Request", 35: "Modify Bearer Response",
    36: "Delete Session Request",
    37: "Delete Session Response", 38: "Change Notification Request", 39: "Change Notification Response",
    64: "Modify Bearer Command", 65: "Modify Bearer Failure Indication", 66: "Delete Bearer Command",
    67: "Delete Bearer Failure Indication", 68: "Bearer Resource Command", 69: "Bearer Resource Failure Indication",
    70: "Downlink Data Notification Failure Indication", 95: "Create Bearer Request", 96: "Create Bearer Response",
    97: "Update Bearer Request", 98: "Update Bearer Response", 99: "Delete Bearer Request",
    100: "Delete Bearer Response",
    128: "Identification Request", 129: "Identification Response", 130: "Context Request", 131: "Context Response",
    132: "Context Acknowledge", 133: "Forward Relocation Request", 134: "Forward Relocation Response",
    149: "Detach Notification", 150: "Detach Acknowledge", 162: "Suspend Notification", 163: "Suspend Acknowledge",
    164: "Resume Notification", 165: "Resume Acknowledge", 170: "Release Access Bearers Request",
    171: "Release Access Bearers Response", 176: "Downlink Data Notification",
    177: "Downlink Data Notification Acknowledge",
  ]
}

/// Why a request of GTP-C was granted or not, or why something ends (TS 29.060 §7.7.1, TS 29.274 §8.4).
package struct GTPCause: Hashable, Sendable, BitwiseCopyable {
  /// 1 or 2.
  package let version: UInt8
  package let number: UInt8

  package init(version: UInt8, _ number: UInt8) {
    self.version = version
    self.number = number
  }

  /// Another type of address than asked for, or only some of the bearers, is acceptance too.
  package var isAccepted: Bool { version == 1 ? (128...191).contains(number) : (16...63).contains(number) }

  /// "Request accepted"; "cause 250" for one without a name here.
  package var name: String {
    (version == 1 ? GTPCause.version1[number] : GTPCause.version2[number]) ?? "cause \(number)"
  }

  private static let version1: [UInt8: String] = [
    4: "MS refuses", 5: "MS is not GPRS responding", 6: "Reactivation requested", 128: "Request accepted",
    129: "New PDP type due to network preference", 130: "New PDP type due to single address bearer only",
    192: "Non-existent", 193: "Invalid message format", 194: "IMSI not known", 195: "MS is GPRS detached",
    196: "MS is not GPRS responding", 197: "MS refuses", 198: "Version not supported", 199: "No resources available",
    200: "Service not supported", 201: "Mandatory IE incorrect", 202: "Mandatory IE missing",
    203: "Optional IE incorrect",
    204: "System failure", 205: "Roaming restriction", 207: "GPRS connection suspended", 208: "Authentication failure",
    209: "User authentication failed", 210: "Context not found", 211: "All dynamic PDP addresses are occupied",
    212: "No memory is available", 213: "Relocation failure", 219: "Missing or unknown APN",
    220: "Unknown PDP address or PDP type", 222: "APN access denied, no subscription",
    223: "APN restriction type incompatible with active PDP contexts", 228: "Collision with network initiated request",
    229: "APN congestion",
  ]

  private static let version2: [UInt8: String] = [
    2: "Local detach", 3: "Complete detach", 8: "Reactivation requested", 9: "PDN reconnection to this APN disallowed",
    16: "Request accepted", 17: "Request accepted partially", 18: "New PDN type due to network preference",
    19: "New PDN type due to single address bearer only", 64: "Context not found", 65: "Invalid message format",
    66: "Version not supported by next peer", 67: "Invalid length", 68: "Service not supported",
    69: "Mandatory IE incorrect", 70: "Mandatory IE missing", 72: "System failure", 73: "No resources available",
    78: "Missing or unknown APN", 82: "Denied in RAT", 83: "Preferred PDN type not supported",
    84: "All dynamic addresses are occupied", 87: "UE not responding", 88: "UE refuses", 89: "Service denied",
    90: "Unable to page UE", 91: "No memory available", 92: "User authentication failed",
    93: "APN access denied, no subscription", 94: "Request rejected, reason not specified", 96: "IMSI/IMEI not known",
    100: "Remote peer not responding", 101: "Collision with network initiated request", 103: "Conditional IE missing",
    104: "APN restriction type incompatible with active PDN connection", 107: "Invalid reply from remote peer",
    109: "Invalid peer", 110: "Temporarily rejected due to a handover or tracking area update", 113: "APN congestion",
    116: "Multiple PDN connections for a given APN not allowed",
  ]
}
