import IMSAccess
import IMSAnalysis
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSForge
import IMSMessages
import IMSRules
import IMSSIP
import IMSSecrets
import IMSWire
import TestSupport
import Testing

/// The tables of registrations and of what belongs to the capture: each forgets when it is full, and says so.
@Suite struct TableBoundsTests {
  private static let client = IPAddress(v4: 0x0a00_0001)
  private static let server = IPAddress(v4: 0x0a00_0002)

  private static func address(_ number: Int) -> IPAddress { IPAddress(v4: 0x0b00_0000 + UInt32(number)) }
  private static func time(_ milliseconds: Int) -> Timestamp {
    Timestamp(nanoseconds: 0) + .milliseconds(Int64(milliseconds))
  }

  private static func sighting(_ number: Int, at time: Timestamp) -> Sighting {
    Sighting(
      point: CapturePoint(input: 0, interface: 0), time: time, frames: FrameList(UInt32(number), fileOffset: 0),
      hopLimit: 64, layers: LayerStack(), identity: 0)
  }

  /// The `number`th message, from a port of its own.
  private static func message(_ number: Int, _ body: Message.Body, from source: IPAddress = client, at time: Timestamp)
    -> Message
  {
    Message(
      id: MessageID(UInt32(number)), body: body, source: Endpoint(source, UInt16(truncatingIfNeeded: number)),
      destination: Endpoint(server, 5060), transport: .udp, isTruncated: false,
      sighting: sighting(number + 1, at: time))
  }

  private static func register(_ number: Int, _ headers: String = "", isCut: Bool = false) throws -> Message {
    let text = """
      REGISTER sip:h SIP/2.0\r
      Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK\(number)\r
      From: <sip:a>;tag=\(number)\r
      To: <sip:a\(number)>\r
      \(headers)Call-ID: \(number)\r
      CSeq: 1 REGISTER\r
      \r

      """
    let sip = try SIPMessage(parsing: Array(text.utf8).span.bytes, truncated: isCut)
    return Message(
      id: MessageID(UInt32(number)), body: .sip(sip), source: Endpoint(client, 5060),
      destination: Endpoint(server, 5060), transport: .udp, isTruncated: isCut,
      sighting: sighting(number + 1, at: time(number)))
  }

  private static func cx(_ message: DiameterBuilder) throws -> Message.Body {
    .diameter(try DiameterMessage(parsing: message.bytes.span.bytes))
  }

  private static func exchange(_ number: Int) -> CxBuilder.Exchange {
    CxBuilder.Exchange(
      session: "s\(number)", hopByHop: UInt32(number), endToEnd: UInt32(number), client: "i", server: "h", realm: "r")
  }

  // MARK: Registrations

  @Test func bindingsAreForgotten() throws {
    let one =
      "UE -> P: REGISTER sip:hims.net\nP -> UE: 401 Unauthorized\nUE -> P: REGISTER sip:hims.net\nP -> UE: 200 OK"
    let names = (0..<70).map { "user \($0)" }
    let trace = try TraceText(names.map { "\($0)\n\(one)" }.joined(separator: "\n"))
    let messages = MessageLister().collect([.file(BlockFile(bytes: trace.bytes))]).messages
    // One place in each share: of those that share one, the first go.
    for places in [Bindings.shares, 70 * Bindings.shares] {
      var correlator = Correlator(bindings: places)
      var router = Router()
      var subscribers = Set<Fingerprint>()
      for message in messages {
        guard let subscriber = router.route(message) else { continue }
        correlator.add(message, subscriber: subscriber)
        subscribers.insert(subscriber)
      }
      let shares = Set(subscribers.map { Bindings.share(of: $0) }).count
      var closed = 0
      correlator.finish(ledger: Ledger()) { _ in closed += 1 }
      #expect(closed == 70 && subscribers.count == 70)
      #expect(correlator.forgottenBindings == (places == Bindings.shares ? 70 - shares : 0))
    }
  }

  @Test func identitiesAndOpenRequestsAreForgotten() throws {
    var router = Router(capacity: 5)
    for number in 0..<7 {
      let request = CxBuilder.uar(Self.exchange(number), impi: "u\(number)", impu: "sip:u\(number)", visited: "v")
      _ = router.route(Self.message(number, try Self.cx(request), at: Self.time(number)))
    }
    #expect(router.evicted == 4)
  }

  @Test func answersWaitInABoundedRoom() throws {
    var early = EarlyAnswers()
    let count = Bounds.earlyAnswers + 3
    for number in 0..<count {
      let answer = CxBuilder.answer(303, Self.exchange(number), .result(2001))
      early.hold(Self.message(number, try Self.cx(answer), at: Self.time(60_000 + number)))
    }
    #expect(early.release(before: Self.time(0)).count == 3)
    #expect(early.evicted == 3)
    #expect(early.release(before: .distantFuture).count == Bounds.earlyAnswers)
    #expect(early.evicted == 3)
  }

  @Test func pointsOfHopsAreBounded() throws {
    let trace = try TraceText("UE -> P: REGISTER sip:hims.net\nP -> UE: 200 OK")
    var flow = try #require(Lab.reports(trace.bytes).first).flow
    var message = flow.messages[0].message
    for channel in 1...UInt32(Bounds.hopPoints + 10) {
      var sighting = Self.sighting(1, at: Self.time(0))
      sighting.point = CapturePoint(input: 0, interface: 0, channel: channel)
      message.add(sighting, transmission: 0)
    }
    flow.messages[0] = Self.placed(message, as: flow.messages[0])
    var coverage = HopCoverage()
    coverage.note(HopCoverage.spans(of: flow))
    #expect(coverage.unlisted == 11)
    #expect(coverage.spans.count == Bounds.hopPoints)
  }

  /// Another message in the place of one.
  private static func placed(_ message: Message, as other: FlowMessage) -> FlowMessage {
    var placed = FlowMessage(message)
    (placed.hop, placed.from, placed.to, placed.step) = (other.hop, other.from, other.to, other.step)
    return placed
  }

  @Test func branchesOfCutMessagesAreForgotten() throws {
    var cut = CutMessages(capacity: 4)
    for number in 0..<8 {
      var message = try Self.register(number, isCut: number == 0)
      cut.complete(&message)
    }
    #expect(cut.evicted == 4)
  }

  // MARK: The ledger

  @Test func capturePointsAreBounded() {
    var ledger = Ledger()
    for channel in 0..<UInt32(Bounds.capturePoints + 5) {
      ledger.tick(CapturePoint(input: 0, interface: 0, channel: channel), Self.time(0))
    }
    #expect(ledger.points.count == Bounds.capturePoints)
    #expect(ledger.forgotten == ["packets of further capture points": 5])
  }

  @Test func nodesOfHopsAreBounded() {
    var ledger = Ledger()
    for number in 0..<Bounds.hopActivities + 5 {
      let route = LedgerRoute(hop: .h0, client: Self.client, server: Self.address(number))
      ledger.note(Self.sighting(1, at: Self.time(0)), of: route)
    }
    #expect(ledger.forgotten == ["packets of further nodes": 5])
  }

  @Test(arguments: [(Bounds.hopHistory, [0]), (Bounds.hopHistory + 20, [])] as [(Int, [UInt16])])
  func trafficOfAHopIsRememberedForAWhile(buckets: Int, inputs: [UInt16]) {
    var ledger = Ledger()
    ledger.tick(CapturePoint(input: 0, interface: 0), Self.time(0))
    let route = LedgerRoute(hop: .h1, client: Self.client, server: Self.server)
    for bucket in 0..<buckets { ledger.note(Self.sighting(1, at: Self.time(bucket * 10_000)), of: route) }
    var seeing: [CapturePoint] = []
    ledger.addPoints(
      seeing: [Ledger.Node(hop: .h1, isClient: false, address: Self.server)], from: Self.time(0), to: Self.time(1000),
      &seeing)
    #expect(seeing.map(\.input) == inputs)
  }

  @Test func hostsWithESPAreBounded() {
    var ledger = Ledger()
    for number in 0..<Bounds.espPairs + 5 {
      ledger.note(
        ESPSighting(
          state: .closed, time: Self.time(0), source: Self.client, destination: Self.address(number), spi: 1,
          input: 0))
    }
    #expect(ledger.forgotten == ["ESP packets of further hosts": 5])
  }

  @Test func hostsThatShowESPAreBounded() {
    var ledger = Ledger()
    let point = CapturePoint(input: 0, interface: 0)
    func isShown(_ number: Int) -> Bool { ledger.showsESP(of: Self.address(number), at: point, before: Self.time(0)) }
    // No two of these pairs have a host in common.
    for number in stride(from: 0, to: Bounds.espHosts + 4, by: 2) {
      ledger.note(
        ESPSighting(
          state: .closed, time: Self.time(0), source: Self.address(number), destination: Self.address(number + 1),
          spi: 1,
          input: 0))
    }
    #expect(isShown(Bounds.espHosts - 1) && !isShown(Bounds.espHosts))
    // Nor at another recorder.
    #expect(!ledger.showsESP(of: Self.address(0), at: CapturePoint(input: 1, interface: 0), before: Self.time(0)))
  }

  private static func query() throws -> Message.Body {
    let query = DNSBuilder.query("a.example", type: DNSBuilder.typeA, identifier: 1)
    return .dns(try DNSMessage(parsing: query.bytes.span.bytes))
  }

  @Test func exchangesOfDNSAreBounded() throws {
    var ledger = Ledger()
    let query = try Self.query()
    for number in 0...Bounds.dnsExchanges {
      ledger.note(Self.message(number, query, from: Self.address(number), at: Self.time(number)), nil)
    }
    #expect(ledger.forgotten == ["exchanges of DNS": (Bounds.dnsExchanges + 1) / 2])
  }

  @Test(arguments: [(-1, 100), (1, 0)]) func exchangesOfDNSAreKeptForAWhile(seconds: Int, kept: Int) throws {
    var ledger = Ledger()
    let query = try Self.query()
    for number in 0..<100 {
      ledger.note(Self.message(number, query, from: Self.address(number), at: Self.time(0)), nil)
    }
    ledger.prune(before: Self.time((Bounds.dnsMemory + seconds) * 1000))
    #expect(ledger.dns.count == kept)
  }

  private static func reset(_ number: Int, at time: Timestamp) -> Message {
    let event = TransportEvent(.reset, from: Endpoint(client, 1), to: Endpoint(server, 2), .tcp)
    return message(number, .event(event), at: time)
  }

  @Test func eventsAreBounded() {
    var ledger = Ledger()
    for number in 0...Bounds.transportEvents { ledger.note(Self.reset(number, at: Self.time(number)), nil) }
    #expect(ledger.forgotten == ["ICMP errors, resets and aborts": Bounds.transportEvents / 4])
  }

  @Test(arguments: [(-1, true), (1, false)]) func eventsAreKeptForAWhile(seconds: Int, isKept: Bool) {
    var ledger = Ledger()
    for number in 0..<100 { ledger.note(Self.reset(number, at: Self.time(0)), nil) }
    ledger.prune(before: Self.time((Bounds.transportEventMemory + seconds) * 1000))
    #expect((ledger.events.first(from: Self.client, in: Self.time(0)...Self.time(1)) != nil) == isKept)
  }

  private static func loss(_ number: Int) -> Loss {
    Loss(input: 0, time: time(0), ends: Loss.Ends(address(number), server))
  }

  @Test func placesOfLossAreBounded() {
    var ledger = Ledger()
    for number in 0...Bounds.lossPlaces { ledger.note(Self.loss(number)) }
    #expect(ledger.forgotten == ["places of loss": Bounds.lossPlaces / 4])
  }

  /// What is no loss any more leaves room for others.
  @Test(arguments: [(-1, 1), (1, 0)]) func lossesAreKeptForAWhile(seconds: Int, forgotten: Int) {
    var ledger = Ledger()
    for number in 0..<Bounds.lossPlaces { ledger.note(Self.loss(number)) }
    ledger.prune(before: Self.time((Bounds.lossMemory + seconds) * 1000))
    ledger.note(Self.loss(Bounds.lossPlaces + 1))
    #expect(ledger.losses.evicted == forgotten * Bounds.lossPlaces / 4)
  }

  @Test func exchangesOfTheAccessNetworkAreBounded() throws {
    var ledger = Ledger()
    let request = GTPBuilder(version: 2, type: 32, teid: 0, sequence: 1)
    let body = Message.Body.access(.gtp(try GTPMessage(parsing: request.bytes.span.bytes)))
    for number in 0...Bounds.accessExchanges {
      ledger.note(Self.message(number, body, from: Self.address(number), at: Self.time(number)), nil)
    }
    #expect(ledger.forgotten == ["exchanges of the access network": Bounds.accessExchanges / 4])
  }

  // MARK: Keys

  private static let offer = "Security-Client: ipsec-3gpp;alg=hmac-md5-96;spi-c=1;spi-s=2;port-c=3;port-s=4\r\n"

  @Test func messagesThatMayHoldKeysWaitInABoundedRoom() throws {
    var learner = KeyLearner(mostEarly: 5)
    for number in 0..<8 { learner.note(try Self.register(number, Self.offer)) }
    #expect(learner.forgotten.isEmpty, "nobody asks")
    _ = learner.take()
    #expect(learner.forgotten["messages that may hold keys"] == 3)
  }

  /// A second of packets and a minute of them, in a table of five.
  @Test(arguments: [(1, 3), (60_000, 0)]) func offersAreForgotten(step: Int, forgotten: Int) throws {
    var learner = KeyLearner(capacity: 5)
    _ = learner.take()
    for number in 0..<8 { learner.note(try Self.register(number * step, Self.offer)) }
    #expect(learner.forgotten["challenges, offers and agreements of keys"] == forgotten)
  }

  private static func association(_ destination: Int, key: UInt8) -> SecurityAssociation {
    SecurityAssociation(
      source: AddressPattern(isIPv4: true, high: 0, low: 1),
      destination: AddressPattern(isIPv4: true, high: 0, low: UInt64(destination)), spi: 7,
      suite: ESPSuite(encryption: .null, integrity: .hmac(.md5, key: [key], length: 12)))
  }

  @Test func associationsAreForgotten() {
    var ring = KeyRing(capacity: 5)
    for number in 0..<8 { ring.add(Self.association(number, key: 1)) }
    #expect(ring.forgotten == 3)
  }

  @Test func generationsAreForgotten() {
    var ring = KeyRing()
    for key in 0..<UInt8(Bounds.espGenerations + 2) { ring.add(Self.association(1, key: key)) }
    #expect(ring.forgotten == 2)
    let pattern = AddressPattern(isIPv4: true, high: 0, low: 1)
    #expect(ring.candidates(spi: 7, source: pattern, destination: pattern).count == Bounds.espGenerations)
  }
}
