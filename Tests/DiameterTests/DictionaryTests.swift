import IMSBytes
import IMSDiameter
import Testing

@Suite struct DictionaryTests {
  static let names: [(AVPName, String)] = [
    (.userName, "User-Name"),
    (.framedIPAddress, "Framed-IP-Address"),
    (.`class`, "Class"),
    (.sessionTimeout, "Session-Timeout"),
    (.proxyState, "Proxy-State"),
    (.eventTimestamp, "Event-Timestamp"),
    (.framedInterfaceID, "Framed-Interface-Id"),
    (.framedIPv6Prefix, "Framed-IPv6-Prefix"),
    (.digestRealm, "Digest-Realm"),
    (.digestQoP, "Digest-QoP"),
    (.digestAlgorithm, "Digest-Algorithm"),
    (.digestHA1, "Digest-HA1"),
    (.hostIPAddress, "Host-IP-Address"),
    (.authApplicationID, "Auth-Application-Id"),
    (.acctApplicationID, "Acct-Application-Id"),
    (.vendorSpecificApplicationID, "Vendor-Specific-Application-Id"),
    (.redirectHostUsage, "Redirect-Host-Usage"),
    (.redirectMaxCacheTime, "Redirect-Max-Cache-Time"),
    (.sessionID, "Session-Id"),
    (.originHost, "Origin-Host"),
    (.supportedVendorID, "Supported-Vendor-Id"),
    (.vendorID, "Vendor-Id"),
    (.firmwareRevision, "Firmware-Revision"),
    (.resultCode, "Result-Code"),
    (.productName, "Product-Name"),
    (.sessionBinding, "Session-Binding"),
    (.disconnectCause, "Disconnect-Cause"),
    (.authGracePeriod, "Auth-Grace-Period"),
    (.authSessionState, "Auth-Session-State"),
    (.originStateID, "Origin-State-Id"),
    (.failedAVP, "Failed-AVP"),
    (.proxyHost, "Proxy-Host"),
    (.errorMessage, "Error-Message"),
    (.routeRecord, "Route-Record"),
    (.destinationRealm, "Destination-Realm"),
    (.proxyInfo, "Proxy-Info"),
    (.reAuthRequestType, "Re-Auth-Request-Type"),
    (.accountingSubSessionID, "Accounting-Sub-Session-Id"),
    (.authorizationLifetime, "Authorization-Lifetime"),
    (.redirectHost, "Redirect-Host"),
    (.destinationHost, "Destination-Host"),
    (.errorReportingHost, "Error-Reporting-Host"),
    (.terminationCause, "Termination-Cause"),
    (.originRealm, "Origin-Realm"),
    (.experimentalResult, "Experimental-Result"),
    (.experimentalResultCode, "Experimental-Result-Code"),
    (.inbandSecurityID, "Inband-Security-Id"),
    (.drmp, "DRMP"),
    (.accountingRecordType, "Accounting-Record-Type"),
    (.accountingRecordNumber, "Accounting-Record-Number"),
    (.ocSupportedFeatures, "OC-Supported-Features"),
    (.ocOLR, "OC-OLR"),
    (.visitedNetworkIdentifier, "Visited-Network-Identifier"),
    (.publicIdentity, "Public-Identity"),
    (.serverName, "Server-Name"),
    (.serverCapabilities, "Server-Capabilities"),
    (.mandatoryCapability, "Mandatory-Capability"),
    (.optionalCapability, "Optional-Capability"),
    (.userData, "User-Data"),
    (.sipNumberAuthItems, "SIP-Number-Auth-Items"),
    (.sipAuthenticationScheme, "SIP-Authentication-Scheme"),
    (.sipAuthenticate, "SIP-Authenticate"),
    (.sipAuthorization, "SIP-Authorization"),
    (.sipAuthenticationContext, "SIP-Authentication-Context"),
    (.sipAuthDataItem, "SIP-Auth-Data-Item"),
    (.sipItemNumber, "SIP-Item-Number"),
    (.serverAssignmentType, "Server-Assignment-Type"),
    (.deregistrationReason, "Deregistration-Reason"),
    (.reasonCode, "Reason-Code"),
    (.reasonInfo, "Reason-Info"),
    (.chargingInformation, "Charging-Information"),
    (.primaryEventChargingFunctionName, "Primary-Event-Charging-Function-Name"),
    (.secondaryEventChargingFunctionName, "Secondary-Event-Charging-Function-Name"),
    (.primaryChargingCollectionFunctionName, "Primary-Charging-Collection-Function-Name"),
    (.secondaryChargingCollectionFunctionName, "Secondary-Charging-Collection-Function-Name"),
    (.userAuthorizationType, "User-Authorization-Type"),
    (.userDataAlreadyAvailable, "User-Data-Already-Available"),
    (.confidentialityKey, "Confidentiality-Key"),
    (.integrityKey, "Integrity-Key"),
    (.supportedFeatures, "Supported-Features"),
    (.featureListID, "Feature-List-ID"),
    (.featureList, "Feature-List"),
    (.supportedApplications, "Supported-Applications"),
    (.associatedIdentities, "Associated-Identities"),
    (.originatingRequest, "Originating-Request"),
    (.wildcardedPublicIdentity, "Wildcarded-Public-Identity"),
    (.sipDigestAuthenticate, "SIP-Digest-Authenticate"),
    (.wildcardedIMPU, "Wildcarded-IMPU"),
    (.uarFlags, "UAR-Flags"),
    (.looseRouteIndication, "Loose-Route-Indication"),
    (.scscfRestorationInfo, "SCSCF-Restoration-Info"),
    (.path, "Path"),
    (.contact, "Contact"),
    (.subscriptionInfo, "Subscription-Info"),
    (.callIDSIPHeader, "Call-ID-SIP-Header"),
    (.fromSIPHeader, "From-SIP-Header"),
    (.toSIPHeader, "To-SIP-Header"),
    (.recordRoute, "Record-Route"),
    (.associatedRegisteredIdentities, "Associated-Registered-Identities"),
    (.multipleRegistrationIndication, "Multiple-Registration-Indication"),
    (.restorationInfo, "Restoration-Info"),
    (.sessionPriority, "Session-Priority"),
    (.identityWithEmergencyRegistration, "Identity-with-Emergency-Registration"),
    (.priviledgedSenderIndication, "Priviledged-Sender-Indication"),
    (.liaFlags, "LIA-Flags"),
    (.initialCSeqSequenceNumber, "Initial-CSeq-Sequence-Number"),
    (.sarFlags, "SAR-Flags"),
    (.allowedWAFWWSFIdentities, "Allowed-WAF-WWSF-Identities"),
    (.webRTCAuthenticationFunctionName, "WebRTC-Authentication-Function-Name"),
    (.webRTCWebServerFunctionName, "WebRTC-Web-Server-Function-Name"),
    (.rtrFlags, "RTR-Flags"),
    (.pCSCFSubscriptionInfo, "P-CSCF-Subscription-Info"),
    (.registrationTimeOut, "Registration-Time-Out"),
    (.alternateDigestAlgorithm, "Alternate-Digest-Algorithm"),
    (.alternateDigestHA1, "Alternate-Digest-HA1"),
    (.failedPCSCF, "Failed-PCSCF"),
    (.pcscfFQDN, "PCSCF-FQDN"),
    (.pcscfIPAddress, "PCSCF-IP-Address"),
  ]

  @Test func everyNameHasItsDefinition() {
    for (name, text) in Self.names { #expect(AVPDefinition.of(name)?.name == text) }
    #expect(AVPDefinition.all.count == Self.names.count + 1)
    #expect(Set(AVPDefinition.all.map { AVPName($0.code, vendor: $0.vendor) }).count == AVPDefinition.all.count)
  }

  @Test func theVendorIsPartOfTheName() {
    #expect(AVPDefinition.of(AVPName(266)) != nil && AVPDefinition.of(AVPName(266, .tgpp)) == nil)
    #expect(AVPDefinition.of(AVPName(621))?.name == "OC-Supported-Features")
    #expect(AVPDefinition.of(AVPName(621, .tgpp))?.name == "Primary-Charging-Collection-Function-Name")
    #expect(AVPDefinition.of(AVPName(121, .tgpp))?.name == "Digest-HA1")
    #expect(AVPDefinition.of(AVPName(494, vendor: 50)) == nil)
    #expect(AVPDefinition.of(.confidentialityKey)?.mandatoryBit == .mustM)
  }

  @Test(
    arguments: [
      (300, 16_777_216, "UAR", "UAA"), (303, 16_777_216, "MAR", "MAA"), (303, 16_777_265, "MAR", "MAA"),
      (257, 0, "CER", "CEA"), (280, 0, "DWR", "DWA"), (306, 16_777_217, "UDR", "UDA"),
      (300, 4, "Command 300 request", "Command 300 answer"), (999, 0, "Command 999 request", "Command 999 answer"),
    ] as [(UInt32, UInt32, String, String)])
  func commands(code: UInt32, application: UInt32, request: String, answer: String) throws {
    #expect(try parse(message(command: code, application: application, flags: 0x80)).name == request)
    #expect(try parse(message(command: code, application: application, flags: 0)).name == answer)
  }
}
