import IMSAccess
package import IMSBytes
package import IMSDiameter
package import IMSMessages
package import IMSSIP
package import IMSWire

/// One registration: from the REGISTER that begins it to its last final answer, over every hop and capture point.
///
/// Messages are named by their index in `messages`, which is sorted by (time, input, frame).
package struct Flow: Sendable {
  package var kind: Kind
  package var mechanism: Mechanism
  package var outcome: Outcome
  /// The hop that the outcome was read from; nil when nothing could be read.
  package var seenAt: SeenAt?
  /// The last final status at that hop (SIP).
  package var finalStatus: Int?
  /// One sentence: why it ended as it did, and where.
  package var cause: String { CauseWriter(flow: self).sentence() }
  /// Where the documented sequence stopped, nil when it was completed: "C3: 401 (P-CSCF → UE) never came".
  package var stoppedAt: String?
  /// Nil where nothing went wrong that was seen.
  package var trouble: FlowTrouble?

  /// The ICMP error, TCP reset or SCTP abort that explains why an answer never came.
  package var failure: Message?

  package var impi: Text?
  package var impu: Text?
  package var callIDs: [Text]
  package var sessionIDs: [Text]

  package var messages: [FlowMessage]
  /// The credentials and challenges of its messages, and maybe of others.
  package var digests = DigestTable()
  /// One for each REGISTER of the UE (Call-ID and CSeq), in the order of their CSeq.
  package var rounds: [Round]
  /// One for each SIP transaction on one hop.
  package var transactions: [Transaction]
  package var exchanges: [Exchange]
  package var parties: [Party]
  /// Which variants of the documented sequence it is; empty where nothing tells.
  package var variants: [Variant.ID] = []
  /// Tells which frames of which inputs those of the sightings are.
  package var recorders = Recorders()
  /// Observability per hop of the documented sequence.
  package var hops: [HopView]
  package var deviations: [Deviation]
  /// Steps that may be missing in the capture alone, which lacks packets there and then.
  package var unseen: [Deviation] = []
  /// What this network does in its own way.
  package var customs = Customs()
  /// What is asked of the above again and again, and what follows from it.
  package var index = FlowIndex.empty
  package var facts = FlowFacts.empty
  /// Of its last REGISTER, from the hop nearest to the UE that showed it.
  var lastView = RoundView.unseen
  /// A final response to its last REGISTER that left toward the UE and never came to the capture point nearest to it.
  package var lostAnswer: Int? { rounds.isEmpty ? nil : lastView.lost }

  package var start: Timestamp
  package var end: Timestamp
  /// When the registration was over in packet time: what orders registrations. `distantFuture` when the input ended first.
  package var closedAt: Timestamp
  /// The capture holds the beginning: the first REGISTER answers no challenge that was not seen.
  package var startSeen: Bool
  /// Time of which nothing is known because memory was short: from when it was closed before its end on, or all the time of
  /// the rest of such a registration.
  package var unknown: ClosedRange<Timestamp>?
  /// What was known of the subscriber before this registration.
  package var before: Binding?
  /// The ESP between the UE and its P-CSCF; nil when none was captured.
  package var esp: ESPTraffic?
  /// What the UE sent after a challenge may have travelled in ESP that was not read, or not captured.
  var hidesESP = false

  package enum Kind: String, Sendable, CaseIterable {
    case initial, refresh, deregistration, networkDeregistration, thirdParty, emergency, fetch, unknown
  }

  package enum Mechanism: String, Sendable, CaseIterable {
    case aka, digest, tls, giba, nba, none, unknown
  }

  package enum Outcome: String, Sendable, CaseIterable {
    case registered, deregistered, rejected, unanswered, abandoned, partial

    /// It came to what was asked for.
    package var isGood: Bool { self == .registered || self == .deregistered }
  }

  package enum SeenAt: String, Sendable {
    case h0 = "H0"
    case h1 = "H1"
    case h2 = "H2"
    case cx = "Cx"
  }
}

/// A message in its place: hop, step of the documented sequence, roles of both ends.
package struct FlowMessage: Sendable {
  package let message: Message
  /// Of the message: what is computed would copy all of this for each question.
  package let facts: MessageFacts
  package let authentication: AuthenticationFacts
  /// Its Security-Server offers an association of IPsec.
  let offersIPsec: Bool
  package let time: Timestamp
  package let sip: SIPMessage?
  package let diameter: DiameterMessage?
  package var hop: Hop?
  var stepName = StepName()
  /// Of a message of REGISTER or Cx the round that it belongs to, -1 for none.
  var round: Int32 = -1
  package var from: Role?
  package var to: Role?
  /// A request or response of REGISTER.
  package let isRegister: Bool
  /// Of SIP.
  package let isRequest: Bool
  package let isDNS: Bool
  /// Of SIP, whatever the method.
  package let isSIP: Bool
  /// A request or a query, of whatever protocol.
  package let asks: Bool
  /// 0 for what is no SIP response.
  package let status: Int
  /// Of Diameter.
  package let command: CommandCode?

  package init(_ message: Message, on hop: Hop? = nil) {
    var digests = DigestTable()
    var reader = HeaderReader()
    self.init(
      message, MessageFacts(message), message.authentication(&digests), message.readings(by: &reader), on: hop)
  }

  init(
    _ message: Message, _ facts: MessageFacts, _ authentication: AuthenticationFacts, _ readings: SIPReadings?,
    on hop: Hop?
  ) {
    self.message = message
    self.hop = hop
    self.facts = facts
    self.authentication = authentication
    offersIPsec = readings?.offersIPsec ?? false
    time = facts.time
    isSIP = facts.isSIP
    sip = isSIP ? message.sip(with: readings) : nil
    diameter = facts.command == nil ? nil : message.diameter
    isDNS = facts.keys == nil && facts.command == nil && message.isDNS
    isRegister = facts.isRegister
    isRequest = facts.isRequest
    status = facts.status
    command = facts.command
    asks = facts.asks
  }

  /// Identifier of the row of the documented sequence.
  package var step: String? {
    get { stepName.text }
    set { stepName = StepName(newValue) }
  }

  /// Of the access network, before the registration.
  package var isAccess: Bool {
    switch hop {
    case .s11, .g1, .d0: true
    default: false
    }
  }
}

/// "B4": a few ASCII letters and digits, without a reference to count.
struct StepName: Equatable, Sendable, BitwiseCopyable {
  private var letters: UInt32 = 0

  init() {}

  init(_ name: String?) {
    guard let name else { return }
    var shift: UInt32 = 0
    for byte in name.utf8 where shift < 32 {
      letters |= UInt32(byte) << shift
      shift += 8
    }
  }

  var text: String? {
    guard letters != 0 else { return nil }
    return withUnsafeBytes(of: letters.littleEndian) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// One REGISTER of the UE with everything it caused.
package struct Round: Sendable {
  package var callID: Fingerprint
  package var cseq: UInt32
  package var start: Timestamp
  /// " (CSeq 2)"; empty where the capture cut it off.
  package var cseqText: String { cseq < CutMessages.standIn ? " (CSeq \(cseq))" : "" }
  /// Indices into `Flow.transactions`, by hop.
  package var transactions: IndexList
  /// Indices into `Flow.exchanges`.
  package var exchanges: IndexList
}

/// A request and its responses on one hop (RFC 3261 §17): matched by top Via branch, sent-by and CSeq; a response whose
/// Via does not match is taken by Call-ID, CSeq and the two ends.
package struct Transaction: Sendable {
  package var hop: Hop
  package var round: Int
  /// Usually one; a request that was sent again with other bytes but the same branch is a further one.
  package var requests = IndexList()
  /// In order of time, provisional ones included.
  package var responses = IndexList()
  /// Those of `responses` that are final.
  package var finals = IndexList()
}

/// A Cx request and its answer, as the node that asks has them.
package struct Exchange: Sendable {
  package var hop: Hop
  package var request: Int?
  package var answer: Int?
  package var round: Int?
  /// Where agents stand between: the same request and answer between an agent and the next node, from the asking node on.
  /// What is judged is the exchange itself.
  package var legs: [Leg] = []

  package struct Leg: Equatable, Sendable, BitwiseCopyable {
    package var request: Int?
    package var answer: Int?

    package var messages: [Int] { [request, answer].compactMap(\.self) }
  }
}

/// A node of the registration.
package struct Party: Sendable, Equatable {
  package var role: Role
  package var address: IPAddress
  package var port: UInt16?
  package var transport: Transport?
  package var name: Text?
  package var evidence: Evidence

  /// Why this role: "sent the 2-Via REGISTER".
  package var basis: String { evidence.text }
}

/// How much of a hop could be seen (§1.4 of the sequence).
package struct HopView: Sendable, Equatable {
  package enum State: String, Sendable { case seen, visible, opaque, blind }
  package var hop: Hop
  package var state: State
  /// The last moment at which a capture point that sees this hop was still recording.
  package var until: Timestamp
  /// What is missing between its nodes.
  package var losses: [Loss] = []
  /// Of the flow.
  package var unknown: ClosedRange<Timestamp>?

  /// Why a message that was not seen here in that time may have been sent all the same; nil when nothing is missing.
  package func loss(from start: Timestamp, to end: Timestamp) -> Unobservable? {
    if losses.isEmpty, unknown == nil { return nil }
    let range = start - LossLedger.slack...max(start, end) + LossLedger.slack
    if let unknown, unknown.overlaps(range) { return .memory }
    guard let loss = losses.first(where: { range.contains($0.time) }) else { return nil }
    return loss.isCut ? .truncated : .loss
  }
}

/// A difference between the documented sequence and what was seen.
package struct Deviation: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case missing, extra, outOfOrder
    /// Comes from, or goes to, another node than the step says: `from` and `to` are who it was.
    case wrongPeer
    /// Where a registration that did not end well left the sequence.
    case stoppedHere
  }

  package var kind: Kind
  /// Empty for a message that the sequence does not know.
  package var step: String
  /// "TS 24.229 5.2.2.1"; empty where the sequence has none.
  package var clause: String
  package var hop: Hop
  package var from: Role
  package var to: Role
  package var label: String
  /// Index of the message concerned; for a step that never came, of the message behind which it was due.
  package var message: Int?
}

/// What is kept of a subscriber when a registration has been closed: a few words, no text.
package struct Binding: Sendable, Equatable, BitwiseCopyable {
  package var callID: Fingerprint
  package var cseq: UInt32
  package var registered: Bool
  /// The UE talks to the P-CSCF in IPsec security associations.
  package var inIPsec: Bool
  /// When the last 2xx was sent on the hop nearest to the UE, and for how many seconds it bound the UE; 0 where no hop told.
  package var grantedAt = Timestamp.distantPast
  package var expiry: UInt32 = 0
  /// The registration was closed before its end: what follows may be its rest.
  package var wasGivenUp = false
  /// No answer to its last REGISTER was seen but what a proxy may make by itself: it may have been challenged or granted.
  package var isUnanswered = false

  package init(callID: Fingerprint, cseq: UInt32, registered: Bool, inIPsec: Bool) {
    self.callID = callID
    self.cseq = cseq
    self.registered = registered
    self.inIPsec = inIPsec
  }
}

/// Why something could not be judged (§1.4 of the sequence).
package enum Unobservable: String, Sendable, CaseIterable {
  case noHop = "NO-HOP"
  case noStart = "NO-START"
  case noEnd = "NO-END"
  case opaque = "OPAQUE"
  case truncated = "TRUNCATED"
  case loss = "LOSS"
  case memory = "MEMORY"
  case role = "ROLE?"
  case b2bua = "B2BUA"

  package var meaning: String {
    switch self {
    case .noHop: "not captured"
    case .noStart: "the capture begins after the start"
    case .noEnd: "the capture ends before the answer was due"
    case .opaque: "encrypted, keys unknown"
    case .truncated: "cut by the capture"
    case .loss: "packets missing in the capture"
    case .memory: "given up to bound memory"
    case .role: "the role of a node is not known"
    case .b2bua: "a back-to-back user agent lies between"
    }
  }
}

extension Flow {
  /// Where a message was first seen: "frame 12", "frame 12 of input 1".
  package func frameText(_ message: Message) -> String {
    let place = recorders.first(of: message.firstSighting)
    return place.input == 0 ? "frame \(place.frame)" : "frame \(place.frame) of input \(place.input)"
  }
}
