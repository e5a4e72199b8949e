import IMSBytes
import IMSFlows
import IMSForge
import IMSMessages
import Testing

@testable import IMSAnalysis

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Lanes with threads: what waits is bounded, and nobody waits in a circle.
@Suite(.timeLimit(.minutes(5))) struct LaneThreadTests {
  /// Holds a lane until it is let go.
  private final class Gate: Sendable {
    private let state = Monitor(false)
    func open() { state.change { $0 = true } }
    func pass() { state.wait { $0 ? () : nil } }
  }

  private static func messages(_ count: Int) throws -> [Message] {
    let one = "UE -> P: REGISTER sip:hims.net\nP -> UE: 401 Unauthorized\nUE -> P: REGISTER sip:hims.net"
    let trace = try TraceText((0..<count).map { "user \($0)\n\(one)" }.joined(separator: "\n"))
    return MessageLister().collect([.file(BlockFile(bytes: trace.bytes))]).messages
  }

  /// The reader waits when four batches of 1024 messages do, and goes on when there is room again.
  @Test func aFullLaneHoldsTheReaderBack() throws {
    let gate = Gate()
    let given = Monitor(0)
    var options = Options()
    options.threads = 2
    options.pause = { _ in gate.pass() }
    let message = try #require(try Self.messages(1).first)
    // It takes one batch and is held there; four wait, a sixth has no room.
    let most = (Bounds.laneQueue + 1) * Bounds.laneBatch
    let deepest = Monitor(0)
    let started = WorkerThread { [options] in
      guard let lanes = LaneThreads(options, Judge(options)) else { return }
      for _ in 0..<most + 3 * Bounds.laneBatch {
        lanes.give(.message(message, subscriber: .empty), to: 0)
        given.change { $0 += 1 }
      }
      let beat = Lane.Beat(number: 1, watermark: .distantFuture)
      lanes.advance(beat, Ledger()) { _ in }
      lanes.finish(beat) { _ in }
      deepest.change { $0 = lanes.deepest }
    }
    let reader = try #require(started)
    // The message that makes the batch whole is the one that waits.
    let held = most + Bounds.laneBatch - 1
    given.wait { $0 >= held ? () : nil }
    for _ in 0..<1000 { yieldThread() }
    let before = given.look { $0 }
    #expect(before == held)
    gate.open()
    reader.join()
    let (after, waited) = (given.look { $0 }, deepest.look { $0 })
    #expect(after == most + 3 * Bounds.laneBatch)
    #expect(waited == Bounds.laneQueue)
  }

  /// Beats at which nothing is due wake nobody.
  @Test func aBeatWithoutWorkIsPassedOver() throws {
    var options = Options()
    options.threads = 2
    let batches = Monitor(0)
    options.pause = { _ in batches.change { $0 += 1 } }
    let lanes = try #require(LaneThreads(options, Judge(options)))
    for number in 1...100 {
      let isPassed = lanes.pass(Lane.Beat(number: number, watermark: Timestamp(nanoseconds: Int64(number))))
      #expect(isPassed)
    }
    let last = Lane.Beat(number: 101, watermark: .distantFuture)
    lanes.advance(last, Ledger()) { _ in }
    lanes.finish(last) { _ in }
    let count = batches.look { $0 }
    #expect(count == 2)
  }

  /// What lanes let go is told by the beat, and counts once.
  @Test func whatIsLetGoIsWaitedFor() throws {
    var options = Options()
    options.threads = 3
    options.pause = { _ in yieldThread() }
    let lanes = try #require(LaneThreads(options, Judge(options)))
    var router = Router()
    var open = OpenBytes()
    var subscribers: [(id: MessageID, key: Fingerprint)] = []
    for message in try Self.messages(200) {
      guard let subscriber = router.route(message) else { continue }
      subscribers.append((message.id, subscriber))
      open.add(message.footprint, of: message.id)
      lanes.give(.message(message, subscriber: subscriber), to: lanes.lane(of: subscriber))
    }
    #expect(open.total > 600 * 1024)
    let limit = open.giveUp(downTo: open.total / 2)
    let begun = Set(subscribers.filter { $0.id < limit }.map(\.key)).count
    #expect(begun > 50 && begun < 200)
    var ended = 0
    let start = TraceText.start
    lanes.advance(Lane.Beat(number: 1, watermark: Timestamp(nanoseconds: start), limit: limit), Ledger()) { _ in
      ended += 1
    }
    var told = 0
    lanes.takeReleased(until: 1) { told += $0.entries.reduce(0) { $0 + $1.bytes } }
    #expect(told > 0)
    let last = Lane.Beat(number: 2, watermark: .distantFuture)
    lanes.advance(last, Ledger()) { _ in ended += 1 }
    lanes.finish(last) { _ in ended += 1 }
    #expect(ended >= 200)
    #expect(lanes.leftovers.givenUp == begun)
  }

  @Test func runsOfMessagesAreGivenUpFromTheFirstOn() {
    var open = OpenBytes()
    for number in 0..<1024 { open.add(10, of: MessageID(UInt32(number))) }
    #expect(open.total == 10_240)
    let first = open.giveUp(downTo: 6_000)
    #expect(first == MessageID(512))
    #expect(open.total == 5_120)
    // Late news of what was given up changes nothing.
    open.add(10, of: MessageID(3))
    var released = ReleasedBytes()
    for number in 0..<1024 { released.add(10, of: MessageID(UInt32(number))) }
    open.remove(released)
    #expect(open.total == 0)
    open.add(7, of: MessageID(1023))
    #expect(open.total == 7)
  }
}

private func yieldThread() { sched_yield() }
