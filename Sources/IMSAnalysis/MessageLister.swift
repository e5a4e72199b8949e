package import IMSBytes
import IMSCapture
import IMSFlows
package import IMSMessages
package import IMSRules
import IMSSecrets
import IMSWire

/// Messages without registrations: each transmission in order of time, or all of them at once.
package struct MessageLister {
  /// One sending of a message. `number` counts the transmissions of the whole capture from 1, selected or not.
  package struct Line: Sendable {
    package var message: Message
    package var transmission: Int
    package var number: Int
    /// Of the interfaces that were met so far.
    package var names: InterfaceNames
    /// Likewise which files belong to one recorder.
    package var recorders: Recorders
  }

  /// A capture point may lag behind another by so much; what is older is complete.
  package static let hold = Interval.seconds(2)
  /// Longer than the reader takes a copy for a further sighting.
  static let retention = Interval.seconds(45)

  private let options: Options

  package init(_ options: Options = Options()) { self.options = options }

  /// `onLine` is called once a transmission is older than `hold`, in order of time, input and frame.
  package func run(_ sources: [FrameLoop.Source], onLine: (Line) -> Void) -> RunReport {
    var board = Board()
    var names = InterfaceNames(inputs: sources.count)
    var recorders = Recorders()
    var number = 0
    var asked = AskedFor(options.selection)
    func print(_ due: [(message: Message, transmission: Int)]) {
      for entry in due {
        number += 1
        guard asked.includes(entry.message) else { continue }
        onLine(
          Line(
            message: entry.message, transmission: entry.transmission, number: number, names: names,
            recorders: recorders))
      }
    }
    let report = read(sources) {
      board.take($0)
    } advance: {
      if $0 >= board.nextLook { print(board.look(at: $0)) }
      return board.nextLook
    } onInterface: {
      names.add($0, $1)
    } continued: {
      recorders = $0
    }
    print(board.look(at: .distantFuture))
    return report
  }

  /// Every selected message with all its sightings, in order of time. They are all held in memory.
  package func collect(_ sources: [FrameLoop.Source]) -> (messages: [Message], run: RunReport) {
    var messages: [Message] = []
    let report = read(sources) { event in
      switch event {
      case .message(let message): messages.append(message)
      case .sighting(let id, _, let transmission, let sighting, _, _):
        messages[Int(id.value)].add(sighting, transmission: transmission)
      }
    } advance: { _ in
      .distantFuture
    } onInterface: { _, _ in
    }
    var asked = AskedFor(options.selection)
    return (messages.sorted(by: Message.precedes).filter { asked.includes($0) }, report)
  }

  private func read(
    _ sources: [FrameLoop.Source], _ take: (MessageReader.Event) -> Void, advance: (Timestamp) -> Timestamp,
    onInterface: @escaping (CapturePoint, CaptureReader.Interface) -> Void, continued: (Recorders) -> Void = { _ in }
  ) -> RunReport {
    var loop = FrameLoop(sources, options, sieve: MessageReader.sieve)
    loop.onInterface = onInterface
    var reader = MessageReader(outerPaths: loop.outerPaths)
    var learner = KeyLearner(options.subscriberKeys)
    loop.run(
      tick: { if $1.hasForeignDatagram { reader.pass(at: $1.time) } },
      deliver: { payload in
        defer { _ = reader.takeLosses() }
        return reader.feed(payload) { event in
          if case .message(let message) = event { learner.note(message) }
          take(event)
          return 0
        }
      },
      keys: { learner.take() }, esp: { _ in }, lost: { _ in }, continued: continued,
      advance: { newest, _ in advance(newest) })
    var report = RunReport()
    report.inputs = loop.reports
    report.wasInterrupted = loop.wasInterrupted
    loop.census(into: &report.coverage)
    report.coverage.count(reader)
    report.name(loop.recorders)
    report.associations = options.keepsKeys ? loop.associations : []
    return report
  }
}

/// Which messages were asked for, told in order of time. A Cx answer names no subscriber: it goes with its request.
private struct AskedFor {
  private let selection: Selection
  /// Requests that were, and whose answers may still come.
  private var requests = BoundedTable<Bool>(capacity: Bounds.identities, patience: Timers.standard.finalResponse)

  init(_ selection: Selection) { self.selection = selection }

  mutating func includes(_ message: Message) -> Bool {
    if selection.isEverything { return true }
    let isAsked = selection.includes(message)
    if message.diameter == nil { return isAsked }
    let key = message.exchangeKey
    if !message.asks { return isAsked || requests[key] ?? false }
    // Numbers of exchanges come again.
    if isAsked || requests[key] != nil { requests.insert(key, isAsked, at: message.time) }
    return isAsked
  }
}

/// The messages of the last seconds, and which of their transmissions were not given out yet.
private struct Board {
  private struct Pending {
    var id: MessageID
    var transmission: Int
    var seen: Timestamp
  }

  /// Looking costs time, so it is done in steps of this much packet time.
  private static let step = Interval.milliseconds(100)

  private var messages: [MessageID: Message] = [:]
  private var pending: [Pending] = []
  private var ageing = FIFO<(id: MessageID, due: Timestamp)>()
  private(set) var nextLook = Timestamp.distantPast

  mutating func take(_ event: MessageReader.Event) {
    switch event {
    case .message(let message):
      messages[message.id] = message
      pending.append(Pending(id: message.id, transmission: 0, seen: message.time))
      ageing.append((message.id, message.time + MessageLister.retention))
    case .sighting(let id, _, let transmission, let sighting, _, _):
      guard let known = messages[id]?.transmissions.count else { return }
      messages[id]?.add(sighting, transmission: transmission)
      guard transmission >= known else { return }
      pending.append(Pending(id: id, transmission: known, seen: sighting.time))
    }
  }

  mutating func look(at watermark: Timestamp) -> [(message: Message, transmission: Int)] {
    nextLook = watermark + Board.step
    let limit = watermark - MessageLister.hold
    let due = pending.filter { $0.seen <= limit || watermark == .distantFuture }
    pending.removeAll { $0.seen <= limit || watermark == .distantFuture }
    let result = due.compactMap { entry in messages[entry.id].map { (message: $0, transmission: entry.transmission) } }
    expire(before: watermark)
    return result.sorted { Message.precedes($0.message, $0.transmission, $1.message, $1.transmission) }
  }

  private mutating func expire(before watermark: Timestamp) {
    while let oldest = ageing.first, oldest.due < watermark {
      _ = ageing.popFirst()
      guard let last = messages[oldest.id]?.transmissions.last?.time else { continue }
      let due = last + MessageLister.retention
      if due < watermark { messages[oldest.id] = nil } else { ageing.append((oldest.id, due)) }
    }
  }
}

extension Message {
  fileprivate static func precedes(_ left: Message, _ right: Message) -> Bool { precedes(left, 0, right, 0) }

  fileprivate static func precedes(_ left: Message, _ first: Int, _ right: Message, _ second: Int) -> Bool {
    let (a, b) = (left.transmissions[first].earliest, right.transmissions[second].earliest)
    return (a.time, a.point, a.frames.first, left.id) < (b.time, b.point, b.frames.first, right.id)
  }
}
