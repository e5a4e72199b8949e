/// The names of enumerated values (RFC 6733, TS 29.229 §6.3).
package enum EnumeratedValue {
  package static func name(of value: UInt32, in avp: AVPName) -> String? {
    tables[avp].flatMap { $0.first { $0.0 == value }?.1 }
  }

  private static let tables: [AVPName: [(UInt32, String)]] = [
    .redirectHostUsage: [
      (0, "DONT_CACHE"), (1, "ALL_SESSION"), (2, "ALL_REALM"), (3, "REALM_AND_APPLICATION"),
      (4, "ALL_APPLICATION"), (5, "ALL_HOST"), (6, "ALL_USER"),
    ],
    .disconnectCause: [(0, "REBOOTING"), (1, "BUSY"), (2, "DO_NOT_WANT_TO_TALK_TO_YOU")],
    .authSessionState: [(0, "STATE_MAINTAINED"), (1, "NO_STATE_MAINTAINED")],
    .reAuthRequestType: [(0, "AUTHORIZE_ONLY"), (1, "AUTHORIZE_AUTHENTICATE")],
    .terminationCause: [
      (1, "DIAMETER_LOGOUT"), (2, "DIAMETER_SERVICE_NOT_PROVIDED"), (3, "DIAMETER_BAD_ANSWER"),
      (4, "DIAMETER_ADMINISTRATIVE"), (5, "DIAMETER_LINK_BROKEN"), (6, "DIAMETER_AUTH_EXPIRED"),
      (7, "DIAMETER_USER_MOVED"), (8, "DIAMETER_SESSION_TIMEOUT"),
    ],
    .userAuthorizationType: [(0, "REGISTRATION"), (1, "DE_REGISTRATION"), (2, "REGISTRATION_AND_CAPABILITIES")],
    .serverAssignmentType: [
      (0, "NO_ASSIGNMENT"), (1, "REGISTRATION"), (2, "RE_REGISTRATION"), (3, "UNREGISTERED_USER"),
      (4, "TIMEOUT_DEREGISTRATION"), (5, "USER_DEREGISTRATION"), (6, "TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME"),
      (7, "USER_DEREGISTRATION_STORE_SERVER_NAME"), (8, "ADMINISTRATIVE_DEREGISTRATION"),
      (9, "AUTHENTICATION_FAILURE"), (10, "AUTHENTICATION_TIMEOUT"), (11, "DEREGISTRATION_TOO_MUCH_DATA"),
      (12, "AAA_USER_DATA_REQUEST"), (13, "PGW_UPDATE"), (14, "RESTORATION"),
    ],
    .userDataAlreadyAvailable: [(0, "USER_DATA_NOT_AVAILABLE"), (1, "USER_DATA_ALREADY_AVAILABLE")],
    .reasonCode: [
      (0, "PERMANENT_TERMINATION"), (1, "NEW_SERVER_ASSIGNED"), (2, "SERVER_CHANGE"), (3, "REMOVE_S-CSCF"),
    ],
    .originatingRequest: [(0, "ORIGINATING")],
    .looseRouteIndication: [(0, "LOOSE_ROUTE_NOT_REQUIRED"), (1, "LOOSE_ROUTE_REQUIRED")],
    .multipleRegistrationIndication: [(0, "NOT_MULTIPLE_REGISTRATION"), (1, "MULTIPLE_REGISTRATION")],
  ]
}
