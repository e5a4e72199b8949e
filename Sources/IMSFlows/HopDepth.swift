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
  /// The depth of each message of `indices`, in their order.
  static func assign(_ indices: [Int], in messages: [Message]) -> [Int] {
    var requests = indices.filter { messages[$0].isSIPRequest }
    requests.sort { (viaCount(messages[$0]), $0) < (viaCount(messages[$1]), $1) }
    // Of `requests`, as far as they are known.
    var depths: [Int] = []
    for index in requests { depths.append(depth(of: messages[index], after: depths, of: requests, in: messages)) }
    squeeze(&depths)
    return indices.map { index in
      if let place = requests.firstIndex(of: index) { return depths[place] }
      return depth(ofResponse: messages[index], requests, depths, in: messages)
    }
  }

  private static func viaCount(_ message: Message) -> Int { Int(message.keys?.viaCount ?? 0) }

  private static func depth(
    of message: Message, after known: [Int], of requests: [Int], in messages: [Message]
  ) -> Int {
    if comesFromUE(message) { return 0 }
    var before: Int?
    for place in known.indices {
      let other = requests[place]
      if let latest = before, requests[latest] > other { continue }
      if sameNode(messages[other].destination, message), messages[other].source != message.source { before = place }
    }
    if let before { return known[before] + 1 }
    return max(0, viaCount(message) - 1)
  }

  /// The one Via is the sender's own.
  static func comesFromUE(_ message: Message) -> Bool {
    guard let sip = message.sip, viaCount(message) == 1, let via = sip.via.first else { return false }
    // More may stand behind the cut.
    if message.isTruncated, sip.endsInVia { return false }
    let address = message.source.address
    return IPAddress(via.sentBy.host) == address || via.received.flatMap { IPAddress($0) } == address
  }

  /// Is the sender of this request the node that an earlier request went to? An address that holds several nodes is told
  /// apart by port.
  private static func sameNode(_ destination: Endpoint, _ next: Message) -> Bool {
    if destination == next.source { return true }
    return destination.address == next.source.address && next.source.address != next.destination.address
  }

  /// Border elements between P- and I-CSCF make the chain longer: everything between the first and the last hop is H1.
  private static func squeeze(_ depths: inout [Int]) {
    guard let deepest = depths.max(), deepest > 2 else { return }
    for place in depths.indices where depths[place] > 1 { depths[place] = depths[place] == deepest ? 2 : 1 }
  }

  private static func depth(
    ofResponse response: Message, _ requests: [Int], _ depths: [Int], in messages: [Message]
  ) -> Int {
    guard let keys = response.keys else { return 0 }
    let exact = requests.lastIndex { index in
      guard let request = messages[index].keys else { return false }
      return request.topBranch == keys.topBranch && request.topSentBy == keys.topSentBy && keys.viaCount > 0
        && messages[index].source.address == response.destination.address
    }
    if let exact { return depths[exact] }
    let reversed = requests.lastIndex { index in
      messages[index].source == response.destination && messages[index].destination == response.source
    }
    if let reversed { return depths[reversed] }
    let byAddress = requests.lastIndex { index in
      messages[index].source.address == response.destination.address
        && messages[index].destination.address == response.source.address
        && response.source.address != response.destination.address
    }
    if let byAddress { return depths[byAddress] }
    return min(2, max(0, Int(keys.viaCount) - 1))
  }
}

extension Message {
  var isSIPRequest: Bool { sip?.isRequest ?? false }
  /// Of SIP, 0 for everything but a response.
  var status: Int { sip?.status ?? 0 }
}
