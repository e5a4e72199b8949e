/// One line of a ladder as its author says it; the story fills in the rest.
struct Arrow: Sendable {
  enum What: Sendable {
    case request(method: String, uri: String?)
    case response(status: Int, reason: String?)
    /// Command name as "UAR" or "MAA"; a result when the author gave one.
    case diameter(String, CxResult?)
    case query(type: String, name: String)
    case answer(kind: String, value: String)
    /// A procedure of GTP-C; who sends it tells request and answer.
    case access(String)
    /// ICMP port unreachable for the last packet that came from there.
    case unreachable
  }

  /// A header or AVP that the author adds or replaces; without a value: removes.
  struct Override: Sendable {
    var name: String
    var value: String?
  }

  var from: Cast.Member
  var to: Cast.Member
  var what: What
  var overrides: [Override] = []
  var body: [String]?
  var isAgain = false
}

/// A message as it leaves its sender, before it becomes packets.
package struct Sending: Sendable {
  package enum Transport: Sendable { case udp, tcp, icmp }

  package var time: Int64
  package var from: Cast.Member
  package var to: Cast.Member
  package var source: HostPort
  package var destination: HostPort
  package var transport: Transport
  package var payload: [UInt8]
  /// SPI of the security association in which the message belongs; nil for one outside.
  package var spi: UInt32?
  /// Of a TCP segment without a payload, that opens, acknowledges or closes.
  package var control: TCPFlags?

  package init(
    time: Int64, from: Cast.Member, to: Cast.Member, source: HostPort, destination: HostPort, transport: Transport,
    payload: [UInt8], spi: UInt32? = nil
  ) {
    self.time = time
    self.from = from
    self.to = to
    self.source = source
    self.destination = destination
    self.transport = transport
    self.payload = payload
    self.spi = spi
  }
}

/// What a story refuses, in words.
struct StoryError: Error, Hashable {
  var reason: String
}

/// Tells a ladder arrow by arrow. What an arrow leaves open becomes what TS 24.229 and TS 29.228 expect there after all
/// that was told before; a hop that is not told is imagined, so that the messages beyond it are right all the same.
struct Story: Sendable {
  var cast: Cast
  var clock: Int64
  private(set) var sendings: [Sending] = []
  /// Requests on their hops, told or imagined, newest last.
  var hops: [Hop] = []
  var subscriber = Subscriber()
  var cx = CxState()
  var lastQuery: DNSBuilder?
  private var branches = 0
  private var dialogs = 0
  /// Of GTP-C.
  var procedures: UInt32 = 0

  init(cast: Cast, clock: Int64) {
    self.cast = cast
    self.clock = clock
  }

  /// A SIP request on one hop.
  struct Hop: Sendable {
    var from: Cast.Member
    var to: Cast.Member
    var method: String
    /// Number of the REGISTER pass, 0 for other methods.
    var pass: Int
    var sent: SIPBuilder
    /// As the receiver sees it: `received` and `rport` are filled in.
    var received: SIPBuilder
    var source: HostPort
    var destination: HostPort
    var isTold: Bool
    /// The last final response on this hop.
    var response: SIPBuilder?
    var status = 0
  }

  /// What the UE and its registrar remember.
  struct Subscriber: Sendable {
    var callID: String?
    var sequence = 0
    var pass = 0
    var nextVector = 0
    /// From an MAA, not yet used in a 401.
    var fetchedVector: Int?
    var challenge: (nonce: String, vector: Int)?
    /// The last final response was a challenge that waits for its answer.
    var isChallenged = false
    var isRegistered = false
    /// MAR or SAR has named an S-CSCF at the HSS.
    var isAssigned = false
    var server = Cast.Member.scscf
    var offered = 0
    /// The generation of the security associations in use.
    var active: Int?
    var securityClient: [String] = []
    var securityServer: [String] = []
    var serviceRoute: [String] = []
  }

  mutating func nextBranch(_ member: Cast.Member) -> String {
    branches += 1
    return "z9hG4bK-\(member.rawValue.lowercased())-\(cast.number).\(branches)"
  }

  mutating func nextDialog() -> Int {
    dialogs += 1
    return dialogs
  }

  /// Forgets the registration: the next REGISTER is an initial one with a Call-ID of its own.
  mutating func restart(user: String? = nil) {
    let vectors = subscriber.nextVector
    subscriber = Subscriber()
    dialogs += 1
    subscriber.callID = "reg-\(dialogs + 1)@\(cast.address(.ue).host)"
    hops = []
    if let user {
      cast.user = user
      cast.number += 1
      cast.addresses[.ue]?.host.bytes[3] += 1
      subscriber.callID = nil
    } else {
      subscriber.nextVector = vectors
    }
  }

  mutating func tell(_ arrow: Arrow) throws(StoryError) {
    if arrow.isAgain { return try repeatLast(arrow) }
    switch arrow.what {
    case .request(let method, let uri): request(arrow, method: method, uri: uri)
    case .response(let status, let reason): try response(arrow, status: status, reason: reason)
    case .diameter(let name, let result): try diameter(arrow, name: name, result: result)
    case .query(let type, let name): try query(arrow, type: type, name: name)
    case .answer(let kind, let value): try answer(arrow, kind: kind, value: value)
    case .access(let procedure): try access(arrow, procedure: procedure)
    case .unreachable: send([], arrow, from: cast.address(arrow.from), to: cast.address(arrow.to), .icmp)
    }
  }

  /// A retransmission: the same bytes between the same endpoints.
  private mutating func repeatLast(_ arrow: Arrow) throws(StoryError) {
    guard var last = sendings.last(where: { $0.from == arrow.from && $0.to == arrow.to && Self.is($0, arrow.what) })
    else { throw StoryError(reason: "(again) without a message before it") }
    last.time = clock
    sendings.append(last)
  }

  /// Whether the bytes begin as the arrow says.
  private static func `is`(_ sending: Sending, _ what: Arrow.What) -> Bool {
    switch what {
    case .request(let method, _): sending.payload.starts(with: Array("\(method) ".utf8))
    case .response(let status, _): sending.payload.starts(with: Array("SIP/2.0 \(status) ".utf8))
    case .diameter(let name, _):
      sending.payload.first == 1 && sending.payload.count >= 20
        && CxState.commands[String(name.dropLast())] == sending.payload[5..<8].reduce(0) { $0 << 8 | UInt32($1) }
    case .query, .answer, .access: sending.transport == .udp
    case .unreachable: sending.transport == .icmp
    }
  }

  mutating func send(
    _ payload: [UInt8], _ arrow: Arrow, from source: HostPort, to destination: HostPort,
    _ transport: Sending.Transport, spi: UInt32? = nil
  ) {
    sendings.append(
      Sending(
        time: clock, from: arrow.from, to: arrow.to, source: source, destination: destination, transport: transport,
        payload: payload, spi: spi))
  }

  /// The author's words over the defaults.
  static func apply(_ arrow: Arrow, to message: inout SIPBuilder) {
    var done: Set<String> = []
    for override in arrow.overrides where done.insert(override.name.lowercased()).inserted {
      let values = arrow.overrides.filter { $0.name.lowercased() == override.name.lowercased() }.compactMap(\.value)
      if let dot = override.name.firstIndex(of: ".") {
        let parameter = String(override.name[override.name.index(after: dot)...])
        message.setParameter(parameter, of: String(override.name[..<dot]), to: values.first)
      } else {
        message.set(override.name, all: values)
      }
    }
    if let body = arrow.body { message.body = body.map { $0 + "\r\n" }.joined() }
  }
}
