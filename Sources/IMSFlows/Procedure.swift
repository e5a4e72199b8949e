import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// The messages of one registration before they are looked at more closely: what `Partition` cuts a subscriber's
/// messages into. Which messages they are, the partition knows.
struct Procedure {
  var start: Timestamp
  /// When it is over in packet time: nothing that comes later belongs to it.
  var closesAt: Timestamp
  /// Nil for one without REGISTER.
  var callID: Fingerprint?
  var lastCSeq: UInt32 = 0
  var isNetworkInitiated = false
  /// The number of its last REGISTER's round.
  var lastRound = 0
  /// How far from the UE its first REGISTER was seen first: 2 between I-CSCF and S-CSCF; -1 without one.
  var depth = -1
  /// When the last message of its REGISTERs was sent.
  var last = Timestamp.distantPast
  /// One of them has a final response.
  var isAnswered = false
  /// The time in which Cx exchanges belong to its REGISTERs.
  var reach: ClosedRange<Timestamp> = .distantPast ... .distantPast
}

/// A Cx request and its answer among a subscriber's messages.
struct CxPair {
  var request: Int?
  var answer: Int?
  /// Of its further legs, between agents and the next nodes.
  var relayed = IndexList()
  var time: Timestamp
  var command: CommandCode
  /// It was given to a procedure.
  var isPlaced = false

  func forEach(_ body: (Int) -> Void) {
    if let request { body(request) }
    if let answer { body(answer) }
    for index in relayed { body(index) }
  }
}

/// All messages of one REGISTER number of one Call-ID among a subscriber's messages.
struct RegisterRound {
  /// Among the partition's rounds.
  var number: Int
  var callID: Fingerprint
  var cseq: UInt32
  var start: Timestamp
  /// When its last message was sent.
  var last: Timestamp
  /// It has a final response.
  var isAnswered: Bool { answered != .distantPast }
  /// When its last final response was sent.
  var answered = Timestamp.distantPast
  /// The last of those that the UE got.
  var status = 0
  var view = RoundView.unseen
}
