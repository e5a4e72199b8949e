import IMSBytes
import IMSCapture
import IMSInflate
import IMSMessages
import IMSWire

/// A dissector with the reader behind it, as `check` joins them, and what must hold of every payload between the two.
struct Reading {
  private var dissector: Dissector
  private var receiver = Receiver()

  /// With `isSieved` datagrams that nobody reads are held back, as `check` does.
  init(isSieved: Bool = false) {
    dissector = Dissector(input: 0, unpack: Zlib.unpack, sieve: isSieved ? MessageReader.sieve : nil)
  }

  var reader: MessageReader { receiver.reader }
  /// The first.
  var complaint: Complaint? { receiver.complaint }
  /// Agents of HEP stamp by clocks of their own: copies of what lies further apart than they are known for are not told.
  var isWithinPatience: Bool { receiver.latest - receiver.earliest < .seconds(Int64(Bounds.knownMessagePatience)) }

  /// Asked of every payload, beside what is asked here.
  typealias Look = (borrowing Payload) throws(Complaint) -> Void

  mutating func feed(
    _ bytes: [UInt8], _ linkType: LinkType, interface: UInt16 = 0, milliseconds: Int64 = 0, missing: Int = 0,
    _ look: Look = { (_) throws(Complaint) in }
  ) {
    receiver.number += 1
    let frame = Frame(
      number: receiver.number, time: Timestamp(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds),
      interface: interface, linkType: linkType, originalLength: UInt32(bytes.count + missing),
      fileOffset: UInt64(receiver.number) << 16, bytes: bytes.span.bytes)
    let news = dissector.feed(frame) { receiver.take($0, look) }
    if news.hasForeignDatagram { receiver.reader.pass(at: news.time) }
  }

  /// What is said of everything that was read.
  var account: String {
    "\(reader.counts) \(reader.issues.entries) \(reader.notDecoded) \(dissector.census.issues) \(dissector.census.notDecoded)"
  }

  mutating func finish(_ look: Look = { (_) throws(Complaint) in }) {
    dissector.finish { receiver.take($0, look) }
    if dissector.hasParked { receiver.complain("an ESP packet waits behind the end") }
    if dissector.census.issues.count > Bounds.censusIssues { receiver.complain("more issues than are listed") }
  }
}

/// The reader, and what is wrong with what it was given or made.
private struct Receiver {
  var reader = MessageReader()
  /// Of the last frame.
  var number: UInt32 = 0
  private(set) var complaint: Complaint?
  private(set) var earliest = Timestamp.distantFuture
  private(set) var latest = Timestamp.distantPast

  mutating func complain(_ text: String) { complaint = complaint ?? Complaint(text: text) }

  mutating func take(_ payload: borrowing Payload, _ look: Reading.Look) -> Taken {
    var found: Complaint?
    let number = number
    earliest = min(earliest, payload.time)
    latest = max(latest, payload.time)
    let taken = reader.feed(payload) { event in
      if case .message(let message) = event, found == nil { found = Self.complaint(of: message, number) }
      return 0
    }
    if let found { complain(found.text) }
    do throws(Complaint) {
      try require(taken.bytes >= 0, "\(taken.bytes) bytes were taken")
      try Self.examine(payload, number, taken)
      try look(payload)
    } catch {
      complain(error.text)
    }
    return taken
  }

  private static func examine(_ payload: borrowing Payload, _ number: UInt32, _ taken: Taken) throws(Complaint) {
    let count = payload.bytes.byteCount
    let frames = payload.carried.all
    try require(frames.allSatisfy { (1...number).contains($0) }, "frames \(frames) of \(number)")
    try require(zip(frames, frames.dropFirst()).allSatisfy { $0 < $1 }, "frames \(frames) are not in order")
    if case .event = payload.delivery { return }
    try require(count > 0, "\(payload.delivery) without bytes")
    try require(taken.bytes <= count, "\(taken.bytes) of \(count) bytes were taken")
    let half = payload.frames(of: 0..<(count + 1) / 2).all
    try require(Set(half).isSubset(of: frames), "frames \(half) of a part, \(frames) of the whole")
  }

  /// Of a message that was just made.
  private static func complaint(of message: Message, _ number: UInt32) -> Complaint? {
    let frames = message.sightings.flatMap { $0.frames.all }
    let known = frames.allSatisfy { (1...number).contains($0) }
    return known && !frames.isEmpty ? nil : Complaint(text: "a message of the frames \(frames) of \(number)")
  }
}
