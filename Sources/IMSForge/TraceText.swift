/// A mistake in a text ladder.
package struct TraceTextError: Error, Hashable, CustomStringConvertible {
  /// From 1.
  package var line: Int
  package var reason: String

  package var description: String { "line \(line): \(reason)" }
}

/// A text ladder as a capture. One arrow a line:
///
///     UE -> P: REGISTER sip:hims.net
///       Contact: <sip:10.10.0.2:5060>;expires=7200
///     P -> I: REGISTER
///     I -> HSS: UAR
///     HSS -> I: UAA 2001
///     wait 130s
///     P -> UE: 401 Unauthorized      ← flagged
///       -Security-Server
///
/// Nodes are UE, P, I, S, S2, HSS, DNS, AS, SGSN and GGSN. Indented lines belong to the arrow above: `Name: value` replaces a
/// header or AVP or adds one, `-Name` removes it; `Name.parameter: value` and `-Name.parameter` do so for one parameter
/// of a SIP header (`Contact.expires: 0`, `Authorization.realm: "other"`); `| text` is a line of the body. AVPs have
/// their dictionary names, octets may be written `0x…`; `Flags`, `Application-Id`, `Hop-by-Hop` and `End-to-End` change
/// the Diameter header. Everything else is filled in as the specifications expect it there; a hop that is not told is
/// imagined. A result of an answer is written `2001`, `exp 2001` or `result 2001`. `(again)` behind an arrow sends the
/// same bytes once more. `wait 130s` moves the clock, which else goes on by 1 ms from arrow to arrow; `restart` forgets
/// the registration, `user bob` does so for another subscriber with another UE address. A REGISTER with an `auts` is a
/// resynchronisation: outside the associations, and the MAR after it has RAND ‖ AUTS. DNS is written
/// `P -> DNS: A hims.net`, `DNS -> P: A 10.20.0.20` (or SRV, NAPTR, NODATA, NXDOMAIN, SERVFAIL, REFUSED). Between SGSN and
/// GGSN travel `Create PDP Context` and `Delete PDP Context`, requests and answers of GTP-C, with `IMSI`, `UE` and
/// `P-CSCF` as their headers. `I -> P: ICMP port unreachable` quotes the last packet of P to I. `clock P +150ms`
/// puts a second capture point at a node, whose clock is so much ahead; `clock P -40ms received` one that sees only what the
/// node receives. `proof sip-digest` (or `sip-digest-tls`, `giba`, `nass-bundled`) tells of a subscriber who is known otherwise than by AKA.
/// Blank lines and lines with `#` are skipped.
///
/// The subscriber is name.private@hims.net, or @home.net when the first REGISTER goes to sip:home.net. His first three
/// challenges and the answers are right (`AKAVector.standard`).
package struct TraceText: Sendable {
  /// One interface named "any", Ethernet, no duplicates; and one more for each `clock`, with copies.
  package let records: [CaptureRecord]
  private let interfaces: [CaptureInterface]
  /// 1-based numbers of the frames of arrows that bear a mark.
  package let flaggedFrames: [Int]

  /// A pcapng file.
  package var bytes: [UInt8] {
    CaptureWriter().pcapng(records, interfaces: interfaces)
  }

  /// 2026-01-01T00:00:00Z.
  package static let start: Int64 = 1_767_225_600_000_000_000

  /// With `check` the messages of a security association travel in ESP with null encryption, else in clear on the
  /// protected ports.
  package init(_ text: String, start: Int64 = Self.start, check: Wires.IntegrityCheck? = nil) throws(TraceTextError) {
    var parser = TraceParser(text)
    let lines = try parser.parse()
    var story = Story(cast: TraceParser.cast(for: lines), clock: start)
    var marked: [Bool] = []
    var places: [CapturePlace] = []
    for line in lines {
      do throws(StoryError) {
        switch line.content {
        case .wait(let nanoseconds): story.clock += nanoseconds
        case .restart(let user): story.restart(user: user)
        case .clock(let place): places.append(place)
        case .proof(let proof): story.cast.proof = proof
        case .arrow(let arrow, let isMarked):
          try story.tell(arrow)
          story.clock += 1_000_000
          marked.append(isMarked)
        }
      } catch {
        throw TraceTextError(line: line.number, reason: error.reason)
      }
    }
    var wires = Wires(check: check)
    var records: [CaptureRecord] = []
    var flagged: [Int] = []
    for (sending, isMarked) in zip(story.sendings, marked) {
      for frame in wires.frames(sending) {
        records.append(CaptureRecord(time: sending.time, bytes: frame))
        if isMarked { flagged.append(records.count) }
        for (number, place) in places.enumerated() where place.sees(sending) {
          records.append(CaptureRecord(interface: number + 1, time: sending.time + place.offset, bytes: frame))
        }
      }
    }
    self.records = records
    let names = ["any"] + places.map(\.member.rawValue)
    interfaces = names.map { CaptureInterface(name: $0, resolution: 9) }
    flaggedFrames = flagged
  }
}
