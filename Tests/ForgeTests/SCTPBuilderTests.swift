import IMSBytes
import IMSForge
import TestSupport
import Testing

@Suite struct SCTPBuilderTests {
  private let left = HostPort("10.20.0.20", 45931)
  private let right = HostPort("10.20.0.40", 3868)

  /// The check value of CRC-32C.
  @Test func checksumOfNineDigits() {
    #expect(SCTPBuilder.crc32c(Array("123456789".utf8)) == 0xe306_9283)
  }

  @Test func chunksArePaddedOutsideTheirLength() {
    let chunk = SCTPChunk.data(7, stream: 1, sequence: 2, [0x61, 0x62, 0x63])
    #expect(Hex.encode(chunk.bytes) == "00030013" + "00000007" + "00010002" + "0000002e" + "61626300")
    let pieces = SCTPChunk.fragments(of: [1, 2, 3, 4, 5], size: 2, tsn: 0xffff_ffff, isUnordered: true)
    #expect(pieces.map(\.flags) == [6, 4, 5])
    #expect(pieces.map { Hex.encode($0.value.prefix(4)) } == ["ffffffff", "00000000", "00000001"])
    #expect(pieces.map { Array($0.value.dropFirst(12)) } == [[1, 2], [3, 4], [5]])
  }

  @Test(.enabled(if: Tshark.isInstalled)) func theReferenceReadsAMessageInFragments() throws {
    let exchange = CxBuilder.Exchange(
      session: "i;1;2", hopByHop: 7, endToEnd: 8, client: "icscf.hims.net", server: "hss.hims.net", realm: "hims.net")
    let request = CxBuilder.uar(exchange, impi: "n@hims.net", impu: "sip:n@hims.net", visited: "vims.net").bytes
    let pieces = SCTPChunk.fragments(of: request, size: 100, tsn: 5)
    let chunks = pieces + [.sack(3), .data(50, request)]
    let records = chunks.enumerated().map { index, chunk in
      let packet = SCTPBuilder(from: left, to: right, verificationTag: 9, chunks: [chunk])
      return CaptureRecord(time: Int64(index + 1) * 1_000_000, bytes: PacketBuilder.sctp(packet))
    }
    let capture = CaptureWriter().pcapng(records, interfaces: [CaptureInterface()])
    let rows = try Tshark.rows(capture, filter: "diameter", fields: ["diameter.cmd.code"])
    #expect(rows == [["300"], ["300"]])
    let checks = try Tshark.rows(
      capture, fields: ["sctp.checksum.status"], options: ["-o", "sctp.checksum:CRC 32c"])
    #expect(checks == Array(repeating: ["1"], count: chunks.count))
  }
}
