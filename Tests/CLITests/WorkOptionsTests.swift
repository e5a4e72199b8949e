import Testing

@testable import imstrace

/// How much of the machine a command takes.
@Suite struct WorkOptionsTests {
  @Test(
    arguments: [
      ("1M", 1 << 20), ("512M", 512 << 20), ("1g", 1 << 30), ("2GiB", 2 << 30), ("64MB", 64 << 20), ("2T", 2 << 40),
      ("1048576", 1 << 20), ("2048k", 2 << 20),
    ])
  func readsSizes(_ text: String, bytes: Int) throws {
    #expect(try WorkOptions.bytes(text) == bytes)
  }

  @Test(arguments: ["", "M", "12X", "1.5G", "-1M", "+1M", "1 G", "99999999999G", "G1", "0x10M"])
  func refusesWhatIsNoSize(_ text: String) {
    #expect(throws: (any Error).self) { try WorkOptions.bytes(text) }
  }

  @Test func saysWhatIsWrong() throws {
    let size = try Tool.run("check", "--max-memory", "12X", Tool.sample)
    #expect(size.status == 2)
    #expect(size.complaints.contains("'12X' is no size: give bytes, or a number with K, M, G or T, as in 512M"))
    let small = try Tool.run("flows", "--max-memory", "100", Tool.sample)
    #expect(small.status == 2 && small.complaints.contains("--max-memory is 1M at the least"))
    for threads in ["0", "65", "-1"] {
      let result = try Tool.run("check", "--threads=\(threads)", Tool.sample)
      #expect(result.status == 2 && result.complaints.contains("--threads is 1 to 64"))
    }
  }

  @Test(arguments: [["check", "--all"], ["flows"], ["ladder"], ["diagram"], ["via"]])
  func everyCommandThatJudgesTakesThreads(_ command: [String]) throws {
    let one = try Tool.run(command + ["--threads", "1", Tool.wrongKey])
    let four = try Tool.run(command + ["--threads", "4", Tool.wrongKey])
    #expect(one.output == four.output && one.status == four.status && !one.output.isEmpty)
  }

  /// `dump` judges nothing.
  @Test func dumpTakesNone() throws {
    #expect(try Tool.run("dump", "--threads", "2", Tool.sample).status == 2)
  }
}
