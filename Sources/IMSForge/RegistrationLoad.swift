/// Many registrations of distinct subscribers in the packets of a network: begun at a steady rate, interleaved, some
/// never answered. What measurements read; the same values give the same packets.
///
/// A core message is sighted at its sender's and at its receiver's point; one on Gm also on the UE's side of the router
/// between, beyond which its time to live is one less and its link addresses are others.
package struct RegistrationLoad: Sendable {
  /// The digest response of a subscriber to the challenge made of the first vector.
  package typealias Responder = @Sendable (Cast) -> String

  package var count: Int
  /// Number of the first subscriber.
  package var first = 1
  /// Registrations begun in each second of capture time.
  package var rate: Int
  /// Of so many registrations the last is never answered: 2 %. 0 for none.
  package var unansweredEvery = 50
  /// Nanoseconds from one point to the next.
  package var delay: Int64 = 100_000
  private let respond: Responder?
  private let traffic: CarrierTraffic?

  /// Without `respond` the responses of all but the first subscriber are wrong. With `traffic` the registrations are those
  /// of a mobile network; without, they are as short as the standards let them be, and over UDP.
  package init(count: Int, rate: Int = 400, traffic: CarrierTraffic? = nil, respond: Responder? = nil) {
    precondition(rate > 0, "no registration would ever begin")
    self.count = count
    self.rate = rate
    self.traffic = traffic
    self.respond = respond
  }

  package static let interfaces = ["ue", "rtr", "p", "i", "s", "hss", "dns"].map {
    CaptureInterface(name: $0, resolution: 9)
  }

  private static let points: [Cast.Member: Int] = [
    .ue: 0, .pcscf: 2, .icscf: 3, .scscf: 4, .hss: 5, .dns: 6,
  ]
  private static let router = 1
  private static let routerAddress: [UInt8] = [2, 0, 0, 0, 0, 0xfe]

  /// Hands over all packets in order of time, a second of capture time at once, so that none of it need be kept.
  package func eachSecond(_ body: ([CaptureRecord]) throws -> Void) rethrows {
    var carriers = Carriers(traffic)
    var sendings: [Due] = []
    var records: [CaptureRecord] = []
    var number = first
    var second: Int64 = 1
    while number < first + count || !sendings.isEmpty || !records.isEmpty {
      let end = TraceText.start + second * 1_000_000_000
      while number < first + count, start(number) < end {
        sendings += story(number, &carriers)
        number += 1
      }
      for due in Self.take(&sendings, before: end, time: \.sending.time) {
        for frame in carriers.frames(due) { records += sightings(due.sending, frame) }
      }
      try body(Self.take(&records, before: end, time: \.time))
      second += 1
    }
  }

  private func start(_ number: Int) -> Int64 { TraceText.start + Int64(number - first) * 1_000_000_000 / Int64(rate) }

  /// What a registration has yet to send.
  private struct Due {
    var sending: Sending
    var number: Int
  }

  /// What carries the messages: one for the core, and one for each UE whose registration is not over.
  private struct Carriers {
    private let traffic: CarrierTraffic?
    private var core: Wires
    private var access: [Int: (wires: Wires, left: Int)] = [:]

    init(_ traffic: CarrierTraffic?) {
      self.traffic = traffic
      core = traffic?.core ?? Wires()
    }

    mutating func open(_ cast: Cast, for sendings: [Sending]) {
      guard let traffic else { return }
      access[cast.number] = (traffic.access(cast), sendings.count { $0.from == .ue || $0.to == .ue })
    }

    mutating func frames(_ due: Due) -> [[UInt8]] {
      guard due.sending.from == .ue || due.sending.to == .ue,
        let frames = access[due.number]?.wires.frames(due.sending)
      else { return core.frames(due.sending) }
      access[due.number]?.left -= 1
      if access[due.number]?.left == 0 { access[due.number] = nil }
      return frames
    }
  }

  private func story(_ number: Int, _ carriers: inout Carriers) -> [Due] {
    var recipe =
      traffic?.recipe(number, start: start(number)) ?? RegistrationRecipe(subscriber: number, start: start(number))
    if let respond { recipe.cast.vectors[0].responses[recipe.cast.domain] = respond(recipe.cast) }
    let sendings = sendings(&recipe)
    carriers.open(recipe.cast, for: sendings)
    return sendings.map { Due(sending: $0, number: number) }
  }

  private func sendings(_ recipe: inout RegistrationRecipe) -> [Sending] {
    let number = recipe.cast.number
    let isAnswered = unansweredEvery == 0 || number % unansweredEvery != 0
    if !isAnswered { recipe.steps = [.registerUE] }
    let sent = traffic?.sendings(recipe) ?? recipe.sendings().map { Self.ownQuery($0, number) }
    if isAnswered || recipe.cast.transport == .tcp { return sent }
    return sent
      + Self.retransmissions.flatMap { seconds in
        sent.map { sending in
          var again = sending
          again.time += seconds * 1_000_000_000
          return again
        }
      }
  }

  /// A DNS message with an identifier of this registration: the same one again would be a retransmission.
  static func ownQuery(_ sending: Sending, _ number: Int) -> Sending {
    guard sending.from == .dns || sending.to == .dns else { return sending }
    var own = sending
    own.payload[0] = UInt8(number >> 8 & 255)
    own.payload[1] = UInt8(number & 255)
    return own
  }

  /// Seconds after the first REGISTER: timer E with T1 2 s and T2 16 s, until timer F ends it after 128 s (TS 24.229
  /// §7.7, RFC 3261 §17.1.2.2).
  private static let retransmissions: [Int64] = [2, 6, 14, 30, 46, 62, 78, 94, 110, 126]

  private func sightings(_ sending: Sending, _ frame: [UInt8]) -> [CaptureRecord] {
    guard let from = Self.points[sending.from], let to = Self.points[sending.to] else { return [] }
    let last = sending.time + 2 * delay
    let first = CaptureRecord(interface: from, time: sending.time, bytes: frame)
    guard sending.from == .ue || sending.to == .ue else {
      return [first, CaptureRecord(interface: to, time: last, bytes: frame)]
    }
    let routed = Self.routed(frame)
    let between = sending.from == .ue ? frame : routed
    return [
      first, CaptureRecord(interface: Self.router, time: sending.time + delay, bytes: between),
      CaptureRecord(interface: to, time: last, bytes: routed),
    ]
  }

  /// The frame as a router sends it on: an IPv4 packet with one less to live.
  private static func routed(_ frame: [UInt8]) -> [UInt8] {
    var bytes = frame
    bytes.replaceSubrange(6..<12, with: routerAddress)
    bytes[22] -= 1
    bytes[24] = 0
    bytes[25] = 0
    let checksum = Checksum.of(Array(bytes[14..<34]))
    bytes[24] = UInt8(checksum >> 8)
    bytes[25] = UInt8(checksum & 0xff)
    return bytes
  }

  /// Removes what is earlier than `end` and gives it in order of time; of the same time, in the order of coming.
  private static func take<Item>(_ items: inout [Item], before end: Int64, time: (Item) -> Int64) -> [Item] {
    let due = items.indices.filter { time(items[$0]) < end }
    let sorted = due.sorted { (time(items[$0]), $0) < (time(items[$1]), $1) }.map { items[$0] }
    items.removeAll { time($0) < end }
    return sorted
  }
}
