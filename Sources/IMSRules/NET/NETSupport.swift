import IMSAccess
import IMSBytes
import IMSDiameter
import IMSFlows
import IMSMessages
import IMSSIP
import IMSWire

extension Condition {
  /// Without it nothing is missed: most captures begin behind the access network.
  static let overBearer = Condition("a registration over a bearer whose activation was captured") { flow in
    flow.messages.indices.contains {
      (flow.messages[$0].hop.map { $0 < .h0 } ?? false) && flow.messages[$0].message.access?.gtp != nil
    }
  }
}

extension Flow {
  /// Indices of the messages of GTP-C that belong to this registration.
  func tunnelMessages(_ procedure: GTPMessageType.Procedure, isRequest: Bool) -> [Int] {
    messages.indices.filter { index in
      guard messages[index].isAccess, let gtp = messages[index].message.access?.gtp else { return false }
      return gtp.type.procedure == procedure && gtp.isRequest == isRequest
    }
  }
}
