import Foundation
import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP

/// What makes a message the same one for two readers. SIP: method or status, CSeq, Call-ID, topmost branch. Diameter:
/// command with R or A, Hop-by-Hop Id, End-to-End Id. What a reader could not find is "-".
struct SignallingKey: Hashable, Comparable, CustomStringConvertible {
  var description: String

  static func < (left: SignallingKey, right: SignallingKey) -> Bool { left.description < right.description }

  init(_ description: String) { self.description = description }

  init(start: String?, cseq: String?, callID: String?, branch: String?) {
    let parts = [start, cseq, callID, branch].map { part in
      part.map { $0.split(separator: " ").joined(separator: " ") }.flatMap { $0.isEmpty ? nil : $0 } ?? "-"
    }
    description = "SIP " + parts.joined(separator: ", ")
  }

  init(command: UInt32, isRequest: Bool, hopByHop: UInt32, endToEnd: UInt32) {
    let ids = [hopByHop, endToEnd].map { String($0, radix: 16) }
    description = "Diameter \(command)\(isRequest ? "R" : "A"), " + ids.joined(separator: ", ")
  }

  /// Of SIP and Diameter messages as they are read here; nil for DNS.
  init?(_ message: Message) {
    if let sip = message.sip {
      self.init(
        start: sip.isRequest ? sip.methodName : sip.status.map(String.init),
        cseq: sip.cseq.map { "\($0.number) \($0.method.string)" }, callID: sip.callID?.string,
        branch: sip.topVia?.branch?.string)
    } else if let diameter = message.diameter {
      self.init(
        command: diameter.command.rawValue, isRequest: diameter.isRequest, hopByHop: diameter.hopByHop,
        endToEnd: diameter.endToEnd)
    } else {
      return nil
    }
  }
}
