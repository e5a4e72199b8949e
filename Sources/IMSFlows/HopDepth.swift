import IMSBytes
import IMSMessages
import IMSSIP
import IMSWire

/// How far each SIP message of one REGISTER is from the UE: 0 on H0, 1 behind the P-CSCF, 2 behind the I-CSCF.
///
/// The Via count tells it when every node pushed one entry. Where two requests contradict it (a node that pushed none, or
/// two) the chain of nodes decides: what the receiver of hop n sends travels on hop n+1. A response belongs to the hop of
/// its request.
enum HopDepth {
  /// Sets the depth of each message of `indices` in `result`.
  static func assign(_ indices: [Int], of messages: [Message], _ facts: [MessageFacts], _ result: inout [Int]) {
    var requests: [Int] = []
    requests.reserveCapacity(indices.count)
    for index in indices where facts[index].isRequest { requests.append(index) }
    requests.sort { left, right in
      facts[left].viaCount != facts[right].viaCount ? facts[left].viaCount < facts[right].viaCount : left < right
    }
    var known = 0
    while known < requests.count {
      let index = requests[known]
      let isFromUE = facts[index].viaCount == 1 && comesFromUE(messages[index])
      result[index] = isFromUE ? 0 : depth(of: index, after: requests[..<known], facts, result)
      known += 1
    }
    squeeze(requests, &result)
    for index in indices where !facts[index].isRequest {
      result[index] = depth(ofResponse: facts[index], requests, facts, result)
    }
  }

  private static func depth(
    of index: Int, after known: ArraySlice<Int>, _ facts: [MessageFacts], _ depths: [Int]
  ) -> Int {
    var before: Int?
    for other in known {
      if let before, before > other { continue }
      if sameNode(facts[other].destination, facts[index]), facts[other].source != facts[index].source { before = other }
    }
    if let before { return depths[before] + 1 }
    return max(0, facts[index].viaCount - 1)
  }

  /// The one Via is the sender's own.
  static func comesFromUE(_ message: Message) -> Bool {
    guard let sip = message.sip, sip.keys.viaCount == 1, let via = sip.via.first else { return false }
    // More may stand behind the cut.
    if message.isTruncated, sip.endsInVia { return false }
    let address = message.source.address
    return IPAddress(via.sentBy.host) == address || via.received.flatMap { IPAddress($0) } == address
  }

  /// Is the sender of this request the node that an earlier request went to? An address that holds several nodes is told
  /// apart by port.
  private static func sameNode(_ destination: Endpoint, _ next: MessageFacts) -> Bool {
    if destination == next.source { return true }
    return destination.address == next.source.address && next.source.address != next.destination.address
  }

  /// Border elements between P- and I-CSCF make the chain longer: everything between the first and the last hop is H1.
  private static func squeeze(_ requests: [Int], _ depths: inout [Int]) {
    var deepest = 0
    for index in requests { deepest = max(deepest, depths[index]) }
    if deepest <= 2 { return }
    for index in requests where depths[index] > 1 { depths[index] = depths[index] == deepest ? 2 : 1 }
  }

  private static func depth(
    ofResponse response: MessageFacts, _ requests: [Int], _ facts: [MessageFacts], _ depths: [Int]
  ) -> Int {
    guard response.isSIP else { return 0 }
    let exact = requests.last { index in
      facts[index].sharesBranch(with: response) && response.viaCount > 0
        && facts[index].source.address == response.destination.address
    }
    if let exact { return depths[exact] }
    let reversed = requests.last { index in
      facts[index].source == response.destination && facts[index].destination == response.source
    }
    if let reversed { return depths[reversed] }
    let byAddress = requests.last { index in
      facts[index].source.address == response.destination.address
        && facts[index].destination.address == response.source.address
        && response.source.address != response.destination.address
    }
    if let byAddress { return depths[byAddress] }
    return min(2, max(0, response.viaCount - 1))
  }
}

extension Message {
  /// Of SIP, 0 for everything but a response.
  var status: Int { sip?.status ?? 0 }
}
