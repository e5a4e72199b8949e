package import IMSBytes
package import IMSCapture
import IMSFlows
package import IMSMessages
package import IMSRules
package import IMSSecrets
package import IMSWire

/// Reads all inputs as one merge by time and takes their frames apart. The files of a recorder count as one: they have its
/// dissector, and their frames are numbered on.
package struct FrameLoop {
  /// An input that was opened, or why it could not be.
  package enum Source {
    case file(BlockFile)
    case failure(InputError)
  }

  /// Readers and dissectors of the inputs that could be opened, and their numbers: three arrays, because a frame borrows
  /// from its reader while its dissector changes.
  private var readers: [CaptureReader] = []
  private var dissectors: [Dissector] = []
  private var numbers: [Int] = []
  /// Losses of each reader that were told.
  private var told: [Int] = []
  private var merge: InputMerge
  /// Which files belong to one recorder.
  package private(set) var recorders = Recorders()
  /// Recorders that began.
  private var begun = 0
  package private(set) var reports: [InputReport] = []
  package private(set) var wasInterrupted = false
  private var clock = Watermark()
  /// Interfaces of each reader that `onInterface` was told of.
  private var announced: [Int] = []
  /// Told of each interface before its first frame: a pcapng describes them on its way.
  package var onInterface: ((CapturePoint, CaptureReader.Interface) -> Void)?
  private let filter: FrameFilter?
  /// Frames that the filter kept out.
  private var filtered: UInt64 = 0
  /// How grossly the frames of each recorder are out of order.
  private var disorder: [Disorder] = []
  /// Of these, frames of link types that it cannot be asked of.
  private var refused = IssueLog()

  /// The tunnels that packets of all inputs came through.
  package let outerPaths = OuterPaths()
  /// Associations that were learned from the messages; empty unless they are to be told at the end.
  private var learned: [SecurityAssociation] = []
  private let keepsKeys: Bool

  /// `sieve` is that of whoever takes the payloads, `shifts` what is taken off the stamps.
  package init(
    _ sources: [Source], _ options: Options = Options(), sieve: Sieve? = nil, shifts: ClockShifts = ClockShifts()
  ) {
    filter = options.filter
    keepsKeys = options.keepsKeys
    merge = InputMerge([])
    recorders = Recorders(shifts)
    let mostParked = Dissector.mostParked / max(1, sources.count)
    for (number, source) in sources.enumerated() {
      switch source {
      case .failure(let error):
        reports.append(InputReport(path: error.path))
        fail(number, error)
      case .file(let file):
        reports.append(InputReport(path: file.path))
        do throws(InputError) {
          for (file, share) in Self.parts(of: file, shifts.shares(of: UInt16(number))) {
            var reader = try CaptureReader(file, linkTypes: options.linkTypes)
            reader.share = share
            readers.append(reader)
            dissectors.append(
              Dissector(
                input: UInt16(number), mostParked: mostParked, associations: options.associations,
                keepsUsed: options.keepsKeys, waits: !options.keepsKeys, paths: outerPaths, unpack: options.unpack,
                sieve: sieve))
            numbers.append(number)
            announced.append(0)
            disorder.append(Disorder())
            told.append(0)
          }
        } catch {
          fail(number, error)
        }
      }
    }
    merge = InputMerge(numbers.map { reports[$0].path })
  }

  /// A file for each share of it; where it cannot be read so often, one for all of it.
  private static func parts(of file: BlockFile, _ shares: [CaptureShare]) -> [(BlockFile, CaptureShare)] {
    var parts = [(file, shares[0])]
    for share in shares.dropFirst() {
      guard let again = file.again() else { return [(file, CaptureShare())] }
      parts.append((again, share))
    }
    return parts
  }

  private mutating func fail(_ number: Int, _ error: InputError) {
    reports[number].failure = error
    if error.kind == .interrupted { wasInterrupted = true }
  }

  /// Gives every payload to `deliver`. `tick` and, with the watermark and what tells the bytes that wait for others, `advance` are
  /// called for each frame after it; of frames that bring nothing `tick` is told as a run, by the last ones of it, and `advance`
  /// not at all before the time that it answered. From the first ESP packet on `keys` is asked after each frame for what was
  /// learned since, if anything; with it parked packets are opened and delivered. `esp` is told of every ESP packet, `lost` of
  /// what is missing or cannot be read, `continued` of each file that continues another one, before its first frame, `ended` of
  /// each recorder of several that has no more frames, and of one that stamps by several clocks when one of them has none.
  package mutating func run(
    tick: (CapturePoint, Dissector.News) -> Void, deliver: (borrowing Payload) -> Taken,
    keys: () -> [SecurityAssociation]?, esp: (ESPSighting) -> Void, lost: (Loss) -> Void,
    continued: (Recorders) -> Void = { _ in }, ended: (UInt16) -> Void = { _ in },
    advance: (Timestamp, _ held: () -> Int) -> Timestamp
  ) {
    // Keys that are to be told are learned from the beginning.
    var needsKeys = keepsKeys
    while let index = earliest() {
      if merge.hasNews {
        for index in merge.takeClosed() { ended(UInt16(numbers[merge.owner(index)])) }
        begin(continued)
      }
      let owner = merge.owner(index)
      if onInterface != nil, announced[index] < readers[index].interfaceCount { announce(index) }
      guard let news = isAlone ? feedAlone(tick, deliver, advance) : feed(index, owner, tick, deliver) else { continue }
      let time = news.time
      if !news.isQuiet { tell(news, of: owner, &needsKeys, deliver, keys, esp, lost) }
      if readers[index].losses != told[index] {
        told[index] = readers[index].losses
        lost(Loss(input: UInt16(numbers[owner]), time: time, ends: nil))
      }
      let newest = clock.accept(time, &disorder[owner], frame: merge.before(index) &+ readers[index].packets)
      _ = advance(newest) { dissectors.reduce(0) { $0 + $1.heldBytes } }
    }
    for index in dissectors.indices { dissectors[index].flush(deliver) }
    if !needsKeys, dissectors.contains(where: \.hasSeenESP) {
      needsKeys = true
      giveAll(keys() ?? [], deliver)
    }
    if needsKeys { while let new = keys(), !new.isEmpty { learn(new, deliver) } }
    for index in dissectors.indices {
      dissectors[index].finish(deliver)
      dissectors[index].takeESPSightings().forEach(esp)
      dissectors[index].takeLosses().forEach(lost)
      if readers[index].losses != told[index], let time = readers[index].lastTime {
        lost(Loss(input: UInt16(numbers[merge.owner(index)]), time: time, ends: nil))
      }
    }
    for index in readers.indices { close(index) }
  }

  /// Inputs that begin: as recorders of their own, or where another one ended.
  private mutating func begin(_ continued: (Recorders) -> Void) {
    for (index, previous) in merge.takeBegun() {
      guard let previous else {
        begun += 1
        continue
      }
      recorders.append(
        UInt16(numbers[index]), to: UInt16(numbers[merge.owner(index)]), behind: merge.before(index))
      reports[numbers[index]].continues = numbers[previous]
      announced[index] = readers[index].interfaceCount
      continued(recorders)
    }
    for index in dissectors.indices { dissectors[index].mostParked = Dissector.mostParked / max(1, begun) }
  }

  /// What a frame brought beside its payloads, and what was learned from these.
  private mutating func tell(
    _ news: Dissector.News, of index: Int, _ needsKeys: inout Bool, _ deliver: (borrowing Payload) -> Taken,
    _ keys: () -> [SecurityAssociation]?, _ esp: (ESPSighting) -> Void, _ lost: (Loss) -> Void
  ) {
    if news.hasESPSightings {
      dissectors[index].takeESPSightings().forEach(esp)
      if !needsKeys {
        needsKeys = true
        giveAll(keys() ?? [], deliver)
      }
    }
    if needsKeys {
      while let new = keys(), !new.isEmpty { learn(new, deliver) }
      if news.hasESPSightings {
        for index in dissectors.indices { dissectors[index].takeESPSightings().forEach(esp) }
      }
    }
    if news.hasLosses { dissectors[index].takeLosses().forEach(lost) }
  }

  /// There is one input, of which every frame is read.
  private var isAlone: Bool { readers.count == 1 && filter == nil }

  /// Takes the frames of the only input apart until one of them brings something. Of a capture of a whole site most bring
  /// nothing: what that costs is what the capture costs. Nil when nothing is to be told of the last one.
  private mutating func feedAlone(
    _ tick: (CapturePoint, Dissector.News) -> Void, _ deliver: (borrowing Payload) -> Taken,
    _ advance: (Timestamp, _ held: () -> Int) -> Timestamp
  ) -> Dissector.News? {
    Self.feedRuns(
      &readers[0], &dissectors[0], &clock, &disorder[0], input: UInt16(numbers[0]), told: told[0], tick, deliver,
      advance)
  }

  private static func feedRuns(
    _ reader: inout CaptureReader, _ dissector: inout Dissector, _ clock: inout Watermark, _ disorder: inout Disorder,
    input: UInt16, told: Int, _ tick: (CapturePoint, Dissector.News) -> Void,
    _ deliver: (borrowing Payload) -> Taken, _ advance: (Timestamp, _ held: () -> Int) -> Timestamp
  ) -> Dissector.News? {
    let interfaces = reader.interfaceCount
    var run = QuietRun()
    // The next one may have an interface that nobody was told of.
    while reader.peekTime() != nil, reader.interfaceCount == interfaces {
      let isWhole = reader.losses == told
      guard let frame = reader.next() else { break }
      if isWhole, run.reaches(frame), run.take(frame, dissector.look(frame)) { continue }
      run.end(input: input, &dissector, &clock, tick)
      let (number, time, interface) = (frame.number, frame.time, frame.interface)
      let news = dissector.feed(frame, deliver)
      tick(CapturePoint(input: input, interface: interface), news)
      if !news.isQuiet || !isWhole { return news }
      let newest = clock.accept(news.time, &disorder, frame: number)
      let due = advance(newest) { dissector.heldBytes }
      if newest == time { run.begin(interface, time, until: min(due, dissector.quietEnd(behind: time))) }
    }
    run.end(input: input, &dissector, &clock, tick)
    return nil
  }

  /// Takes the next frame of an input apart.
  private mutating func feed(
    _ index: Int, _ owner: Int, _ tick: (CapturePoint, Dissector.News) -> Void,
    _ deliver: (borrowing Payload) -> Taken
  ) -> Dissector.News? {
    guard var frame = readers[index].next() else { return nil }
    frame.number &+= merge.before(index)
    merge.note(frame, of: index)
    let point = CapturePoint(input: UInt16(numbers[owner]), interface: frame.interface)
    var news = Dissector.News(time: frame.time)
    guard let filter else {
      news = dissectors[owner].feed(frame, deliver)
      tick(point, news)
      return news
    }
    switch filter(frame.linkType, frame.bytes, frame.originalLength) {
    case .pass: news = dissectors[owner].feed(frame, deliver)
    case .drop: filtered += 1
    case .refuse(let reason):
      filtered += 1
      refused.add(
        "filter", "cannot be asked of link type \(frame.linkType.name), frames left out: \(reason)",
        frame: frame.number, point: point)
    }
    tick(point, news)
    return news
  }

  /// The first keys: every input waits for them.
  private mutating func giveAll(
    _ associations: [SecurityAssociation], _ deliver: (borrowing Payload) -> Taken
  ) {
    for index in dissectors.indices { dissectors[index].learn(associations, deliver) }
  }

  /// Gives new keys to every recorder that can still use them; what they open may hold further keys.
  private mutating func learn(_ associations: [SecurityAssociation], _ deliver: (borrowing Payload) -> Taken) {
    for index in dissectors.indices where dissectors[index].hasParked || isAlive(index) {
      dissectors[index].learn(associations, deliver)
    }
    if keepsKeys, learned.count < Bounds.espKeys { learned += associations }
  }

  /// Every association that was learned: those that opened a packet before the others.
  package var associations: [SecurityAssociation] {
    var known = Set<SecurityAssociation>()
    return (dissectors.flatMap(\.espUsed) + learned.reversed()).filter { known.insert($0).inserted }
  }

  /// Frames of this recorder may still come.
  private mutating func isAlive(_ index: Int) -> Bool {
    readers.count == 1 ? readers[0].peekTime() != nil : merge.isAlive(index)
  }

  /// The input whose next frame is due.
  private mutating func earliest() -> Int? {
    if readers.count == 1 { return readers[0].peekTime() == nil ? nil : 0 }
    return merge.next(&readers)
  }

  private mutating func announce(_ index: Int) {
    for (number, interface) in readers[index].interfaces.enumerated().dropFirst(announced[index]) {
      onInterface?(CapturePoint(input: UInt16(numbers[merge.owner(index)]), interface: UInt16(number)), interface)
    }
    announced[index] = readers[index].interfaceCount
  }

  private mutating func close(_ index: Int) {
    let reader = readers[index]
    let number = numbers[index]
    reports[number].format = reader.format.name
    reports[number].packets = UInt64(reader.packets)
    reports[number].bytes = reader.bytesRead
    // Those of the file.
    reports[number].firstTime = reader.firstTime.map { $0 + reader.share.shift }
    reports[number].lastTime = reader.lastTime.map { $0 + reader.share.shift }
    reports[number].interfaces = reader.interfaces
    reports[number].issues = reader.issues
    reports[number].furtherIssues = reader.furtherIssues
    wasInterrupted = wasInterrupted || reader.wasInterrupted
  }

  /// What the dissectors could not read, over all inputs.
  package func census(into coverage: inout Coverage) {
    coverage.filtered += filtered
    coverage.issues += refused.entries
    for (number, disorder) in zip(numbers, disorder) {
      if let issue = disorder.issue(input: UInt16(number)) { coverage.issues.append(issue) }
    }
    countESP(&coverage)
    coverage.forget([
      "ways through tunnels": outerPaths.leftOut,
      "frames of further copies": dissectors.reduce(0) { $0 + $1.unnamedFrames },
      "ESP packets of one moment": dissectors.reduce(0) { $0 + $1.espSightingsLeftOut },
      "security associations": dissectors.reduce(0) { $0 + $1.espForgotten },
      "issues of other kinds": dissectors.reduce(refused.unlisted) { $0 + Int($1.census.furtherIssues) },
      "places of loss": dissectors.reduce(0) { $0 + $1.census.lossesLeftOut },
    ])
    var notDecoded: [String: UInt64] = [:]
    for (number, dissector) in zip(numbers, dissectors) {
      coverage.frames += dissector.census.frames
      for entry in dissector.census.notDecoded { notDecoded[entry.name, default: 0] += entry.frames }
      coverage.issues += dissector.census.issues.map { IssueLog.Entry($0, input: UInt16(number)) }
    }
    coverage.notDecoded = notDecoded.sorted { $0.key < $1.key }.map {
      Coverage.NotDecoded(what: $0.key, frames: $0.value)
    }
  }

  /// By association, in the order of their first packet, over all inputs.
  private func countESP(_ coverage: inout Coverage) {
    struct Key: Hashable {
      var destination: IPAddress
      var spi: UInt32
    }
    var indices: [Key: Int] = [:]
    for (number, dissector) in zip(numbers, dissectors) {
      for count in dissector.espCounts {
        let key = Key(destination: count.destination, spi: count.spi)
        let index = indices[key] ?? coverage.esp.count
        if index == coverage.esp.count {
          indices[key] = index
          coverage.esp.append(Coverage.ESP(count: ESPCount(destination: count.destination, spi: count.spi)))
        }
        coverage.esp[index].count.add(count)
        coverage.esp[index].wrongFrames += count.wrongFrames.map {
          IssueLog.FrameReference(input: UInt16(number), frame: $0)
        }
      }
    }
  }
}

extension IssueLog.Entry {
  fileprivate init(_ issue: Census.Issue, input: UInt16) {
    self.init(
      layer: issue.layer, reason: issue.reason, count: Int(issue.count),
      frames: issue.frames.map { IssueLog.FrameReference(input: input, frame: $0) })
  }
}
