import IMSBytes
import IMSCapture
import IMSForge

/// One number in either byte order.
struct Order {
  var isLittleEndian: Bool

  func u16(_ value: UInt16) -> [UInt8] { order([UInt8(value >> 8), UInt8(value & 0xff)]) }
  func u32(_ value: UInt32) -> [UInt8] {
    var writer = ByteWriter()
    writer.u32(value)
    return order(writer.bytes)
  }
  func u64(_ value: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.u64(value)
    return order(writer.bytes)
  }
  private func order(_ bytes: [UInt8]) -> [UInt8] { isLittleEndian ? bytes.reversed() : bytes }
}

struct PcapRecipe {
  var magic: UInt32 = 0xa1b2_c3d4
  var order = Order(isLittleEndian: true)
  var linkType: UInt32 = 1

  var header: [UInt8] {
    order.u32(magic) + order.u16(2) + order.u16(4) + order.u32(0) + order.u32(0) + order.u32(65535)
      + order.u32(linkType)
  }

  func record(_ seconds: UInt32, _ fraction: UInt32, _ bytes: [UInt8], original: UInt32? = nil) -> [UInt8] {
    let extra: [UInt8] = magic == 0xa1b2_cd34 ? [0, 0, 0, 1, 0, 8, 0, 0] : []
    return order.u32(seconds) + order.u32(fraction) + order.u32(UInt32(bytes.count))
      + order.u32(original ?? UInt32(bytes.count)) + extra + bytes
  }
}

struct PcapngRecipe {
  var order = Order(isLittleEndian: true)

  func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
    let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
    let length = order.u32(UInt32(padded.count + 12))
    return order.u32(type) + length + padded + length
  }

  func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
    order.u16(code) + order.u16(UInt16(value.count)) + value
      + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
  }

  var section: [UInt8] {
    block(0x0a0d_0d0a, order.u32(0x1a2b_3c4d) + order.u16(1) + order.u16(0) + order.u64(.max))
  }

  func interface(_ linkType: UInt16, snapLength: UInt32 = 0, options: [UInt8] = []) -> [UInt8] {
    block(1, order.u16(linkType) + order.u16(0) + order.u32(snapLength) + options)
  }

  func enhanced(_ interface: UInt32, _ ticks: UInt64, _ bytes: [UInt8], original: UInt32? = nil) -> [UInt8] {
    block(
      6,
      order.u32(interface) + order.u32(UInt32(ticks >> 32)) + order.u32(UInt32(truncatingIfNeeded: ticks))
        + order.u32(UInt32(bytes.count)) + order.u32(original ?? UInt32(bytes.count)) + bytes)
  }

  func simple(_ bytes: [UInt8], original: UInt32? = nil) -> [UInt8] {
    block(3, order.u32(original ?? UInt32(bytes.count)) + bytes)
  }

  func obsolete(_ interface: UInt16, _ ticks: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    block(
      2,
      order.u16(interface) + order.u16(0) + order.u32(UInt32(ticks >> 32))
        + order.u32(UInt32(truncatingIfNeeded: ticks)) + order.u32(UInt32(bytes.count))
        + order.u32(UInt32(bytes.count)) + bytes)
  }
}

/// A frame that outlives its reader.
struct Seen: Equatable {
  var number: UInt32
  var nanoseconds: Int64
  var interface: UInt16
  var linkType: UInt32
  var original: UInt32
  var offset: UInt64
  var bytes: [UInt8]

  init(_ frame: borrowing Frame) {
    number = frame.number
    nanoseconds = frame.time.nanoseconds
    interface = frame.interface
    linkType = frame.linkType.rawValue
    original = frame.originalLength
    offset = frame.fileOffset
    bytes = frame.bytes.array
  }
}

extension CaptureReader {
  mutating func readAll() -> [Seen] {
    var all: [Seen] = []
    while let frame = next() { all.append(Seen(frame)) }
    return all
  }
}

func capture(_ bytes: [UInt8], blockSize: Int = 1 << 20, chunk: Int = .max) throws -> CaptureReader {
  try CaptureReader(BlockFile(bytes: bytes, blockSize: blockSize, chunk: chunk))
}
