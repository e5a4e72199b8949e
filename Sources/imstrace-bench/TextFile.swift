#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whole files.
enum TextFile {
  static func read(_ path: String) throws(BenchError) -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw .system(path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&block, 1, block.count, file)
      guard count > 0 else { return bytes }
      bytes += block[..<count]
    }
  }

  static func text(_ path: String) throws(BenchError) -> String { String(decoding: try read(path), as: UTF8.self) }

  static func write(_ bytes: [UInt8], to path: String) throws(BenchError) {
    guard let file = fopen(path, "wb") else { throw .system(path) }
    let count = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, count == bytes.count else { throw .system(path) }
  }
}
