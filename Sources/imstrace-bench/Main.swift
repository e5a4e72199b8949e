import IMSForge

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes a capture of synthetic registrations: `imstrace-bench FILE REGISTRATIONS RATE`, begun at RATE per second of
/// capture time, interleaved. The same arguments give the same bytes.
@main
struct Main {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let count = Int(arguments[2]), let rate = Int64(arguments[3]), rate > 0 else {
      print("usage: imstrace-bench FILE REGISTRATIONS RATE")
      exit(2)
    }
    let recipes = (1...max(1, count)).map { number in
      RegistrationRecipe(subscriber: number, start: TraceText.start + Int64(number) * 1_000_000_000 / rate)
    }
    let bytes = RegistrationRecipe.capture(recipes).pcapng
    guard let file = fopen(arguments[1], "wb") else {
      perror(arguments[1])
      exit(1)
    }
    let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    exit(written == bytes.count && fclose(file) == 0 ? 0 : 1)
  }
}
