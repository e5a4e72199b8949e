import Foundation
import IMSAnalysis
import IMSBytes
import IMSForge
import IMSRules
import IMSSecrets
import IMSViews
import TestSupport
import Testing

/// The JSON keeps the promise of docs/json.md on every capture there is.
@Suite struct JSONTests {
  static let schema = Files.root.appending(path: "docs/schema/imstrace-1.schema.json")

  @Test(arguments: Captures.all) func theDocumentIsValid(_ file: URL) throws {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    let document = try JSONSerialization.jsonObject(with: Data(Captures.json(file, .json).utf8))
    #expect(validator.faults(in: document) == [])
  }

  @Test(arguments: Captures.all) func theLinesHoldTheSameObjects(_ file: URL) throws {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    let document = try JSONSerialization.jsonObject(with: Data(Captures.json(file, .json).utf8)) as? [String: Any]
    let lines = try Captures.json(file, .ndjson).split(separator: "\n").map { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    }
    #expect(lines.flatMap { validator.faults(in: $0, definition: "line") } == [])
    for (key, type) in [("registrations", "registration"), ("inputs", "input")] {
      let expected = document?[key] as? [[String: Any]] ?? []
      #expect(stripped(lines.filter { $0["type"] as? String == type }) == expected.map { $0 as NSDictionary })
    }
    for key in ["coverage", "summary"] {
      let expected = document?[key] as? [String: Any] ?? [:]
      #expect(stripped(lines.filter { $0["type"] as? String == key }) == [expected as NSDictionary])
    }
    #expect(lines.first?["type"] as? String == "tool")
  }

  /// What is accepted stands by itself, and what was demanded at the end.
  @Test func whatIsAcceptedAndDemandedIsValid() throws {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    var options = Options()
    options.suppressions.options = [Suppressions.Entry(rule: "AUT", reason: "known")]
    let idle = Profile.field.rules(RuleSelection(ignore: ["VIA001"])).idle
    let view = JSONView(.json, profile: .field, version: "0", idle: idle)
    let (text, _, _) = CodeHostTests.render(view, try Files.sample("aka-registration.pcapng"), options: options) {
      run in
      run.unmet = ["2 registrations were expected"]
      run.staleBaseline = [FindingPlace(rule: "VIA001")]
    }
    #expect(validator.faults(in: try JSONSerialization.jsonObject(with: Data(text.utf8))) == [])
    #expect(text.contains("\"suppressed\":[{\"rule\":\"AUT015\"") && text.contains("\"suppressed\":2,\"unmet\":["))
    #expect(text.contains("\"staleBaseline\":[\"VIA001 - - -\"]") && text.contains("\"notRun\":[{\"rule\":\"VIA001\""))
    let wrong = text.replacing("\"by\":\"option\"", with: "\"by\":\"nobody\"")
    #expect(!validator.faults(in: try JSONSerialization.jsonObject(with: Data(wrong.utf8))).isEmpty)
  }

  /// With the subscriber's key, right and wrong, and after a resynchronisation.
  @Test(
    arguments: [
      (
        "seed-registration.pcap", "465b5ce8b199b49faa5f0a2ee238a6bc",
        "\"verdict\":\"right\",\"text\":\"MAC-A of the challenge"
      ),
      ("seed-registration.pcap", "fec86ba6eb707ed08905757b1bb44b8f", "\"verdict\":\"wrongKey\""),
      ("resynchronisation.pcapng", "fec86ba6eb707ed08905757b1bb44b8f", "\"resynchronisations\":[{\"message\":"),
    ]) func whatTheKeyProvesIsValid(_ sample: String, _ k: String, _ words: String) throws
  {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    var options = Options()
    try options.subscriberKeys.read("* \(k)", as: .ki)
    try options.subscriberKeys.read("* cdc202d5123e20f62b6d676ac72cb318", as: .op)
    let text = try Captures.json(Files.samples.appending(path: sample), .json, options: options)
    #expect(validator.faults(in: try JSONSerialization.jsonObject(with: Data(text.utf8))) == [])
    #expect(text.contains("\"proof\":{") && text.contains(words))
    let wrong = text.replacing("\"amf\":\"", with: "\"amf\":\"x")
    #expect(!validator.faults(in: try JSONSerialization.jsonObject(with: Data(wrong.utf8))).isEmpty)
  }

  /// What agents of HEP recorded has their number and their name of the call; what stands in a tunnel, its layers.
  @Test func recordersAndTunnelsAreShown() throws {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    let sample = try CaptureEditor(Files.sample("aka-registration.pcapng"))
    let records = sample.agents.map { hep in
      let datagram = PacketBuilder.udp(
        from: HostPort("192.0.2.1", 40000), to: HostPort("192.0.2.2", HEPBuilder.port), payload: hep.bytes)
      return CaptureRecord(time: hep.time, bytes: FrameWrapper.vxlan.wrap(datagram))
    }
    var view = JSONView(.json, profile: .field, version: "0")
    var text = view.begin()
    let run = Analyzer().run([.file(BlockFile(bytes: CaptureWriter().pcap(records)))]) { text += view.registration($0) }
    text += view.end(run)
    #expect(validator.faults(in: try JSONSerialization.jsonObject(with: Data(text.utf8))) == [])
    #expect(text.contains("\"agent\":2000,"))
    #expect(text.contains("\"correlationId\":\"call 0\""))
    #expect(text.contains("\"layers\":\"eth/ip/udp/vxlan/eth/ip/udp/hep\""))
    #expect(!text.contains("\"channel\""))
  }

  private func stripped(_ lines: [[String: Any]]) -> [NSDictionary] {
    lines.map { $0.filter { $0.key != "type" } as NSDictionary }
  }

  /// The validator itself must be able to say no.
  @Test func aWrongDocumentIsRefused() throws {
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    let text = try Captures.json(Captures.samples[0], .json)
    let wrongs = [
      text.replacing("\"kind\":\"initial\"", with: "\"kind\":\"first\""),
      text.replacing("\"schemaVersion\":1", with: "\"schemaVersion\":2"),
      text.replacing("\"verdict\":", with: "\"judgement\":"),
      text.replacing("\"frame\":89", with: "\"frame\":0"),
      text.replacing("\"rule\":\"PRV001\"", with: "\"rule\":\"prv1\""),
      text.replacing("Z\",\"end\"", with: "\",\"end\""),
    ]
    for wrong in wrongs {
      #expect(wrong != text)
      #expect(!validator.faults(in: try JSONSerialization.jsonObject(with: Data(wrong.utf8))).isEmpty)
    }
  }

  /// What the samples do not show: a corrected clock with its finding, and a way through a tunnel.
  @Test func findingsOfTheCaptureAndWaysThroughTunnelsAreValid() throws {
    var capture = try CaptureEditor(Data(contentsOf: Captures.samples[0]).map { $0 })
    capture.mapRecords { record in
      guard record.interface == 0 else { return }
      record.time += 200_000_000
      let packet = GTPUBuilder(tunnel: 0xabc, payload: Array(record.bytes.dropFirst(14))).bytes
      let ends = (HostPort(HostAddress("192.0.2.1"), 2152), HostPort(HostAddress("192.0.2.2"), 2152))
      let datagram = UDPBuilder(from: ends.0, to: ends.1, payload: packet).bytes
      record.bytes =
        EthernetBuilder(
          ip: IPv4Builder(from: ends.0.host, to: ends.1.host, protocolNumber: 17, payload: datagram).bytes
        ).bytes
      record.originalLength = record.bytes.count
    }
    capture.sortByTime()
    var view = JSONView(.json, profile: .field, version: "0")
    var text = view.begin()
    let run = Analyzer().run([.file(BlockFile(bytes: capture.pcapng))]) { text += view.registration($0) }
    text += view.end(run)
    let validator = try SchemaValidator(Data(contentsOf: Self.schema))
    #expect(validator.faults(in: try JSONSerialization.jsonObject(with: Data(text.utf8))) == [])
    #expect(
      text.contains(
        "\"tunnels\":[{\"layer\":\"gtp\",\"from\":\"192.0.2.1\",\"to\":\"192.0.2.2\",\"id\":2748}]"))
    #expect(text.contains("\"state\":\"corrected\"") && text.contains("\"rule\":\"TIM008\""))
    #expect(run.findings[.info] == run.captureFindings.count && !run.captureFindings.isEmpty)
    var summaryView = SummaryView(style: Style(), showAll: true)
    let summary = summaryView.end(run)
    #expect(summary.contains("The capture as a whole\n  info    TIM008 the clock of"), "\(summary)")
    #expect(summary.contains("remarks (") || summary.contains("remark ("))
  }

  /// Threads come later; that the work can be shared must not change a byte.
  @Test(arguments: Captures.all) func threeCorrelatorsGiveTheSameBytesAsOne(_ file: URL) throws {
    var shared = Options()
    shared.threads = 3
    #expect(try Captures.json(file, .json, options: shared) == Captures.json(file, .json))
    #expect(try Captures.summary(file, options: shared) == Captures.summary(file))
  }

  /// The order of docs/json.md; keys that were added since may stand between.
  @Test func keysStandInThePromisedOrder() throws {
    let document = try Captures.json(Captures.samples[0], .json)
    try expect("schemaVersion tool registrations inputs coverage summary", in: document[...])
    try expect("name version profile", in: object("tool", document))
    let registration = try object("registrations", document)
    try expect(
      """
      id kind mechanism outcome seenAt finalStatus verdict cause impi impu callIds sessionIds start end durationMs parties \
      messages findings passed notApplicable notObservable
      """, in: registration)
    try expect("role address port transport basis", in: object("parties", registration))
    try expect(
      "id step hop protocol label callId cseq branch from to time sightings retransmissions",
      in: object("messages", registration))
    try expect("input interface frames time", in: object("sightings", registration))
    try expect(
      "rule severity title message frames observed expected clauses", in: object("findings", registration))
    try expect(
      "path format packets bytes firstTime lastTime interfaces issues", in: object("inputs", document))
    try expect("id linkType packets", in: object("interfaces", document))
    try expect("frames messages copies retransmissions notDecoded issues", in: object("coverage", document))
    try expect("registrations outcomes findings", in: object("summary", document))
  }

  private func expect(
    _ promised: String, in object: Substring, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let promised = promised.split(separator: " ").map(String.init)
    let written = keys(of: object).filter(promised.contains)
    #expect(written == promised, sourceLocation: sourceLocation)
  }

  /// The text from the first object on that this key holds, alone or in an array.
  private func object(_ key: String, _ text: some StringProtocol) throws -> Substring {
    let text = Substring(text)
    let found = try #require(text.range(of: "\"\(key)\":"))
    return text[found.upperBound...].drop { $0 != "{" }
  }

  /// The keys of the object that the text begins with, as written.
  private func keys(of text: Substring) -> [String] {
    var keys: [String] = []
    var depth = 0
    var rest = text
    while let character = rest.first {
      if depth == 1, let key = rest.prefixMatch(of: /"([A-Za-z]+)":/) { keys.append(String(key.1)) }
      if let literal = rest.prefixMatch(of: /"(\\.|[^"\\])*"/) {
        rest = rest[literal.range.upperBound...]
        continue
      }
      if "{[".contains(character) { depth += 1 }
      if "}]".contains(character) { depth -= 1 }
      if depth == 0 { break }
      rest = rest.dropFirst()
    }
    return keys
  }
}
