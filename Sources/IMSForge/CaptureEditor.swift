/// A capture that a test alters: read into records, changed, written back as pcapng.
///
/// The reading is independent of the product's: tests compare the two. It wants whole files and refuses what it does
/// not understand, except a file that ends inside its last block.
package struct CaptureEditor: Sendable {
  package typealias Record = CaptureRecord

  package struct Refusal: Error, Hashable, CustomStringConvertible {
    package var description: String
  }

  package var records: [Record]
  package var interfaces: [CaptureInterface]

  package init(records: [Record], interfaces: [CaptureInterface]) {
    self.records = records
    self.interfaces = interfaces
  }

  package init(_ file: [UInt8]) throws(Refusal) {
    guard file.count >= 24 else { throw Refusal(description: "no capture: \(file.count) bytes") }
    records = []
    interfaces = []
    switch Array(file[0..<4]) {
    case [0x0a, 0x0d, 0x0d, 0x0a]: try readPcapng(file)
    case [0xa1, 0xb2, 0xc3, 0xd4]: readPcap(Reader(file, .big), unit: 1000)
    case [0xd4, 0xc3, 0xb2, 0xa1]: readPcap(Reader(file, .little), unit: 1000)
    case [0xa1, 0xb2, 0x3c, 0x4d]: readPcap(Reader(file, .big), unit: 1)
    case [0x4d, 0x3c, 0xb2, 0xa1]: readPcap(Reader(file, .little), unit: 1)
    default: throw Refusal(description: "no capture: unknown magic number")
    }
  }

  /// With nanosecond interfaces, so that no time is lost.
  package var pcapng: [UInt8] {
    let interfaces = interfaces.map {
      var interface = $0
      interface.resolution = 9
      return interface
    }
    return CaptureWriter().pcapng(records, interfaces: interfaces)
  }

  // MARK: Records

  package mutating func drop(where predicate: (Record) -> Bool) { records.removeAll(where: predicate) }

  package mutating func keep(interface: Int) { records.removeAll { $0.interface != interface } }

  /// As if everything had been recorded at one point.
  package mutating func mergeInterfaces() {
    interfaces = [CaptureInterface(name: "any", linkType: interfaces.first?.linkType ?? 1)]
    mapRecords { $0.interface = 0 }
  }

  package mutating func swap(_ first: Int, _ second: Int) { records.swapAt(first, second) }

  package mutating func shiftTimes(by nanoseconds: Int64, where predicate: (Record) -> Bool = { _ in true }) {
    mapRecords { if predicate($0) { $0.time += nanoseconds } }
  }

  package mutating func mapRecords(_ change: (inout Record) -> Void) {
    for index in records.indices { change(&records[index]) }
  }

  /// `change` gives nil for a packet that stays as it is. The length on the wire grows or shrinks with the bytes.
  package mutating func mapBytes(_ change: ([UInt8]) -> [UInt8]?) {
    mapRecords { record in
      guard let bytes = change(record.bytes) else { return }
      record.originalLength += bytes.count - record.bytes.count
      record.bytes = bytes
    }
  }

  // MARK: Reading

  private struct Reader {
    let bytes: [UInt8]
    let order: ByteOrder

    init(_ bytes: [UInt8], _ order: ByteOrder) {
      self.bytes = bytes
      self.order = order
    }

    func number(_ offset: Int, _ length: Int) -> Int {
      let slice = bytes[offset..<offset + length]
      return order == .big ? slice.reduce(0) { $0 << 8 | Int($1) } : slice.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    func u16(_ offset: Int) -> Int { number(offset, 2) }
    func u32(_ offset: Int) -> Int { number(offset, 4) }
  }

  private mutating func readPcap(_ file: Reader, unit: Int) {
    let linkType = UInt32(file.u32(20) & 0x0fff_ffff)
    interfaces = [CaptureInterface(linkType: linkType, snapLength: UInt32(file.u32(16)), resolution: unit == 1 ? 9 : 6)]
    var offset = 24
    while offset + 16 <= file.bytes.count {
      let length = file.u32(offset + 8)
      guard offset + 16 + length <= file.bytes.count else { return }
      records.append(
        Record(
          linkType: linkType, time: Int64(file.u32(offset) * 1_000_000_000 + file.u32(offset + 4) * unit),
          bytes: Array(file.bytes[offset + 16..<offset + 16 + length]), originalLength: file.u32(offset + 12)))
      offset += 16 + length
    }
  }

  private mutating func readPcapng(_ bytes: [UInt8]) throws(Refusal) {
    var file = Reader(bytes, .little)
    var offset = 0
    var firstInterface = 0
    while offset + 12 <= bytes.count {
      if file.u32(offset) == 0x0a0d_0d0a {
        file = Reader(bytes, Array(bytes[offset + 8..<offset + 12]) == [0x1a, 0x2b, 0x3c, 0x4d] ? .big : .little)
        firstInterface = interfaces.count
      }
      let length = file.u32(offset + 4)
      guard length >= 12, length % 4 == 0 else { throw Refusal(description: "block length \(length) at \(offset)") }
      guard offset + length <= bytes.count else { return }
      switch file.u32(offset) {
      case 1: readInterface(file, offset + 8, end: offset + length - 4)
      case 6: try readPacket(file, offset + 8, firstInterface: firstInterface)
      case 2, 3: throw Refusal(description: "block type \(file.u32(offset)) at \(offset) is not handled")
      default: break
      }
      offset += length
    }
  }

  private mutating func readInterface(_ file: Reader, _ body: Int, end: Int) {
    var interface = CaptureInterface(linkType: UInt32(file.u16(body)), snapLength: UInt32(file.u32(body + 4)))
    var offset = body + 8
    while offset + 4 <= end, file.u16(offset) != 0 {
      let length = file.u16(offset + 2)
      let value = file.bytes[offset + 4..<offset + 4 + length]
      if file.u16(offset) == 2 { interface.name = String(decoding: value, as: UTF8.self) }
      if file.u16(offset) == 9 { interface.resolution = value.first }
      offset += 4 + (length + 3) / 4 * 4
    }
    interfaces.append(interface)
  }

  private mutating func readPacket(_ file: Reader, _ body: Int, firstInterface: Int) throws(Refusal) {
    let index = firstInterface + file.u32(body)
    guard index < interfaces.count else { throw Refusal(description: "packet of unknown interface at \(body)") }
    let ticks = UInt64(file.u32(body + 4)) << 32 | UInt64(file.u32(body + 8))
    let length = file.u32(body + 12)
    records.append(
      Record(
        interface: index, linkType: interfaces[index].linkType, time: interfaces[index].nanoseconds(ticks),
        bytes: Array(file.bytes[body + 20..<body + 20 + length]), originalLength: file.u32(body + 16)))
  }
}
