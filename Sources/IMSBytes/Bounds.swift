/// One bound: what is kept or believed at the most, so that memory and time stay bounded whatever comes.
package struct Bound: Sendable, Hashable {
  /// "tcp.streams"; never changed.
  package var name: String
  package var value: Int
  /// "bytes", "seconds", or what is counted.
  package var unit: String
  package var what: String
  /// What coverage (or the list of an input's issues) says when it bites.
  package var says: String

  package init(_ name: String, _ value: Int, _ unit: String, _ what: String, says: String) {
    self.name = name
    self.value = value
    self.unit = unit
    self.what = what
    self.says = says
  }
}

/// Every bound of the readers and reassemblers: the one place where their numbers stand. docs/bounds.md holds `table`, and
/// a test says by which test each is pushed.
@usableFromInline package enum Bounds {
  // MARK: Capture files

  @inlinable package static var largestPacket: Int { 16 << 20 }
  @inlinable package static var largestBlock: Int { 256 << 20 }
  @inlinable package static var captureIssues: Int { 100 }
  @inlinable package static var largestSoughtPacket: Int { 256 << 10 }
  @inlinable package static var soughtBytes: Int { 512 << 10 }
  @inlinable package static var farthestStamp: Int { 60 }
  @inlinable package static var blocksLookedAhead: Int { 64 }
  @inlinable package static var interfaces: Int { 65_535 }
  @inlinable package static var recorderPatience: Int { 10 }
  @inlinable package static var recorderSilence: Int { 300 }
  @inlinable package static var packetsLookedAhead: Int { 256 }
  @inlinable package static var recorderConversations: Int { 4096 }
  @inlinable package static var surveyInputs: Int { 64 }
  @inlinable package static var surveyBytes: Int { 32 << 20 }
  @inlinable package static var surveyedBytes: Int { 128 << 20 }
  @inlinable package static var surveyMessages: Int { 131_072 }
  @inlinable package static var compressionDamages: Int { 100 }
  @inlinable package static var zstdWindowLog: Int { 27 }

  // MARK: Packets

  @inlinable package static var layers: Int { 20 }
  @inlinable package static var fragmentedDatagram: Int { 65_535 }
  @inlinable package static var fragmentBytes: Int { 4 << 20 }
  @inlinable package static var fragmentedDatagrams: Int { 1024 }
  @inlinable package static var fragmentPatience: Int { 30 }
  @inlinable package static var namedCopies: Int { 8 }
  @inlinable package static var parkedBytes: Int { 64 << 20 }
  @inlinable package static var parkedPatience: Int { 300 }
  @inlinable package static var espAssociations: Int { 4096 }
  @inlinable package static var espSightings: Int { 65_536 }
  @inlinable package static var extensionHeaders: Int { 8 }
  @inlinable package static var mplsLabels: Int { 16 }
  @inlinable package static var censusIssues: Int { 200 }
  @inlinable package static var frameLosses: Int { 1024 }
  @inlinable package static var tunnelWays: Int { 131_072 }
  @inlinable package static var packedPayload: Int { 1 << 20 }
  @inlinable package static var espKeys: Int { 131_072 }
  @inlinable package static var espGenerations: Int { 8 }

  // MARK: Streams and user messages

  @inlinable package static var tcpStreams: Int { 65_536 }
  @inlinable package static var tcpHeld: Int { 64 << 20 }
  @inlinable package static var tcpAhead: Int { 256 << 10 }
  @inlinable package static var tcpUntaken: Int { 1 << 20 }
  @inlinable package static var tcpLeap: Int { 16 << 20 }
  @inlinable package static var tcpPatience: Int { 2 }
  @inlinable package static var tcpIdle: Int { 300 }
  @inlinable package static var tcpClosed: Int { 10 }
  @inlinable package static var sctpMessage: Int { 1 << 20 }
  @inlinable package static var sctpFragments: Int { 4096 }
  @inlinable package static var sctpBytes: Int { 4 << 20 }
  @inlinable package static var sctpMessages: Int { 1024 }
  @inlinable package static var sctpPatience: Int { 30 }

  // MARK: Messages

  @inlinable package static var sipHeaders: Int { 64 << 10 }
  @inlinable package static var sipBody: Int { 1 << 20 }
  @inlinable package static var sipStartLine: Int { 8 << 10 }
  @inlinable package static var diameterLength: Int { 1 << 20 }
  @inlinable package static var knownMessages: Int { 262_144 }
  @inlinable package static var appearances: Int { 64 }
  @inlinable package static var knownMessagePatience: Int { 40 }
  @inlinable package static var knownEndpoints: Int { 65_536 }
  @inlinable package static var messageIssues: Int { 200 }
  @inlinable package static var clockPairs: Int { 512 }
  @inlinable package static var sipMethod: Int { 64 }
  @inlinable package static var sipScheme: Int { 64 }
  @inlinable package static var sipIssues: Int { 16 }
  @inlinable package static var diameterDepth: Int { 8 }
  @inlinable package static var dnsPointers: Int { 128 }
  @inlinable package static var messageLosses: Int { 1024 }
  @inlinable package static var earlyKeyMessages: Int { 4096 }
  @inlinable package static var keyExchanges: Int { 8192 }
  @inlinable package static var keyPatience: Int { 32 }

  // MARK: Registrations

  @inlinable package static var openBytes: Int { 1 << 30 }
  @inlinable package static var commonEnds: Int { 8 }
  @inlinable package static var commonEndLength: Int { 64 << 10 }
  @inlinable package static var profileParts: Int { 64 }
  @inlinable package static var profilePartLength: Int { 8192 }
  @inlinable package static var laneBatch: Int { 1024 }
  @inlinable package static var laneQueue: Int { 4 }
  @inlinable package static var bindings: Int { 32_768 }
  @inlinable package static var identities: Int { 65_536 }
  @inlinable package static var earlyAnswers: Int { 4096 }
  @inlinable package static var hopPoints: Int { 4096 }
  @inlinable package static var cutBranches: Int { 16_384 }
  @inlinable package static var capturePoints: Int { 65_536 }
  @inlinable package static var hopActivities: Int { 65_536 }
  @inlinable package static var hopHistory: Int { 90 }
  @inlinable package static var espPairs: Int { 65_536 }
  @inlinable package static var espHosts: Int { 64 }
  @inlinable package static var dnsExchanges: Int { 8192 }
  @inlinable package static var dnsMemory: Int { 140 }
  @inlinable package static var transportEvents: Int { 4096 }
  @inlinable package static var transportEventMemory: Int { 300 }
  @inlinable package static var lossPlaces: Int { 4096 }
  @inlinable package static var lossMemory: Int { 300 }
  @inlinable package static var accessExchanges: Int { 8192 }

  // MARK: The table

  package static let table: [Bound] = [
    Bound(
      "capture.packet", largestPacket, "bytes", "one packet of a capture file; a larger one is damage",
      says: "packet 7 claims 4294967295 bytes: damaged, … bytes skipped"),
    Bound(
      "capture.block", largestBlock, "bytes", "one pcapng block without a packet",
      says: "block of 4294967292 bytes after packet 6: damaged, … bytes skipped"),
    Bound("capture.issues", captureIssues, "issues", "what is said of one file", says: "… and 3 other issues"),
    Bound(
      "capture.sought-packet", largestSoughtPacket, "bytes", "one packet that is looked for behind damage",
      says: "damaged, … bytes skipped"),
    Bound(
      "capture.sought", soughtBytes, "bytes", "what is held of a damaged place while the next record is looked for",
      says: "damaged, … bytes skipped"),
    Bound(
      "capture.stamp", farthestStamp, "seconds", "how far a lone packet may stand from its neighbours",
      says: "packet 7 is stamped 4000 s after its neighbours: their stamp was taken"),
    Bound(
      "capture.blocks-ahead", blocksLookedAhead, "blocks", "looked at for the neighbours of such a packet",
      says: "packet 7 is stamped 4000 s after its neighbours: their stamp was taken"),
    Bound("capture.interfaces", interfaces, "interfaces", "of one pcapng file", says: "more than 65535 interfaces"),
    Bound(
      "recorder.patience", recorderPatience, "seconds", "between the end of a file and the one that continues it",
      says: "an input that continues no other"),
    Bound(
      "recorder.silence", recorderSilence, "seconds", "likewise, of a recorder that was silent for as long before",
      says: "an input that continues no other"),
    Bound(
      "recorder.packets-ahead", packetsLookedAhead, "packets",
      "of a file that are looked at for whether it continues another, or ends where another begins",
      says: "an input that continues no other"),
    Bound(
      "recorder.conversations", recorderConversations, "pairs of hosts",
      "that a recorder is known by, the newest at the least",
      says: "an input that continues no other"),
    Bound(
      "survey.inputs", surveyInputs, "inputs", "that are looked at for clocks that are grossly apart",
      says: "nothing of their clocks"),
    Bound(
      "survey.input-bytes", surveyBytes, "bytes", "of an input that are looked at for that",
      says: "nothing of their clocks"),
    Bound(
      "survey.bytes", surveyedBytes, "bytes", "of all inputs together, likewise", says: "nothing of their clocks"),
    Bound(
      "survey.messages", surveyMessages, "messages", "that are compared by it", says: "nothing of their clocks"),
    Bound(
      "inflate.damages", compressionDamages, "damages", "what is said of one compressed file",
      says: "… and 3 other issues"),
    Bound(
      "inflate.zstd-window", zstdWindowLog, "bits", "how far back a zstd frame may refer",
      says: "it needs more than 128 MiB of memory to unpack"),
    Bound("packet.layers", layers, "layers", "of one packet, tunnels in tunnels", says: "more than 20 layers"),
    Bound(
      "fragments.datagram", fragmentedDatagram, "bytes", "one datagram in fragments",
      says: "fragment reaches beyond 64 KiB"),
    Bound(
      "fragments.bytes", fragmentBytes, "bytes", "of datagrams that are not whole",
      says: "datagram not whole: too many fragments at once"),
    Bound(
      "fragments.datagrams", fragmentedDatagrams, "datagrams", "that are not whole",
      says: "datagram not whole: too many fragments at once"),
    Bound(
      "pieces.copies", namedCopies, "copies", "of one fragment or segment that waits, whose frames are named",
      says: "forgotten to bound memory: … frames of further copies"),
    Bound(
      "fragments.patience", fragmentPatience, "seconds", "that a datagram may take to be whole",
      says: "datagram not whole: fragments are missing"),
    Bound(
      "esp.parked", parkedBytes, "bytes", "of ESP packets that wait for keys, over all inputs",
      says: "opaque ESP packets"),
    Bound(
      "esp.patience", parkedPatience, "seconds", "that an ESP packet waits for its keys",
      says: "opaque ESP packets"),
    Bound(
      "esp.sightings", espSightings, "packets", "of ESP that one frame brings to an end of their waiting",
      says: "forgotten to bound memory: … ESP packets of one moment"),
    Bound("esp.associations", espAssociations, "associations", "counted one by one", says: "ESP packets of SPI 0"),
    Bound("tcp.streams", tcpStreams, "streams", "at once", says: "stream given up: more than 65536 at once"),
    Bound(
      "tcp.held", tcpHeld, "bytes", "of all streams that wait for others",
      says: "stream given up: more than 64 MiB wait"),
    Bound("tcp.ahead", tcpAhead, "bytes", "of one stream that wait behind a gap", says: "gap in the stream"),
    Bound(
      "tcp.untaken", tcpUntaken, "bytes", "of one stream that are no whole message",
      says: "no message within 1 MiB"),
    Bound(
      "tcp.leap", tcpLeap, "bytes", "between two segments of one connection",
      says: "sequence numbers leap: taken for another connection"),
    Bound("tcp.patience", tcpPatience, "seconds", "that a gap may take to be filled", says: "gap in the stream"),
    Bound(
      "tcp.idle", tcpIdle, "seconds", "after which a stream without segments is closed",
      says: "stream ends inside a message"),
    Bound(
      "tcp.closed", tcpClosed, "seconds", "that a stream is known which its sender closed and of which nothing waits",
      says: "a segment that comes again after that is read as one of a new stream"),
    Bound(
      "sctp.message", sctpMessage, "bytes", "one user message",
      says: "message of more than 1 MiB or 4096 fragments"),
    Bound(
      "sctp.fragments", sctpFragments, "fragments", "of one user message",
      says: "message of more than 1 MiB or 4096 fragments"),
    Bound(
      "sctp.bytes", sctpBytes, "bytes", "of user messages that are not whole",
      says: "message not whole: too many fragments at once"),
    Bound(
      "sctp.messages", sctpMessages, "messages", "that are not whole",
      says: "message not whole: too many fragments at once"),
    Bound(
      "sctp.patience", sctpPatience, "seconds", "that a user message may take to be whole",
      says: "message not whole: fragments are missing"),
    Bound(
      "sip.headers", sipHeaders, "bytes", "headers of one message in a stream",
      says: "no message: bytes between two messages skipped"),
    Bound(
      "sip.body", sipBody, "bytes", "body of one message in a stream",
      says: "no message: bytes between two messages skipped"),
    Bound(
      "sip.start-line", sipStartLine, "bytes", "one start line",
      says: "no message: bytes between two messages skipped"),
    Bound(
      "diameter.message", diameterLength, "bytes", "one message",
      says: "no message: bytes between two messages skipped"),
    Bound(
      "messages.known", knownMessages, "messages", "whose copies are known",
      says: "forgotten to bound memory: … messages whose copies would be known"),
    Bound(
      "messages.appearances", appearances, "appearances", "of one message with which a further one is compared",
      says: "forgotten to bound memory: … appearances of messages that came again and again"),
    Bound(
      "messages.patience", knownMessagePatience, "seconds", "in which a copy or retransmission is known",
      says: "a message of its own"),
    Bound(
      "messages.endpoints", knownEndpoints, "endpoints", "whose ICMP errors, resets and aborts are read",
      says: "forgotten to bound memory: … endpoints of messages"),
    Bound(
      "messages.issues", messageIssues, "kinds of issues", "listed",
      says: "forgotten to bound memory: … issues of other kinds"),
    Bound(
      "clocks.pairs", clockPairs, "pairs", "of capture points whose clocks are compared",
      says: "forgotten to bound memory: … pairs of capture points whose clocks are compared"),
    Bound(
      "packet.extension-headers", extensionHeaders, "headers", "IPv6 extension headers of one packet",
      says: "more than 8 extension headers"),
    Bound("packet.labels", mplsLabels, "labels", "one stack of MPLS labels", says: "more than 16 labels"),
    Bound(
      "packet.issues", censusIssues, "kinds of issues", "listed of one input",
      says: "forgotten to bound memory: … issues of other kinds"),
    Bound(
      "packet.losses", frameLosses, "places", "of loss that one frame, or the end of an input, shows",
      says: "forgotten to bound memory: … places of loss"),
    Bound(
      "tunnels.ways", tunnelWays, "ways", "through tunnels that are told apart",
      says: "forgotten to bound memory: … ways through tunnels"),
    Bound(
      "hep.payload", packedPayload, "bytes", "what a packed payload of HEP may unpack to",
      says: "HEP payload that does not unpack"),
    Bound(
      "esp.keys", espKeys, "associations", "destinations and SPIs whose keys are known",
      says: "forgotten to bound memory: … security associations"),
    Bound(
      "esp.generations", espGenerations, "associations", "of one destination and SPI",
      says: "forgotten to bound memory: … security associations"),
    Bound(
      "sip.method", sipMethod, "bytes", "one method in a stream", says: "no message: bytes between two messages skipped"
    ),
    Bound(
      "sip.scheme", sipScheme, "bytes", "the scheme of one Request-URI",
      says: "no message: neither a request line nor a status line of SIP/2.0"),
    Bound("sip.issues", sipIssues, "issues", "what is said of one message", says: "the first 16"),
    Bound("diameter.depth", diameterDepth, "levels", "AVPs in AVPs", says: "AVPs nested deeper than 8"),
    Bound(
      "dns.pointers", dnsPointers, "pointers", "of one compressed name", says: "more than 128 compression pointers"),
    Bound(
      "messages.losses", messageLosses, "places", "of loss that one payload shows",
      says: "forgotten to bound memory: … places of loss"),
    Bound(
      "keys.waiting", earlyKeyMessages, "messages", "that may hold keys, before the first ESP packet",
      says: "forgotten to bound memory: … messages that may hold keys"),
    Bound(
      "keys.remembered", keyExchanges, "challenges", "offers and agreements, of each kind, whose other half may come",
      says: "forgotten to bound memory: … challenges, offers and agreements of keys"),
    Bound(
      "keys.patience", keyPatience, "seconds",
      "in which the other half is awaited: what is forgotten later is not told", says: "opaque ESP packets"),
    Bound(
      "flows.open", openBytes, "bytes", "of open messages and streams (`--max-memory`)",
      says: "forgotten to bound memory: … registrations before their end"),
    Bound(
      "profiles.ends", commonEnds, "profiles", "with whose ends those of open registrations are compared, in each lane",
      says: "nothing is lost: they take more room"),
    Bound(
      "profiles.end", commonEndLength, "bytes", "of one of them", says: "nothing is lost: it takes more room"),
    Bound(
      "profiles.parts", profileParts, "filter criteria", "that are compared and not read again, in each lane",
      says: "nothing is lost: they are read again"),
    Bound(
      "profiles.part", profilePartLength, "bytes", "of one of them", says: "nothing is lost: it is read again"),
    Bound(
      "lanes.batch", laneBatch, "messages", "that are handed to a lane together", says: "nothing is lost: they wait"),
    Bound(
      "lanes.queue", laneQueue, "batches", "that wait in a lane", says: "nothing is lost: the reader waits"),
    Bound(
      "flows.bindings", bindings, "subscribers",
      "whose registration is over and whose binding is known, in 64 equal shares",
      says: "forgotten to bound memory: … subscribers"),
    Bound(
      "flows.identities", identities, "identities", "private ones whose public one is known, and open Cx requests",
      says: "forgotten to bound memory: … identities and open Cx requests"),
    Bound(
      "flows.early-answers", earlyAnswers, "answers", "of Cx that wait for their requests",
      says: "forgotten to bound memory: … Cx answers that waited for their requests"),
    Bound(
      "flows.points", hopPoints, "capture points", "whose hops are told from when to when",
      says: "forgotten to bound memory: … packets of further capture points"),
    Bound(
      "flows.branches", cutBranches, "branches", "and From tags by which messages that were cut are joined",
      says: "forgotten to bound memory: … branches of cut messages"),
    Bound(
      "ledger.points", capturePoints, "capture points", "whose first and last packet is known",
      says: "forgotten to bound memory: … packets of further capture points"),
    Bound(
      "ledger.nodes", hopActivities, "nodes", "of hops, at each capture point, whose traffic is known",
      says: "forgotten to bound memory: … packets of further nodes"),
    Bound(
      "ledger.history", hopHistory, "times ten seconds", "in which a node showed traffic of a hop",
      says: "the hop counts as not seen: not observable"),
    Bound(
      "ledger.esp", espPairs, "pairs of hosts", "whose ESP packets are counted",
      says: "forgotten to bound memory: … ESP packets of further hosts"),
    Bound(
      "ledger.espHosts", espHosts, "ends of security associations", "that tell which P-CSCFs' ESP a recorder shows",
      says: "what follows a challenge counts as not captured: partial"),
    Bound("ledger.dns", dnsExchanges, "exchanges", "of DNS", says: "forgotten to bound memory: … exchanges of DNS"),
    Bound(
      "ledger.dns-memory", dnsMemory, "seconds", "that an exchange of DNS is kept",
      says: "no DNS before the registration"),
    Bound(
      "ledger.events", transportEvents, "events", "ICMP errors, resets and aborts",
      says: "forgotten to bound memory: … ICMP errors, resets and aborts"),
    Bound(
      "ledger.event-memory", transportEventMemory, "seconds", "that an event is kept",
      says: "an unanswered request without a cause"),
    Bound("ledger.losses", lossPlaces, "places", "of loss", says: "forgotten to bound memory: … places of loss"),
    Bound(
      "ledger.loss-memory", lossMemory, "seconds", "that a loss is kept", says: "an absent message counts as absent"),
    Bound(
      "ledger.access", accessExchanges, "exchanges", "of the access network",
      says: "forgotten to bound memory: … exchanges of the access network"),
  ]
}
