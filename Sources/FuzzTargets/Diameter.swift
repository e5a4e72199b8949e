import IMSBytes
import IMSDiameter
import IMSForge

extension FuzzTarget {
  /// The first byte says where the stream is cut.
  package static let diameter = FuzzTarget("diameter", longest: 1024, seeds: DiameterSeeds.make) {
    (bytes) throws(Complaint) in
    var script = Script(bytes)
    let cut = Int(script.u8()) * 4
    let message = script.rest()
    try DiameterCheck.frame(message, cut: min(cut, message.count))
    try DiameterCheck.read(message)
  }
}

private enum DiameterCheck {
  static func split(_ bytes: RawSpan) throws(Complaint) -> [Range<Int>] {
    var messages: [Range<Int>] = []
    var at = 0
    while at < bytes.byteCount {
      let rest = bytes.suffix(from: at)
      switch DiameterFramer.frame(stream: rest) {
      case .message(let range):
        try require(range.lowerBound == 0 && range.upperBound >= 20 && range.upperBound <= rest.byteCount, "\(range)")
        messages.append(at..<at + range.upperBound)
        at += range.upperBound
      case .need(let count):
        try require(count > rest.byteCount, "\(count) bytes needed of \(rest.byteCount)")
        return messages
      case .notDiameter: return messages
      }
    }
    return messages
  }

  /// A stream of which no more than `cut` bytes have come holds the messages that end before that.
  static func frame(_ bytes: [UInt8], cut: Int) throws(Complaint) {
    let span = bytes.span.bytes
    let all = try split(span)
    let first = try split(span.extracting(0..<cut))
    try require(first == all.filter { $0.upperBound <= cut }, "\(all) in one, \(first) up to \(cut)")
    if let next = DiameterFramer.nextStart(in: span, from: cut) {
      try require(next >= cut && next < bytes.count, "the next start of \(bytes.count) bytes lies at \(next)")
    }
    if DiameterFramer.recognise(span) {
      try require(DiameterFramer.looksLikeStart(span) == .yes, "recognised without a start")
      try require(DiameterFramer.nextStart(in: span, from: 0) != nil || !isKnown(bytes), "recognised, but not found")
    }
  }

  private static func isKnown(_ bytes: [UInt8]) -> Bool { CommandName.isKnown(bytes.span.bytes.u24(5)) }

  static func read(_ bytes: [UInt8]) throws(Complaint) {
    let message: DiameterMessage
    do throws(DecodeIssue) {
      message = try DiameterMessage(parsing: bytes.span.bytes)
    } catch {
      return try require((0...bytes.count).contains(error.offset), "an issue at \(error.offset)")
    }
    try require(message.bytes == bytes[...], "the message holds other bytes")
    for issue in message.issues { try require((0...bytes.count).contains(issue.offset), "\(issue)") }
    var count = 0
    try walk(message.avps, within: 20..<bytes.count, &count)
    try require(message.avps.malformed == message.malformed, "the index ends elsewhere than the walk")
    for avp in message.avps {
      try require(message.has(avp.name) && message.avps.first(avp.name) == message.first(avp.name), "\(avp.name)")
      try require(message.avps.all(avp.name) == message.all(avp.name), "all of \(avp.name)")
    }
    _ = [message.sessionID, message.originHost, message.userName, message.publicIdentity, message.serverName]
    _ = (message.name, message.resultText, message.experimentalResult, message.deregistrationReason)
  }

  /// All AVPs lie in their group, one behind the other.
  private static func walk(_ avps: AVPSequence, within range: Range<Int>, _ count: inout Int) throws(Complaint) {
    var end = range.lowerBound
    var iterator = avps.makeIterator()
    while let avp = iterator.next() {
      count += 1
      guard count < 4096 else { return }
      try require(
        avp.range.lowerBound >= end && avp.range.upperBound <= range.upperBound, "an AVP at \(avp.range) in \(range)")
      end = avp.range.upperBound
      let (hidden, shown) = (avp.rendered(revealKeys: false), avp.rendered(revealKeys: true))
      let holdsKeys = avp.isKeyMaterial || avp.definition == nil && avp.holdsKeyMaterial
      try require(hidden == shown || holdsKeys, "\(avp.name) is hidden")
      try walk(avp.children, within: avp.data.bytes.startIndex..<avp.data.bytes.endIndex, &count)
    }
    if let issue = iterator.malformed {
      try require((range.lowerBound...max(range.lowerBound, range.upperBound)).contains(issue.offset), "\(issue)")
    }
  }
}

private enum DiameterSeeds {
  static func make(_ captures: [[UInt8]]) -> [[UInt8]] {
    let found = Payloads.all(captures).filter { DiameterFramer.recognise($0.span.bytes) && $0.count <= 1000 }
    let group = AVPBuilder(260, group: [AVPBuilder(266, number: 10415), AVPBuilder(258, number: 16_777_216)])
    let nested = (0..<9).reduce(group) { inner, _ in AVPBuilder(297, group: [inner]) }
    let types: [AVPBuilder] = [
      AVPBuilder(263, text: "s"), group, nested, AVPBuilder(257, data: [0, 1, 10, 0, 0, 1]), AVPBuilder(55, number: 1),
      AVPBuilder(257, data: [0, 2] + [UInt8](repeating: 1, count: 16)), AVPBuilder(625, vendor: 10415, data: [1, 2]),
      AVPBuilder(287, data: [0, 0, 0, 0, 0, 0, 0, 1]),
    ]
    let odd = DiameterBuilder(
      command: 999, flags: DiameterBuilder.request, hopByHop: 1, endToEnd: 2, avps: types)
    return found.map { [0xff] + $0 } + found.prefix(20).map { [20] + $0 } + [[9] + odd.bytes]
  }
}
