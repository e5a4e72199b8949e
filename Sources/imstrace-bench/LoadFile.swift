import IMSBytes
import IMSForge
import IMSSecrets

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A capture to measure with, written second by second, the same bytes each time.
struct LoadFile {
  enum Load {
    /// Registrations as short as the standards let them be, over UDP, begun at this rate; their digests are right.
    case plain(registrations: Int, rate: Int)
    /// Those of a mobile network.
    case carrier(registrations: Int, rate: Int)
    /// Voice and other traffic, a registration in each second.
    case noise(seconds: Int, packetRate: Int = 20_000)
  }

  var path: String
  var load: Load

  func write() throws(BenchError) {
    guard let file = fopen(path, "wb") else { throw .system(path) }
    defer { fclose(file) }
    let writer = CaptureWriter()
    let header = writer.pcapng([], interfaces: RegistrationLoad.interfaces)
    var isComplete = put(header[...], file)
    load.eachSecond { records in
      let section = writer.pcapng(records, interfaces: RegistrationLoad.interfaces)
      isComplete = isComplete && put(section.dropFirst(header.count), file)
    }
    guard isComplete, fflush(file) == 0 else { throw .system(path) }
  }

  private func put(_ bytes: ArraySlice<UInt8>, _ file: UnsafeMutablePointer<FILE>) -> Bool {
    bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) } == bytes.count
  }
}

extension LoadFile.Load {
  func eachSecond(_ body: ([CaptureRecord]) throws -> Void) rethrows {
    switch self {
    case .plain(let registrations, let rate):
      try RegistrationLoad(count: registrations, rate: rate, respond: Self.response).eachSecond(body)
    case .carrier(let registrations, let rate):
      try RegistrationLoad(count: registrations, rate: rate, traffic: Self.traffic, respond: Self.response)
        .eachSecond(body)
    case .noise(let seconds, let packetRate):
      try NoiseLoad(seconds: seconds, packetRate: packetRate, traffic: Self.traffic, respond: Self.response)
        .eachSecond(body)
    }
  }

  static let traffic = CarrierTraffic { ESPSeal(vector: $1).packet($0) }

  /// AKAv1-MD5 without qop, as the UE of the forge answers (RFC 3310 §3.3).
  private static let response: RegistrationLoad.Responder = { cast in
    let vector = cast.vectors[0]
    return DigestRequest(
      method: "REGISTER", username: Text(cast.privateIdentity), realm: Text(cast.domain),
      uri: Text("sip:\(cast.domain)"), nonce: Text(vector.nonce), algorithm: "AKAv1-MD5"
    ).response(to: .password(vector.xres))?.string ?? ""
  }
}
