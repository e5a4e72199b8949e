import IMSBytes
import IMSForge
import IMSSecrets

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A capture of synthetic registrations whose digests are right, written second by second.
struct LoadFile {
  var path: String
  var registrations: Int
  /// Begun in each second of capture time.
  var rate: Int

  func write() throws(BenchError) {
    guard let file = fopen(path, "wb") else { throw .system(path) }
    defer { fclose(file) }
    let writer = CaptureWriter()
    let header = writer.pcapng([], interfaces: RegistrationLoad.interfaces)
    var isComplete = put(header[...], file)
    RegistrationLoad(count: registrations, rate: rate, respond: Self.response).eachSecond { records in
      let section = writer.pcapng(records, interfaces: RegistrationLoad.interfaces)
      isComplete = isComplete && put(section.dropFirst(header.count), file)
    }
    guard isComplete, fflush(file) == 0 else { throw .system(path) }
  }

  private func put(_ bytes: ArraySlice<UInt8>, _ file: UnsafeMutablePointer<FILE>) -> Bool {
    bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) } == bytes.count
  }

  /// AKAv1-MD5 without qop, as the UE of the forge answers (RFC 3310 §3.3).
  private static let response: RegistrationLoad.Responder = { cast in
    let vector = cast.vectors[0]
    return DigestRequest(
      method: "REGISTER", username: Text(cast.privateIdentity), realm: Text(cast.domain),
      uri: Text("sip:\(cast.domain)"), nonce: Text(vector.nonce), algorithm: "AKAv1-MD5"
    ).response(to: .password(vector.xres))?.string ?? ""
  }
}
