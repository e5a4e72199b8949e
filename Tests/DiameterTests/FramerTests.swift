import IMSBytes
import IMSDiameter
import Testing

@Suite struct FramerTests {
  static let messages = [uar, watchdog, uaa, uar]
  static let stream = messages.flatMap { $0 }

  static func frames(_ portions: [ArraySlice<UInt8>]) -> [[UInt8]] {
    var buffer: [UInt8] = []
    var result: [[UInt8]] = []
    var isSynchronised = false
    for portion in portions {
      buffer += portion
      feeding: while !buffer.isEmpty {
        if !isSynchronised {
          guard let start = Framing.nextStart(buffer, from: 0) else {
            buffer = []
            break
          }
          buffer.removeFirst(start)
          guard Framing.looksLikeStart(buffer) == .yes else { break }
          isSynchronised = true
        }
        switch Framing.frame(buffer) {
        case .message(let range):
          result.append(Array(buffer[range]))
          buffer.removeSubrange(range)
        case .need(let total):
          #expect(total > buffer.count)
          break feeding
        case .notDiameter: isSynchronised = false
        }
      }
    }
    return result
  }

  static func cuts(_ bytes: [UInt8], at positions: [Int]) -> [ArraySlice<UInt8>] {
    let edges = [0] + Set(positions).sorted() + [bytes.count]
    return zip(edges, edges.dropFirst()).map { bytes[$0..<$1] }
  }

  @Test func allCutsGiveTheSameMessages() {
    let stream = Self.stream
    #expect(Self.frames([stream[...]]) == Self.messages)
    #expect(Self.frames(Self.messages.map { $0[...] }) == Self.messages)
    #expect(Self.frames(Self.cuts(stream, at: Array(1..<stream.count))) == Self.messages)
    for cut in 1..<stream.count { #expect(Self.frames(Self.cuts(stream, at: [cut])) == Self.messages) }
    var random = FixedRandom(state: 0x1234_5678_9abc_def1)
    for _ in 0..<200 {
      let positions = (0..<Int.random(in: 1...30, using: &random)).map { _ in
        Int.random(in: 1..<stream.count, using: &random)
      }
      #expect(Self.frames(Self.cuts(stream, at: positions)) == Self.messages)
    }
  }

  @Test func resynchronises() {
    let lost = Array(uar[13...]) + [1, 1, 1] + uaa + watchdog
    #expect(Self.frames([lost[...]]) == [uaa, watchdog])
    #expect(Self.frames(Self.cuts(lost, at: Array(1..<lost.count))) == [uaa, watchdog])
    #expect(Framing.nextStart([], from: 0) == nil && Framing.nextStart([0, 0, 1], from: 0) == 2)
    #expect(Framing.nextStart(uar, from: 500) == nil)
  }

  @Test func recognises() {
    for bytes in Self.messages { #expect(Framing.recognise(bytes)) }
    #expect(Framing.recognise(Array(uar[..<28])))
    for count in 0..<28 {
      #expect(!Framing.recognise(Array(uar[..<count])))
      #expect(Framing.looksLikeStart(Array(uar[..<count])) == .needMore)
    }
    func changed(_ index: Int, _ value: UInt8) -> [UInt8] {
      var bytes = uar
      bytes[index] = value
      return bytes
    }
    let broken = [
      changed(0, 2), changed(1, 0x20), changed(3, uar[3] + 1), changed(4, 0xc1), changed(4, 0xa0), changed(23, 1),
      changed(27, 7), changed(26, 0xff), message(), Array("REGISTER sip:hims.net SIP/2.0\r\n".utf8),
    ]
    for bytes in broken { #expect(!Framing.recognise(bytes)) }
    #expect(Framing.frame(changed(0, 2)) == .notDiameter && Framing.frame(changed(23, 1)) == .message(0..<uar.count))
  }
}
