/// Pieces of a registration as a text ladder (`TraceText`), every hop told; what follows the first begins with a line end.
enum Told {
  static let wrong = "\n  Authorization.response: \"5706a9c6dccc02379bdc9a802bc98b7e\""
  static let resynchronisation = "\n  Authorization.auts: \"uoU/PBKc38GEyuSusq8=\""

  /// Up to the question of the I-CSCF.
  static let asked = """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER sip:hims.net
    I -> HSS: UAR

    """

  /// And on to the S-CSCF.
  static let forwarded =
    asked + """
      HSS -> I: UAA
      I -> S: REGISTER sip:scscf1.hims.net:6060

      """

  /// A final response of the S-CSCF, all the way.
  static func refused(_ final: String) -> String { "S -> I: \(final)\nI -> P: \(final)\nP -> UE: \(final)\n" }

  /// Without IPsec.
  static let challenged = """
    UE -> P: REGISTER sip:hims.net
    P -> I: REGISTER sip:hims.net
    I -> HSS: UAR
    HSS -> I: UAA
    I -> S: REGISTER sip:scscf1.hims.net:6060
    S -> HSS: MAR
    HSS -> S: MAA
    S -> I: 401 Unauthorized
    I -> P: 401 Unauthorized
    P -> UE: 401 Unauthorized
      -Security-Server
    """

  static func challengedAgain(_ credentials: String = "") -> String {
    let request = "UE -> P: REGISTER sip:hims.net"
    return "\n" + challenged.replacing(request, with: request + credentials)
  }

  /// - Parameters:
  ///   - credentials: lines below the UE's REGISTER.
  ///   - asked: lines before the UAR.
  static func answered(_ final: String, _ credentials: String = "", asked: String = "") -> String {
    """

    UE -> P: REGISTER sip:hims.net\(credentials)
    P -> I: REGISTER sip:hims.net
    \(asked)I -> HSS: UAR
    HSS -> I: UAA
    I -> S: REGISTER sip:scscf1.hims.net:6060
    S -> I: \(final)
    I -> P: \(final)
    P -> UE: \(final)
    """
  }

  static let granted = answered("200 OK").replacing("\nS -> I:", with: "\nS -> HSS: SAR\nHSS -> S: SAA\nS -> I:")
}
