import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSDiameter
import IMSMessages
import IMSRules
import IMSSIP
import IMSViews
import IMSWire

/// One part of the work of `check`, done alone: what it needs is made before, and not measured.
struct Case: Sendable {
  /// What was done: so many items of so many octets.
  struct Amount: Equatable {
    var items = 0
    var bytes = 0

    mutating func add(_ bytes: Int) {
      items += 1
      self.bytes += bytes
    }
  }

  /// Does the work once.
  typealias Work = () throws(BenchError) -> Amount

  var name: String
  /// What one item is.
  var unit: String
  /// The case that does what comes before and no more: its cost is taken off.
  var beyond: String?
  var prepare: @Sendable (_ path: String) throws(BenchError) -> Work

  static let all = [
    Case(name: "read", unit: "packet", prepare: Self.read),
    Case(name: "dissect", unit: "packet", beyond: "read", prepare: Self.dissect),
    Case(name: "reassemble", unit: "message of a stream", beyond: "dissect", prepare: Self.reassemble),
    Case(name: "SIP index", unit: "SIP message", prepare: Self.indexSIP),
    Case(name: "Diameter", unit: "Diameter message", prepare: Self.parseDiameter),
    Case(name: "messages", unit: "message", beyond: "dissect", prepare: Self.readMessages),
    Case(name: "correlate", unit: "registration", beyond: "messages", prepare: Self.correlate),
    Case(name: "check", unit: "registration", prepare: Self.check),
    Case(name: "render text", unit: "registration", prepare: Self.renderText),
    Case(name: "render ndjson", unit: "registration", prepare: Self.renderJSON),
    Case(name: "end to end", unit: "registration", prepare: Self.endToEnd),
  ]

  static let names = all.map { $0.name }

  // MARK: What comes before messages

  private static func open(_ path: String) throws(BenchError) -> BlockFile {
    do { return try BlockFile(path: path) } catch { throw BenchError(reason: "\(path): \(error)") }
  }

  private static func read(_ path: String) -> Work {
    { () throws(BenchError) in
      var amount = Amount()
      let file = try open(path)
      do {
        var reader = try CaptureReader(file)
        while let frame = reader.next() { amount.add(frame.bytes.byteCount) }
      } catch { throw BenchError(reason: "\(path): \(error)") }
      return amount
    }
  }

  /// Payloads are taken whole, whatever they are.
  private static func dissect(_ path: String) -> Work {
    { () throws(BenchError) in
      var amount = Amount()
      var loop = FrameLoop([.file(try open(path))])
      loop.run(
        tick: { _, _ in amount.items += 1 },
        deliver: { payload in
          amount.bytes += payload.bytes.byteCount
          return Taken(bytes: payload.bytes.byteCount)
        },
        keys: { nil }, esp: { _ in }, lost: { _ in }, advance: { _, _ in .distantFuture })
      return amount
    }
  }

  /// Messages out of TCP streams: segments are put in order and joined until each is whole.
  private static func reassemble(_ path: String) -> Work {
    { () throws(BenchError) in
      var amount = Amount()
      var loop = FrameLoop([.file(try open(path))])
      loop.run(
        tick: { _, _ in },
        deliver: { payload in
          guard case .stream = payload.delivery else { return Taken(bytes: payload.bytes.byteCount) }
          let taken = whole(payload.bytes)
          if taken.bytes > 0 { amount.add(taken.bytes) }
          return taken
        },
        keys: { nil }, esp: { _ in }, lost: { _ in }, advance: { _, _ in .distantFuture })
      return amount
    }
  }

  /// The message at the beginning, or how much of it must be there.
  private static func whole(_ bytes: RawSpan) -> Taken {
    if DiameterFramer.recognise(bytes) {
      switch DiameterFramer.frame(stream: bytes) {
      case .message(let range): return Taken(bytes: range.upperBound)
      case .need(let count): return Taken(bytes: 0, wanted: count)
      case .notDiameter: break
      }
    }
    switch SIPFramer.frame(stream: bytes) {
    case .message(let range): return Taken(bytes: range.upperBound)
    case .need(let count): return Taken(bytes: 0, wanted: count)
    default: return Taken(bytes: bytes.byteCount)
    }
  }

  // MARK: Messages

  private static func messages(_ path: String) throws(BenchError) -> [Message] {
    MessageLister().collect([.file(try open(path))]).messages
  }

  private static func indexSIP(_ path: String) throws(BenchError) -> Work {
    let texts = try messages(path).compactMap { $0.sip?.bytes }
    return { () throws(BenchError) in
      var amount = Amount()
      for text in texts where (try? SIPMessage(parsing: text.span.bytes, truncated: false)) != nil {
        amount.add(text.count)
      }
      return amount
    }
  }

  private static func parseDiameter(_ path: String) throws(BenchError) -> Work {
    let texts = try messages(path).compactMap { $0.diameter?.bytes }
    return { () throws(BenchError) in
      var amount = Amount()
      for text in texts where (try? DiameterMessage(parsing: text.span.bytes)) != nil { amount.add(text.count) }
      return amount
    }
  }

  /// Recognised, told from their copies, and indexed.
  private static func readMessages(_ path: String) -> Work {
    { () throws(BenchError) in
      var amount = Amount()
      var loop = FrameLoop([.file(try open(path))], sieve: MessageReader.sieve)
      var reader = MessageReader(outerPaths: loop.outerPaths)
      loop.run(
        tick: { if $1.hasForeignDatagram { reader.pass(at: $1.time) } },
        deliver: { payload in
          defer { _ = reader.takeLosses() }
          return reader.feed(payload) { event in
            if case .message(let message) = event {
              amount.add((message.sip?.bytes ?? message.diameter?.bytes ?? []).count)
            }
            return 0
          }
        },
        keys: { nil }, esp: { _ in }, lost: { _ in }, advance: { _, _ in .distantFuture })
      return amount
    }
  }

  // MARK: Registrations

  private static func analyze(
    _ path: String, _ options: Options, _ take: (FlowReport) -> Void
  ) throws(BenchError) -> Amount {
    var amount = Amount(items: 0, bytes: Workplace.size(path))
    _ = Analyzer(options).run([.file(try open(path))]) { report in
      amount.items += 1
      take(report)
    }
    return amount
  }

  private static func reports(_ path: String) throws(BenchError) -> [FlowReport] {
    var reports: [FlowReport] = []
    _ = try analyze(path, Options()) { reports.append($0) }
    return reports
  }

  /// Everything but the rules.
  private static func correlate(_ path: String) -> Work {
    { () throws(BenchError) in
      var options = Options()
      options.rules = []
      return try analyze(path, options) { _ in }
    }
  }

  private static func endToEnd(_ path: String) -> Work {
    { () throws(BenchError) in
      var view = SummaryView(style: Style(), showAll: false)
      return try analyze(path, Options()) { _ = view.registration($0) }
    }
  }

  private static func check(_ path: String) throws(BenchError) -> Work {
    let flows = try reports(path).map(\.flow)
    let checker = Checker(Catalogue.rules, profile: .field, suppressions: Suppressions())
    return { () throws(BenchError) in
      var findings = 0
      for flow in flows {
        var report = FlowReport(flow: flow)
        checker.check(&report)
        findings += report.findings.count
      }
      return Amount(items: flows.count, bytes: 0)
    }
  }

  private static func renderText(_ path: String) throws(BenchError) -> Work {
    render(try reports(path)) { SummaryView(style: Style(), showAll: false) }
  }

  private static func renderJSON(_ path: String) throws(BenchError) -> Work {
    render(try reports(path)) { JSONView(.ndjson, profile: .field, version: "0") }
  }

  private static func render(_ reports: [FlowReport], _ view: @escaping () -> any ReportView) -> Work {
    { () throws(BenchError) in
      var amount = Amount()
      var view = view()
      for report in reports { amount.add(view.registration(report).utf8.count) }
      return amount
    }
  }
}
