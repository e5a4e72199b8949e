// RFC 9260, sections 3.1 (common header), 3.2 (chunk) and 3.3.1 (DATA); RFC 8260, section 2.1 (I-DATA).
//
//   packet   source port 2, destination port 2, verification tag 4, CRC32c 4, chunks
//   chunk    type 1, flags 1, length 2 (with these four bytes, without the padding to a multiple of four), value
//   DATA     TSN 4, stream 2, stream sequence number 2, PPID 4, user data
//   I-DATA   TSN 4, stream 2, reserved 2, MID 4, PPID (with B) or FSN 4, user data
//
// The CRC32c is not judged: offload leaves it wrong in captures of a sender.

import IMSBytes

enum SCTP {
  static func decode(_ bytes: RawSpan, _ walk: inout Walk) -> Next {
    guard bytes.byteCount >= 12 else { return walk.stop("SCTP", "header cut", at: bytes.byteCount) }
    walk.layers.append(.sctp)
    walk.sourcePort = bytes.u16(0)
    walk.destinationPort = bytes.u16(2)
    walk.verificationTag = bytes.u32(4)
    walk.start += 12
    return .done(.sctp)
  }

  static let abort: UInt8 = 6

  /// Cause codes of ABORT (RFC 9260 §3.3.10).
  static let causes: [UInt16: String] = [
    1: "invalid stream identifier", 2: "missing mandatory parameter", 3: "stale cookie", 4: "out of resource",
    5: "unresolvable address", 6: "unrecognized chunk type", 7: "invalid mandatory parameter",
    8: "unrecognized parameters", 9: "no user data", 10: "cookie received while shutting down",
    11: "restart with new addresses", 12: "user-initiated abort", 13: "protocol violation",
  ]

  /// What the receiver of a packet does with a chunk.
  enum Chunk {
    case data(Header)
    /// INIT, ABORT, SHUTDOWN COMPLETE: nothing that the sender has not finished will be.
    case boundary
    /// Acknowledgements, heartbeats and everything else that carries no user data.
    case other
    /// A DATA or I-DATA chunk that carries nothing, and why.
    case empty(String)
  }

  /// The header of a DATA or I-DATA chunk.
  struct Header {
    var isInterleaved: Bool
    var isUnordered: Bool
    /// B and E: the chunk has the first and the last byte of its user message.
    var isFirst: Bool
    var isLast: Bool
    var tsn: UInt32
    var stream: UInt16
    /// I-DATA: the message of the stream; else 0.
    var message: UInt32
    /// Counts the fragments of a message: the TSN, with I-DATA the FSN.
    var sequence: UInt32
    /// 0 in an I-DATA fragment that is not the first.
    var protocolIdentifier: UInt32

    /// Bytes before the user data.
    var count: Int { isInterleaved ? 20 : 16 }
  }

  /// `chunk` has four bytes at the least; `missing` of its bytes were cut by the capture.
  static func chunk(_ chunk: RawSpan, missing: Int) -> Chunk {
    let type = chunk.u8(0)
    switch type {
    case 0, 64: break
    case 1, 6, 14: return .boundary
    default: return .other
    }
    let isInterleaved = type == 64
    let count = isInterleaved ? 20 : 16
    guard chunk.byteCount + missing > count else { return .empty("DATA chunk without user data") }
    guard chunk.byteCount >= count else { return .other }
    let flags = chunk.u8(1)
    let isFirst = flags & 2 != 0
    let tsn = chunk.u32(4)
    let last = chunk.u32(count - 4)
    return .data(
      Header(
        isInterleaved: isInterleaved, isUnordered: flags & 4 != 0, isFirst: isFirst, isLast: flags & 1 != 0, tsn: tsn,
        stream: chunk.u16(8), message: isInterleaved ? chunk.u32(12) : 0,
        sequence: isInterleaved ? (isFirst ? 0 : last) : tsn,
        protocolIdentifier: isInterleaved && !isFirst ? 0 : last))
  }
}
