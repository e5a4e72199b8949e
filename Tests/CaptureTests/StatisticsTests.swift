import IMSBytes
import IMSCapture
import Testing

/// What a recorder says that it lost itself.
@Suite struct StatisticsTests {
  private static func statistics(_ recipe: PcapngRecipe, of interface: UInt32, _ counters: [(UInt16, UInt64)])
    -> [UInt8]
  {
    let options = counters.flatMap { recipe.option($0.0, recipe.order.u64($0.1)) }
    return recipe.block(5, recipe.order.u32(interface) + recipe.order.u64(0) + options + recipe.order.u32(0))
  }

  private static func file(_ recipe: PcapngRecipe, _ blocks: [UInt8]) -> [UInt8] {
    let name = recipe.option(2, Array("gm".utf8))
    let head = recipe.section + recipe.interface(1, options: name) + recipe.interface(1)
    return head + recipe.enhanced(0, 1_700_000_000_000_000, [1, 2, 3]) + blocks
  }

  @Test(arguments: [true, false]) func whatTheRecorderLostIsSaid(isLittleEndian: Bool) throws {
    let recipe = PcapngRecipe(order: Order(isLittleEndian: isLittleEndian))
    let before = Self.file(recipe, [])
    var reader = try capture(
      before + Self.statistics(recipe, of: 0, [(4, 1000), (5, 12), (7, 3)]) + Self.statistics(recipe, of: 1, [(5, 1)]))
    #expect(reader.readAll().count == 1)
    #expect(
      reader.issues.map(\.reason) == [
        "the recorder itself lost 15 of 1000 packets of interface gm",
        "the recorder itself lost 1 packets of interface 1",
      ])
    #expect(reader.issues.first?.offset == UInt64(before.count))
    #expect(reader.skipped == 0)
  }

  /// The counters run from the beginning of the capture.
  @Test func theLastBlockOfAnInterfaceCounts() throws {
    let recipe = PcapngRecipe()
    let blocks = [0, 4, 9].flatMap { Self.statistics(recipe, of: 0, [(4, 50), (5, $0)]) }
    var reader = try capture(Self.file(recipe, blocks))
    _ = reader.readAll()
    #expect(reader.issues.map(\.reason) == ["the recorder itself lost 9 of 50 packets of interface gm"])
  }

  @Test func nothingLostIsNothingSaid() throws {
    let recipe = PcapngRecipe()
    let lost = Self.statistics(recipe, of: 0, [(4, 50), (5, 0), (6, 50), (7, 0), (8, 50)])
    let nobody = Self.statistics(recipe, of: 7, [(5, 3)])
    var reader = try capture(Self.file(recipe, lost + nobody + Self.statistics(recipe, of: 0, [])))
    _ = reader.readAll()
    #expect(reader.issues.isEmpty)
  }

  @Test func aBlockMayEndAnywhere() throws {
    let recipe = PcapngRecipe()
    let options =
      recipe.option(4, recipe.order.u64(50)) + recipe.option(5, recipe.order.u64(.max))
      + recipe.option(7, recipe.order.u64(.max))
    for count in stride(from: 0, through: options.count, by: 4) {
      let body = recipe.order.u32(0) + recipe.order.u64(0) + options.prefix(count)
      var reader = try capture(Self.file(recipe, recipe.block(5, body)))
      #expect(reader.readAll().count == 1)
      let isTold = count >= 24
      #expect(reader.issues.count == (isTold ? 1 : 0), "\(count): \(reader.issues)")
    }
  }
}
