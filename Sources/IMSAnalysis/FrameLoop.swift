package import IMSBytes
package import IMSCapture
import IMSFlows
import IMSMessages
package import IMSRules
package import IMSWire

/// Reads all inputs as one merge by time and takes their frames apart.
package struct FrameLoop {
  /// An input that was opened, or why it could not be.
  package enum Source {
    case file(BlockFile)
    case failure(InputError)
  }

  private struct Open {
    var number: Int
    var reader: CaptureReader
    var dissector: Dissector
  }

  private var open: [Open] = []
  package private(set) var reports: [InputReport] = []
  package private(set) var wasInterrupted = false
  private var clock = Watermark()

  package init(_ sources: [Source]) {
    for (number, source) in sources.enumerated() {
      switch source {
      case .failure(let error):
        var report = InputReport(path: error.path)
        report.failure = error
        reports.append(report)
      case .file(let file):
        reports.append(InputReport(path: file.path))
        do throws(InputError) {
          let reader = try CaptureReader(file)
          open.append(Open(number: number, reader: reader, dissector: Dissector(input: UInt16(number))))
        } catch {
          reports[number].failure = error
        }
      }
    }
  }

  /// Gives every payload to `deliver`; `tick` is called for each frame before, `advance` with the watermark after it.
  package mutating func run(
    tick: (CapturePoint, Timestamp) -> Void, deliver: (borrowing Payload) -> Taken, advance: (Timestamp) -> Void
  ) {
    while let index = earliest() {
      guard let frame = open[index].reader.next() else { continue }
      let time = frame.time
      tick(CapturePoint(input: UInt16(open[index].number), interface: frame.interface), time)
      open[index].dissector.feed(frame, deliver)
      advance(clock.accept(time))
    }
    for index in open.indices { open[index].dissector.finish(deliver) }
    for index in open.indices { close(index) }
  }

  /// The input whose next frame is due; inputs at their end hold nothing back.
  private mutating func earliest() -> Int? {
    if open.count == 1 { return open[0].reader.peekTime() == nil ? nil : 0 }
    var best: (index: Int, time: Timestamp)?
    for index in open.indices {
      guard let time = open[index].reader.peekTime() else { continue }
      if best.map({ time < $0.time }) ?? true { best = (index, time) }
    }
    return best?.index
  }

  private mutating func close(_ index: Int) {
    let reader = open[index].reader
    let number = open[index].number
    reports[number].format = reader.format.name
    reports[number].packets = UInt64(reader.packets)
    reports[number].bytes = reader.bytesRead
    reports[number].firstTime = reader.firstTime
    reports[number].lastTime = reader.lastTime
    reports[number].interfaces = reader.interfaces
    reports[number].issues = reader.issues
    wasInterrupted = wasInterrupted || reader.wasInterrupted
  }

  /// What the dissectors could not read, over all inputs.
  package func census(into coverage: inout Coverage) {
    var notDecoded: [String: UInt64] = [:]
    for input in open {
      let census = input.dissector.census
      coverage.frames += census.frames
      for entry in census.notDecoded { notDecoded[entry.name, default: 0] += entry.frames }
      for issue in census.issues { coverage.issues.append(IssueLog.Entry(issue, input: UInt16(input.number))) }
    }
    coverage.notDecoded = notDecoded.sorted { $0.key < $1.key }.map { Coverage.NotDecoded(what: $0.key, frames: $0.value) }
  }
}

extension IssueLog.Entry {
  fileprivate init(_ issue: Census.Issue, input: UInt16) {
    self.init(
      layer: issue.layer, reason: issue.reason, count: Int(issue.count),
      frames: issue.frames.map { IssueLog.FrameReference(input: input, frame: $0) })
  }
}

/// Packet time as far as it can be trusted: the newest accepted stamp. A stamp more than a minute ahead is accepted only
/// when sixteen frames in a row stand there; a lone leap moves nothing.
struct Watermark {
  static let leap = Interval.seconds(60)
  static let witnesses = 16

  private var time = Timestamp.distantPast
  private var ahead = 0

  mutating func accept(_ stamp: Timestamp) -> Timestamp {
    if time == .distantPast {
      time = stamp
    } else if stamp - time > Watermark.leap {
      ahead += 1
      if ahead >= Watermark.witnesses {
        time = stamp
        ahead = 0
      }
    } else {
      ahead = 0
      time = max(time, stamp)
    }
    return time
  }
}
