package import IMSBytes
package import IMSDiameter
import IMSMessages

/// What a Cx exchange alone says about where a registration begins and ends.
enum CxStep {
  /// Asked because of a REGISTER of the UE.
  static func isOfUE(_ command: CommandCode) -> Bool {
    command == .userAuthorization || command == .multimediaAuth || command == .serverAssignment
  }

  /// Is it part of a registration at all? Location requests and profile updates are not, and a Server-Assignment for
  /// an unregistered user belongs to a call.
  static func belongs(_ pair: CxPair, in messages: [Message]) -> Bool {
    switch pair.command {
    case .userAuthorization, .multimediaAuth: true
    case .serverAssignment: ![0, 3].contains(assignmentType(pair, in: messages) ?? 1)
    default: false
    }
  }

  static func begins(_ pair: CxPair, in messages: [Message], _ timers: Timers) -> Bool {
    guard pair.command == .userAuthorization, let request = pair.request else { return false }
    return messages[request].diameter?.userAuthorizationType == 1
      && !isDeregistrationUnderWay(pair, in: messages, timers)
  }

  /// A challenged de-registration asks twice: its second UAR begins nothing.
  private static func isDeregistrationUnderWay(_ pair: CxPair, in messages: [Message], _ timers: Timers) -> Bool {
    guard let request = pair.request else { return false }
    let earlier = messages[..<request].last { $0.diameter?.isRequest == true && $0.diameter?.command != .locationInfo }
    guard let command = earlier?.diameter?.command, let time = earlier?.time else { return false }
    return command == .multimediaAuth && pair.time - time <= timers.awaitAuthentication
  }

  static func ends(_ pair: CxPair, in messages: [Message]) -> Bool {
    if pair.command == .serverAssignment { return true }
    guard pair.command == .userAuthorization, let answer = pair.answer else { return false }
    return messages[answer].diameter.map { !$0.isSuccess } ?? false
  }

  /// Does a node ask once more what another HSS or a later time may answer (RFC 6733 §7.1.3, §7.1.4)?
  static func repeats(_ pair: CxPair, _ earlier: CxPair, in messages: [Message]) -> Bool {
    guard pair.command == earlier.command, let answer = earlier.answer,
      let result = messages[answer].diameter?.resultCode,
      pair.time >= earlier.time, pair.time - messages[answer].time < Timers.linger
    else { return false }
    return (3000..<5000).contains(result)
  }

  static func wait(after pair: CxPair, in messages: [Message], _ timers: Timers) -> Interval {
    if ends(pair, in: messages) { return pair.answer == nil ? timers.finalResponse : Timers.linger }
    return pair.command == .multimediaAuth ? timers.awaitAuthentication + Timers.linger : timers.finalResponse
  }

  /// Server-Assignment-Type AUTHENTICATION_TIMEOUT (TS 29.229 §6.3.15).
  static let authenticationTimeout: UInt32 = 10

  /// Does the S-CSCF tell that nobody answered its challenge?
  static func isTimeout(_ pair: CxPair, in messages: [Message]) -> Bool {
    pair.command == .serverAssignment && assignmentType(pair, in: messages) == authenticationTimeout
  }

  static func assignmentType(_ pair: CxPair, in messages: [Message]) -> UInt32? {
    pair.request.flatMap { messages[$0].diameter?.serverAssignmentType }
  }
}

extension DiameterMessage {
  /// 2xxx, as base result or as experimental result.
  package var isSuccess: Bool {
    if let experimental = experimentalResult { return experimental.code / 1000 == 2 }
    return resultCode.map { $0 / 1000 == 2 } ?? false
  }

  /// The SIP Call-ID that some S-CSCFs put into their SAR: Kamailio's private AVP (vendor 50, code 494).
  package var callID: Text? { first(494, vendor: 50)?.data }
}
