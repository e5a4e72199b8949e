import IMSBytes
import IMSSIP
import Testing

@Suite struct HeaderNameTests {
  static let known: [(HeaderName, String)] = [
    (.accept, "Accept"),
    (.acceptContact, "Accept-Contact"),
    (.acceptEncoding, "Accept-Encoding"),
    (.acceptLanguage, "Accept-Language"),
    (.acceptResourcePriority, "Accept-Resource-Priority"),
    (.alertInfo, "Alert-Info"),
    (.allow, "Allow"),
    (.allowEvents, "Allow-Events"),
    (.authenticationInfo, "Authentication-Info"),
    (.authorization, "Authorization"),
    (.callID, "Call-ID"),
    (.callInfo, "Call-Info"),
    (.cellularNetworkInfo, "Cellular-Network-Info"),
    (.contact, "Contact"),
    (.contentDisposition, "Content-Disposition"),
    (.contentEncoding, "Content-Encoding"),
    (.contentLanguage, "Content-Language"),
    (.contentLength, "Content-Length"),
    (.contentType, "Content-Type"),
    (.cseq, "CSeq"),
    (.date, "Date"),
    (.errorInfo, "Error-Info"),
    (.event, "Event"),
    (.expires, "Expires"),
    (.featureCaps, "Feature-Caps"),
    (.flowTimer, "Flow-Timer"),
    (.from, "From"),
    (.geolocation, "Geolocation"),
    (.historyInfo, "History-Info"),
    (.identity, "Identity"),
    (.identityInfo, "Identity-Info"),
    (.inReplyTo, "In-Reply-To"),
    (.infoPackage, "Info-Package"),
    (.join, "Join"),
    (.maxForwards, "Max-Forwards"),
    (.mimeVersion, "MIME-Version"),
    (.minExpires, "Min-Expires"),
    (.minSE, "Min-SE"),
    (.organization, "Organization"),
    (.pAccessNetworkInfo, "P-Access-Network-Info"),
    (.pAssertedIdentity, "P-Asserted-Identity"),
    (.pAssertedService, "P-Asserted-Service"),
    (.pAssociatedURI, "P-Associated-URI"),
    (.pCalledPartyID, "P-Called-Party-ID"),
    (.pChargingFunctionAddresses, "P-Charging-Function-Addresses"),
    (.pChargingVector, "P-Charging-Vector"),
    (.pEarlyMedia, "P-Early-Media"),
    (.pPreferredIdentity, "P-Preferred-Identity"),
    (.pPreferredService, "P-Preferred-Service"),
    (.pPrivateNetworkIndication, "P-Private-Network-Indication"),
    (.pProfileKey, "P-Profile-Key"),
    (.pServedUser, "P-Served-User"),
    (.pUserDatabase, "P-User-Database"),
    (.pVisitedNetworkID, "P-Visited-Network-ID"),
    (.path, "Path"),
    (.priority, "Priority"),
    (.privacy, "Privacy"),
    (.proxyAuthenticate, "Proxy-Authenticate"),
    (.proxyAuthenticationInfo, "Proxy-Authentication-Info"),
    (.proxyAuthorization, "Proxy-Authorization"),
    (.proxyRequire, "Proxy-Require"),
    (.rack, "RAck"),
    (.reason, "Reason"),
    (.recordRoute, "Record-Route"),
    (.recvInfo, "Recv-Info"),
    (.referTo, "Refer-To"),
    (.referredBy, "Referred-By"),
    (.rejectContact, "Reject-Contact"),
    (.replaces, "Replaces"),
    (.replyTo, "Reply-To"),
    (.requestDisposition, "Request-Disposition"),
    (.require, "Require"),
    (.resourcePriority, "Resource-Priority"),
    (.responseSource, "Response-Source"),
    (.restorationInfo, "Restoration-Info"),
    (.retryAfter, "Retry-After"),
    (.route, "Route"),
    (.rseq, "RSeq"),
    (.securityClient, "Security-Client"),
    (.securityServer, "Security-Server"),
    (.securityVerify, "Security-Verify"),
    (.server, "Server"),
    (.serviceRoute, "Service-Route"),
    (.sessionExpires, "Session-Expires"),
    (.sipETag, "SIP-ETag"),
    (.sipIfMatch, "SIP-If-Match"),
    (.subject, "Subject"),
    (.subscriptionState, "Subscription-State"),
    (.supported, "Supported"),
    (.targetDialog, "Target-Dialog"),
    (.timestamp, "Timestamp"),
    (.to, "To"),
    (.unsupported, "Unsupported"),
    (.userAgent, "User-Agent"),
    (.via, "Via"),
    (.warning, "Warning"),
    (.wwwAuthenticate, "WWW-Authenticate"),
  ]

  @Test(arguments: known) func everyMemberHasItsName(member: HeaderName, name: String) {
    #expect(member.name == name)
    #expect(HeaderName(Text(name)) == member)
    #expect(HeaderName(Text(name.uppercased())) == member)
    #expect(HeaderName(Text(name.lowercased())) == member)
  }

  @Test(arguments: [
    ("a", "Accept-Contact"), ("b", "Referred-By"), ("c", "Content-Type"), ("d", "Request-Disposition"),
    ("e", "Content-Encoding"), ("f", "From"), ("i", "Call-ID"), ("j", "Reject-Contact"), ("k", "Supported"),
    ("l", "Content-Length"), ("m", "Contact"), ("n", "Identity-Info"), ("o", "Event"), ("r", "Refer-To"),
    ("s", "Subject"), ("t", "To"), ("u", "Allow-Events"), ("v", "Via"), ("x", "Session-Expires"), ("y", "Identity"),
  ]) func compactForms(compact: String, name: String) {
    #expect(HeaderName(Text(compact)).name == name)
    #expect(HeaderName(Text(compact.uppercased())).name == name)
  }

  /// Bytes that differ from a letter, a hyphen or a digit by the bit of small letters are no other way to write them.
  @Test func onlyLettersHaveAnotherCase() throws {
    for name in ["Call\rID", "\u{16}ia", "Max\rForwards", "Via\u{0}x", "C\u{13}eq"] {
      #expect(!HeaderName(Text(name)).isKnown)
      let message = try parse(Array("REGISTER sip:h SIP/2.0\r\n\(name): 1\r\n\r\n".utf8))
      #expect(message.headers.present.isEmpty)
    }
  }

  @Test func unknownNamesCompareWithoutRegardToCase() {
    #expect(HeaderName("X-Odd") == HeaderName("x-oDD"))
    #expect(HeaderName("X-Odd") != HeaderName("X-Even"))
    #expect(Set<HeaderName>(["X-Odd", "x-odd", "via", "v"]).count == 2)
    #expect(HeaderName("X-Odd").name == "X-Odd")
    #expect(!HeaderName("z").isKnown && !HeaderName("").isKnown && !HeaderName("[").isKnown)
  }
}
