import IMSBytes
import IMSCapture
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct BlockFileTests {
  @Test func tellsWhyAFileCannotBeOpened() {
    #expect(throws: InputError(.unreadable, path: "/nowhere/x.pcap", reason: "no such file")) {
      _ = try BlockFile(path: "/nowhere/x.pcap")
    }
    #expect(throws: InputError(.unreadable, path: "/", reason: "is a directory")) { _ = try BlockFile(path: "/") }
  }

  /// A pipe gives each packet as soon as it was written, long before the block is full.
  @Test func handsOnEachPacketAsItArrives() throws {
    let recipe = PcapRecipe()
    let pipe = try Pipe()
    pipe.write(recipe.header + recipe.record(1, 0, [1]))
    var reader = try CaptureReader(BlockFile(path: pipe.path))
    #expect(reader.next()?.number == 1)
    pipe.write(recipe.record(2, 0, [2]))
    #expect(reader.next()?.number == 2)
    pipe.finish()
    #expect(reader.next()?.number == nil)
    #expect(reader.issues.isEmpty)
  }

  @Test func endsWhenItIsInterrupted() throws {
    let recipe = PcapRecipe()
    let pipe = try Pipe()
    pipe.write(recipe.header + recipe.record(1, 0, [1]) + [0, 0, 0])
    let file = try BlockFile(path: pipe.path)
    file.isInterrupted = { true }
    let refused = #expect(throws: InputError.self) { _ = try CaptureReader(file) }
    #expect(refused?.reason == "was interrupted before its first packet")

    let second = try BlockFile(path: pipe.path)
    var reader = try CaptureReader(second)
    #expect(reader.next()?.number == 1)
    second.isInterrupted = { true }
    #expect(reader.next()?.number == nil)
    #expect(second.wasInterrupted)
    #expect(reader.issues.isEmpty)
    pipe.finish()
  }
}

/// A pipe that can be opened by name.
private final class Pipe {
  private var ends: [Int32] = [-1, -1]

  init() throws { try #require(pipe(&ends) == 0) }

  var path: String { "/dev/fd/\(ends[0])" }

  func write(_ bytes: [UInt8]) {
    #if canImport(Glibc)
      _ = Glibc.write(ends[1], bytes, bytes.count)
    #else
      _ = Darwin.write(ends[1], bytes, bytes.count)
    #endif
  }

  func finish() { close(ends[1]) }
}
