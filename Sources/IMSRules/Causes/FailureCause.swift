package import IMSMessages

/// A candidate for why a registration did not end well: what kind of failure it is, whose, and what shows it.
package struct FailureCause: Sendable, Equatable {
  /// In the order in which the first that holds is the primary one, among those that are shown alike.
  package enum ID: String, Sendable, CaseIterable {
    case bearer = "NET.BEARER"
    case dns = "NET.DNS"
    case transport = "NET.TRANSPORT"
    case noAnswer = "UE.NO_ANSWER"
    case ipsec = "SEC.IPSEC"
    case mac = "AUT.MAC"
    case synchronisation = "AUT.SYNC"
    case response = "AUT.RES"
    case falseReject = "AUT.FALSE_REJECT"
    case unknownUser = "CX.UNKNOWN_USER"
    case identity = "CX.IDENTITY"
    case barred = "CX.BARRED"
    case roaming = "CX.ROAMING"
    case scheme = "CX.SCHEME"
    case assignment = "CX.ASSIGN"
    case hssError = "CX.HSS_ERROR"
    case hssTimeout = "CX.TIMEOUT"
    case selection = "S.SELECT"
    case unreachable = "S.UNREACHABLE"
    case interval = "S.INTERVAL"
    case policy = "S.POLICY"
    case proxyRejects = "P.REJECT"
    case overload = "OVERLOAD"
    case protocolError = "PROTOCOL"
    case unknown = "UNKNOWN"

    /// Who has to look.
    package var domain: String {
      switch self {
      case .bearer: "access"
      case .dns: "core/DNS"
      case .transport: "transport"
      case .noAnswer: "UE/radio"
      case .ipsec: "UE/P-CSCF"
      case .mac: "HSS/USIM data"
      case .synchronisation: "HSS/USIM"
      case .response: "UE/credentials"
      case .falseReject, .unreachable, .policy: "S-CSCF"
      case .unknownUser, .identity, .barred: "subscription"
      case .roaming: "policy"
      case .scheme: "HSS configuration"
      case .assignment: "HSS/S-CSCF"
      case .hssError, .hssTimeout: "HSS/DRA"
      case .selection: "I-CSCF"
      case .interval: "UE/S-CSCF"
      case .proxyRejects: "P-CSCF"
      case .overload: "any node"
      case .protocolError: "sender"
      case .unknown: "not known"
      }
    }
  }

  /// How much of it the capture shows.
  package enum Evidence: String, Sendable, CaseIterable {
    /// A message or an event says so.
    case shown
    /// Something did not come although it would have been captured.
    case indicated
    /// Nothing speaks against it, and what would decide it was not observable; the sentence says what.
    case possible
  }

  package var id: ID
  package var evidence: Evidence
  /// With node and hop.
  package var sentence: String
  /// Indices into `Flow.messages`, the one that shows it best first.
  package var messages: [Int]
  package var frames: [IssueLog.FrameReference]
}

extension FlowReport {
  /// As many candidates as are told.
  package static let causeLimit = 3
}
