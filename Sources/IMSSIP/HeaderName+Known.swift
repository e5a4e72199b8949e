// The header names that this module knows by number. The number of a name is its place in `HeaderName.table`, from 1;
// a test holds the two lists together.

extension HeaderName {
  package static var accept: HeaderName { HeaderName(id: 1) }
  package static var acceptContact: HeaderName { HeaderName(id: 2) }
  package static var acceptEncoding: HeaderName { HeaderName(id: 3) }
  package static var acceptLanguage: HeaderName { HeaderName(id: 4) }
  package static var acceptResourcePriority: HeaderName { HeaderName(id: 5) }
  package static var alertInfo: HeaderName { HeaderName(id: 6) }
  package static var allow: HeaderName { HeaderName(id: 7) }
  package static var allowEvents: HeaderName { HeaderName(id: 8) }
  package static var authenticationInfo: HeaderName { HeaderName(id: 9) }
  package static var authorization: HeaderName { HeaderName(id: 10) }
  package static var callID: HeaderName { HeaderName(id: 11) }
  package static var callInfo: HeaderName { HeaderName(id: 12) }
  package static var cellularNetworkInfo: HeaderName { HeaderName(id: 13) }
  package static var contact: HeaderName { HeaderName(id: 14) }
  package static var contentDisposition: HeaderName { HeaderName(id: 15) }
  package static var contentEncoding: HeaderName { HeaderName(id: 16) }
  package static var contentLanguage: HeaderName { HeaderName(id: 17) }
  package static var contentLength: HeaderName { HeaderName(id: 18) }
  package static var contentType: HeaderName { HeaderName(id: 19) }
  package static var cseq: HeaderName { HeaderName(id: 20) }
  package static var date: HeaderName { HeaderName(id: 21) }
  package static var errorInfo: HeaderName { HeaderName(id: 22) }
  package static var event: HeaderName { HeaderName(id: 23) }
  package static var expires: HeaderName { HeaderName(id: 24) }
  package static var featureCaps: HeaderName { HeaderName(id: 25) }
  package static var flowTimer: HeaderName { HeaderName(id: 26) }
  package static var from: HeaderName { HeaderName(id: 27) }
  package static var geolocation: HeaderName { HeaderName(id: 28) }
  package static var historyInfo: HeaderName { HeaderName(id: 29) }
  package static var identity: HeaderName { HeaderName(id: 30) }
  package static var identityInfo: HeaderName { HeaderName(id: 31) }
  package static var inReplyTo: HeaderName { HeaderName(id: 32) }
  package static var infoPackage: HeaderName { HeaderName(id: 33) }
  package static var join: HeaderName { HeaderName(id: 34) }
  package static var maxForwards: HeaderName { HeaderName(id: 35) }
  package static var mimeVersion: HeaderName { HeaderName(id: 36) }
  package static var minExpires: HeaderName { HeaderName(id: 37) }
  package static var minSE: HeaderName { HeaderName(id: 38) }
  package static var organization: HeaderName { HeaderName(id: 39) }
  package static var pAccessNetworkInfo: HeaderName { HeaderName(id: 40) }
  package static var pAssertedIdentity: HeaderName { HeaderName(id: 41) }
  package static var pAssertedService: HeaderName { HeaderName(id: 42) }
  package static var pAssociatedURI: HeaderName { HeaderName(id: 43) }
  package static var pCalledPartyID: HeaderName { HeaderName(id: 44) }
  package static var pChargingFunctionAddresses: HeaderName { HeaderName(id: 45) }
  package static var pChargingVector: HeaderName { HeaderName(id: 46) }
  package static var pEarlyMedia: HeaderName { HeaderName(id: 47) }
  package static var pPreferredIdentity: HeaderName { HeaderName(id: 48) }
  package static var pPreferredService: HeaderName { HeaderName(id: 49) }
  package static var pPrivateNetworkIndication: HeaderName { HeaderName(id: 50) }
  package static var pProfileKey: HeaderName { HeaderName(id: 51) }
  package static var pServedUser: HeaderName { HeaderName(id: 52) }
  package static var pUserDatabase: HeaderName { HeaderName(id: 53) }
  package static var pVisitedNetworkID: HeaderName { HeaderName(id: 54) }
  package static var path: HeaderName { HeaderName(id: 55) }
  package static var priority: HeaderName { HeaderName(id: 56) }
  package static var privacy: HeaderName { HeaderName(id: 57) }
  package static var proxyAuthenticate: HeaderName { HeaderName(id: 58) }
  package static var proxyAuthenticationInfo: HeaderName { HeaderName(id: 59) }
  package static var proxyAuthorization: HeaderName { HeaderName(id: 60) }
  package static var proxyRequire: HeaderName { HeaderName(id: 61) }
  package static var rack: HeaderName { HeaderName(id: 62) }
  package static var reason: HeaderName { HeaderName(id: 63) }
  package static var recordRoute: HeaderName { HeaderName(id: 64) }
  package static var recvInfo: HeaderName { HeaderName(id: 65) }
  package static var referTo: HeaderName { HeaderName(id: 66) }
  package static var referredBy: HeaderName { HeaderName(id: 67) }
  package static var rejectContact: HeaderName { HeaderName(id: 68) }
  package static var replaces: HeaderName { HeaderName(id: 69) }
  package static var replyTo: HeaderName { HeaderName(id: 70) }
  package static var requestDisposition: HeaderName { HeaderName(id: 71) }
  package static var require: HeaderName { HeaderName(id: 72) }
  package static var resourcePriority: HeaderName { HeaderName(id: 73) }
  package static var responseSource: HeaderName { HeaderName(id: 74) }
  package static var restorationInfo: HeaderName { HeaderName(id: 75) }
  package static var retryAfter: HeaderName { HeaderName(id: 76) }
  package static var route: HeaderName { HeaderName(id: 77) }
  package static var rseq: HeaderName { HeaderName(id: 78) }
  package static var securityClient: HeaderName { HeaderName(id: 79) }
  package static var securityServer: HeaderName { HeaderName(id: 80) }
  package static var securityVerify: HeaderName { HeaderName(id: 81) }
  package static var server: HeaderName { HeaderName(id: 82) }
  package static var serviceRoute: HeaderName { HeaderName(id: 83) }
  package static var sessionExpires: HeaderName { HeaderName(id: 84) }
  package static var sipETag: HeaderName { HeaderName(id: 85) }
  package static var sipIfMatch: HeaderName { HeaderName(id: 86) }
  package static var subject: HeaderName { HeaderName(id: 87) }
  package static var subscriptionState: HeaderName { HeaderName(id: 88) }
  package static var supported: HeaderName { HeaderName(id: 89) }
  package static var targetDialog: HeaderName { HeaderName(id: 90) }
  package static var timestamp: HeaderName { HeaderName(id: 91) }
  package static var to: HeaderName { HeaderName(id: 92) }
  package static var unsupported: HeaderName { HeaderName(id: 93) }
  package static var userAgent: HeaderName { HeaderName(id: 94) }
  package static var via: HeaderName { HeaderName(id: 95) }
  package static var warning: HeaderName { HeaderName(id: 96) }
  package static var wwwAuthenticate: HeaderName { HeaderName(id: 97) }
}

extension HeaderName {
  struct Row: Sendable {
    let name: StaticString
    let compact: StaticString?
    init(_ name: StaticString, compact: StaticString? = nil) {
      self.name = name
      self.compact = compact
    }
  }

  /// In alphabetical order, with the compact form where one is registered (RFC 3261 §7.3.3 and the IANA registry).
  static let table: [Row] = [
    Row("Accept"),
    Row("Accept-Contact", compact: "a"),
    Row("Accept-Encoding"),
    Row("Accept-Language"),
    Row("Accept-Resource-Priority"),
    Row("Alert-Info"),
    Row("Allow"),
    Row("Allow-Events", compact: "u"),
    Row("Authentication-Info"),
    Row("Authorization"),
    Row("Call-ID", compact: "i"),
    Row("Call-Info"),
    Row("Cellular-Network-Info"),
    Row("Contact", compact: "m"),
    Row("Content-Disposition"),
    Row("Content-Encoding", compact: "e"),
    Row("Content-Language"),
    Row("Content-Length", compact: "l"),
    Row("Content-Type", compact: "c"),
    Row("CSeq"),
    Row("Date"),
    Row("Error-Info"),
    Row("Event", compact: "o"),
    Row("Expires"),
    Row("Feature-Caps"),
    Row("Flow-Timer"),
    Row("From", compact: "f"),
    Row("Geolocation"),
    Row("History-Info"),
    Row("Identity", compact: "y"),
    Row("Identity-Info", compact: "n"),
    Row("In-Reply-To"),
    Row("Info-Package"),
    Row("Join"),
    Row("Max-Forwards"),
    Row("MIME-Version"),
    Row("Min-Expires"),
    Row("Min-SE"),
    Row("Organization"),
    Row("P-Access-Network-Info"),
    Row("P-Asserted-Identity"),
    Row("P-Asserted-Service"),
    Row("P-Associated-URI"),
    Row("P-Called-Party-ID"),
    Row("P-Charging-Function-Addresses"),
    Row("P-Charging-Vector"),
    Row("P-Early-Media"),
    Row("P-Preferred-Identity"),
    Row("P-Preferred-Service"),
    Row("P-Private-Network-Indication"),
    Row("P-Profile-Key"),
    Row("P-Served-User"),
    Row("P-User-Database"),
    Row("P-Visited-Network-ID"),
    Row("Path"),
    Row("Priority"),
    Row("Privacy"),
    Row("Proxy-Authenticate"),
    Row("Proxy-Authentication-Info"),
    Row("Proxy-Authorization"),
    Row("Proxy-Require"),
    Row("RAck"),
    Row("Reason"),
    Row("Record-Route"),
    Row("Recv-Info"),
    Row("Refer-To", compact: "r"),
    Row("Referred-By", compact: "b"),
    Row("Reject-Contact", compact: "j"),
    Row("Replaces"),
    Row("Reply-To"),
    Row("Request-Disposition", compact: "d"),
    Row("Require"),
    Row("Resource-Priority"),
    Row("Response-Source"),
    Row("Restoration-Info"),
    Row("Retry-After"),
    Row("Route"),
    Row("RSeq"),
    Row("Security-Client"),
    Row("Security-Server"),
    Row("Security-Verify"),
    Row("Server"),
    Row("Service-Route"),
    Row("Session-Expires", compact: "x"),
    Row("SIP-ETag"),
    Row("SIP-If-Match"),
    Row("Subject", compact: "s"),
    Row("Subscription-State"),
    Row("Supported", compact: "k"),
    Row("Target-Dialog"),
    Row("Timestamp"),
    Row("To", compact: "t"),
    Row("Unsupported"),
    Row("User-Agent"),
    Row("Via", compact: "v"),
    Row("Warning"),
    Row("WWW-Authenticate"),
  ]
}
