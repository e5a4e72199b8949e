import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSWire

/// The messages of one registration before they are looked at more closely: what `Partition` cuts a subscriber's
/// messages into.
struct Procedure {
  /// Indices into the sorted messages of the subscriber.
  var messages: [Int] = []
  var start: Timestamp
  /// When it is over in packet time: nothing that comes later belongs to it.
  var closesAt: Timestamp
  var callID: Fingerprint?
  var lastCSeq: UInt32 = 0
  var isNetworkInitiated = false
}

/// A Cx request and its answer among a subscriber's messages.
struct CxPair {
  var request: Int?
  var answer: Int?
  /// Of its further legs, between agents and the next nodes.
  var relayed: [Int] = []
  var time: Timestamp
  var command: CommandCode

  var all: [Int] {
    var all = relayed
    if let answer { all.insert(answer, at: 0) }
    if let request { all.insert(request, at: 0) }
    return all
  }

  func add(to list: inout [Int]) {
    if let request { list.append(request) }
    if let answer { list.append(answer) }
    for index in relayed { list.append(index) }
  }
}

/// All messages of one REGISTER number of one Call-ID among a subscriber's messages.
struct RegisterRound {
  var callID: Fingerprint
  var cseq: UInt32
  var start: Timestamp
  var messages: [Int]
  var view: RoundView
}
