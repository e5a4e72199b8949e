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
  ///
  /// - Parameter requests: room for those of them that are requests.
  static func assign(
    _ indices: ArraySlice<Int>, of messages: [Message], _ facts: [MessageFacts], _ boundary: MwBoundary,
    _ ledger: Ledger, _ result: inout [Int], _ requests: inout [Int]
  ) {
    requests.removeAll(keepingCapacity: true)
    for index in indices where facts[index].isRequest {
      // By the number of Vias: most come in this order.
      var place = requests.count
      while place > 0, facts[index].viaCount < facts[requests[place - 1]].viaCount { place -= 1 }
      requests.insert(index, at: place)
    }
    for known in requests.indices {
      let index = requests[known]
      let hasOneVia = facts[index].viaCount == 1
      if hasOneVia, comesFromUE(messages[index]) {
        result[index] = 0
        continue
      }
      let least = hasOneVia && isWrittenByProxy(messages[index]) ? 1 : 0
      result[index] = depth(of: index, after: known, of: requests, facts, result, atLeast: least)
    }
    if requests.contains(where: { result[$0] > 1 }) {
      squeeze(requests, to: boundary.lastOfH1(requests, messages, facts, result, ledger), &result)
    }
    for index in indices where !facts[index].isRequest {
      result[index] = depth(ofResponse: index, requests, facts, result)
    }
  }

  /// - Parameter known: so many of the requests have their depth.
  private static func depth(
    of index: Int, after known: Int, of requests: [Int], _ facts: [MessageFacts], _ depths: [Int],
    atLeast least: Int
  ) -> Int {
    var before: Int?
    for place in 0..<known {
      let other = requests[place]
      if let before, before > other { continue }
      if facts[other].source != facts[index].source, isSent(index, byReceiverOf: other, facts) { before = other }
    }
    if let before { return depths[before] + 1 }
    return max(least, facts[index].viaCount - 1)
  }

  /// Holds what a P-CSCF adds and no UE has: its Path and the visited network or the charging record (TS 24.229 §5.2.2.1). A P-CSCF
  /// or IBCF that is a back-to-back user agent begins the Vias anew.
  private static func isWrittenByProxy(_ message: Message) -> Bool {
    guard let sip = message.sip else { return false }
    return sip.has(.path) && (sip.has(.pVisitedNetworkID) || sip.has(.pChargingVector))
  }

  /// The one Via is the sender's own.
  static func comesFromUE(_ message: Message) -> Bool {
    guard message.viaCount == 1, let sip = message.sip, let sender = sip.sender, !isWrittenByProxy(message) else {
      return false
    }
    // More may stand behind the cut.
    if message.isTruncated, sip.endsInVia { return false }
    let address = message.source.address
    return address.isSpelled(by: sender.host) || address.isSpelled(by: sender.received)
  }

  /// Is the sender of this request the node that an earlier request went to? An address that holds several nodes is told
  /// apart by port.
  private static func isSent(_ next: Int, byReceiverOf request: Int, _ facts: [MessageFacts]) -> Bool {
    if facts[request].destination == facts[next].source { return true }
    return facts[request].destination.address == facts[next].source.address
      && facts[next].source.address != facts[next].destination.address
  }

  /// Border elements between P- and I-CSCF make the chain longer: everything between P-CSCF and I-CSCF is H1.
  private static func squeeze(_ requests: [Int], to last: Int, _ depths: inout [Int]) {
    for index in requests where depths[index] > 1 { depths[index] = depths[index] <= last ? 1 : 2 }
  }

  private static func depth(
    ofResponse response: Int, _ requests: [Int], _ facts: [MessageFacts], _ depths: [Int]
  ) -> Int {
    guard facts[response].isSIP else { return 0 }
    var (exact, reversed, byAddress): (Int?, Int?, Int?)
    for index in requests where facts[index].source.address == facts[response].destination.address {
      if facts[response].viaCount > 0, facts[index].sharesBranch(with: facts[response]) { exact = index }
      guard facts[index].destination.address == facts[response].source.address else { continue }
      if facts[index].source == facts[response].destination, facts[index].destination == facts[response].source {
        reversed = index
      }
      if facts[response].source.address != facts[response].destination.address { byAddress = index }
    }
    if let request = exact ?? reversed ?? byAddress { return depths[request] }
    return min(2, max(0, facts[response].viaCount - 1))
  }
}
