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
  static func assign(_ indices: [Int], in messages: [Message]) -> [Int: Int] {
    var depths: [Int: Int] = [:]
    let requests = indices.filter { messages[$0].sip?.isRequest == true }
      .sorted { (viaCount(messages[$0]), $0) < (viaCount(messages[$1]), $1) }
    for index in requests {
      depths[index] = depth(of: messages[index], after: depths, in: messages)
    }
    squeeze(&depths)
    for index in indices where messages[index].sip?.isRequest == false {
      depths[index] = depth(ofResponse: messages[index], requests: requests, depths, in: messages)
    }
    return depths
  }

  private static func viaCount(_ message: Message) -> Int { Int(message.keys?.viaCount ?? 0) }

  private static func depth(of message: Message, after known: [Int: Int], in messages: [Message]) -> Int {
    if comesFromUE(message) { return 0 }
    let before = known.keys.sorted().last {
      sameNode(messages[$0].destination, message) && messages[$0].source != message.source
    }
    if let before, let depth = known[before] { return depth + 1 }
    return max(0, viaCount(message) - 1)
  }

  /// The one Via is the sender's own.
  static func comesFromUE(_ message: Message) -> Bool {
    guard let sip = message.sip, viaCount(message) == 1, let via = sip.via.first else { return false }
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
  private static func squeeze(_ depths: inout [Int: Int]) {
    guard let deepest = depths.values.max(), deepest > 2 else { return }
    for (index, depth) in depths where depth > 1 { depths[index] = depth == deepest ? 2 : 1 }
  }

  private static func depth(
    ofResponse response: Message, requests: [Int], _ depths: [Int: Int], in messages: [Message]
  ) -> Int {
    guard let keys = response.keys else { return 0 }
    let exact = requests.last { index in
      guard let request = messages[index].keys else { return false }
      return request.topBranch == keys.topBranch && request.topSentBy == keys.topSentBy && keys.viaCount > 0
        && messages[index].source.address == response.destination.address
    }
    if let exact, let depth = depths[exact] { return depth }
    let reversed = requests.last { index in
      messages[index].source == response.destination && messages[index].destination == response.source
    }
    if let reversed, let depth = depths[reversed] { return depth }
    let byAddress = requests.last { index in
      messages[index].source.address == response.destination.address
        && messages[index].destination.address == response.source.address
        && response.source.address != response.destination.address
    }
    if let byAddress, let depth = depths[byAddress] { return depth }
    return min(2, max(0, Int(keys.viaCount) - 1))
  }
}
