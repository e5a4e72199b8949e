// The names by which code asks for an AVP: `message.first(.publicIdentity)`. One line per line of the dictionaries; a
// test holds them together.

// RFC 6733 §4.5.
extension AVPName {
  package static var userName: AVPName { AVPName(1) }
  package static var framedIPAddress: AVPName { AVPName(8) }
  package static var `class`: AVPName { AVPName(25) }
  package static var sessionTimeout: AVPName { AVPName(27) }
  package static var proxyState: AVPName { AVPName(33) }
  package static var eventTimestamp: AVPName { AVPName(55) }
  package static var framedInterfaceID: AVPName { AVPName(96) }
  package static var framedIPv6Prefix: AVPName { AVPName(97) }
  package static var digestRealm: AVPName { AVPName(104) }
  package static var digestQoP: AVPName { AVPName(110) }
  package static var digestAlgorithm: AVPName { AVPName(111) }
  package static var digestHA1: AVPName { AVPName(121) }
  package static var hostIPAddress: AVPName { AVPName(257) }
  package static var authApplicationID: AVPName { AVPName(258) }
  package static var acctApplicationID: AVPName { AVPName(259) }
  package static var vendorSpecificApplicationID: AVPName { AVPName(260) }
  package static var redirectHostUsage: AVPName { AVPName(261) }
  package static var redirectMaxCacheTime: AVPName { AVPName(262) }
  package static var sessionID: AVPName { AVPName(263) }
  package static var originHost: AVPName { AVPName(264) }
  package static var supportedVendorID: AVPName { AVPName(265) }
  package static var vendorID: AVPName { AVPName(266) }
  package static var firmwareRevision: AVPName { AVPName(267) }
  package static var resultCode: AVPName { AVPName(268) }
  package static var productName: AVPName { AVPName(269) }
  package static var sessionBinding: AVPName { AVPName(270) }
  package static var disconnectCause: AVPName { AVPName(273) }
  package static var authGracePeriod: AVPName { AVPName(276) }
  package static var authSessionState: AVPName { AVPName(277) }
  package static var originStateID: AVPName { AVPName(278) }
  package static var failedAVP: AVPName { AVPName(279) }
  package static var proxyHost: AVPName { AVPName(280) }
  package static var errorMessage: AVPName { AVPName(281) }
  package static var routeRecord: AVPName { AVPName(282) }
  package static var destinationRealm: AVPName { AVPName(283) }
  package static var proxyInfo: AVPName { AVPName(284) }
  package static var reAuthRequestType: AVPName { AVPName(285) }
  package static var accountingSubSessionID: AVPName { AVPName(287) }
  package static var authorizationLifetime: AVPName { AVPName(291) }
  package static var redirectHost: AVPName { AVPName(292) }
  package static var destinationHost: AVPName { AVPName(293) }
  package static var errorReportingHost: AVPName { AVPName(294) }
  package static var terminationCause: AVPName { AVPName(295) }
  package static var originRealm: AVPName { AVPName(296) }
  package static var experimentalResult: AVPName { AVPName(297) }
  package static var experimentalResultCode: AVPName { AVPName(298) }
  package static var inbandSecurityID: AVPName { AVPName(299) }
  package static var drmp: AVPName { AVPName(301) }
  package static var accountingRecordType: AVPName { AVPName(480) }
  package static var accountingRecordNumber: AVPName { AVPName(485) }
  package static var ocSupportedFeatures: AVPName { AVPName(621) }
  package static var ocOLR: AVPName { AVPName(623) }
}

// TS 29.229 Table 6.3.1.
extension AVPName {
  package static var visitedNetworkIdentifier: AVPName { AVPName(600, .tgpp) }
  package static var publicIdentity: AVPName { AVPName(601, .tgpp) }
  package static var serverName: AVPName { AVPName(602, .tgpp) }
  package static var serverCapabilities: AVPName { AVPName(603, .tgpp) }
  package static var mandatoryCapability: AVPName { AVPName(604, .tgpp) }
  package static var optionalCapability: AVPName { AVPName(605, .tgpp) }
  package static var userData: AVPName { AVPName(606, .tgpp) }
  package static var sipNumberAuthItems: AVPName { AVPName(607, .tgpp) }
  package static var sipAuthenticationScheme: AVPName { AVPName(608, .tgpp) }
  package static var sipAuthenticate: AVPName { AVPName(609, .tgpp) }
  package static var sipAuthorization: AVPName { AVPName(610, .tgpp) }
  package static var sipAuthenticationContext: AVPName { AVPName(611, .tgpp) }
  package static var sipAuthDataItem: AVPName { AVPName(612, .tgpp) }
  package static var sipItemNumber: AVPName { AVPName(613, .tgpp) }
  package static var serverAssignmentType: AVPName { AVPName(614, .tgpp) }
  package static var deregistrationReason: AVPName { AVPName(615, .tgpp) }
  package static var reasonCode: AVPName { AVPName(616, .tgpp) }
  package static var reasonInfo: AVPName { AVPName(617, .tgpp) }
  package static var chargingInformation: AVPName { AVPName(618, .tgpp) }
  package static var primaryEventChargingFunctionName: AVPName { AVPName(619, .tgpp) }
  package static var secondaryEventChargingFunctionName: AVPName { AVPName(620, .tgpp) }
  package static var primaryChargingCollectionFunctionName: AVPName { AVPName(621, .tgpp) }
  package static var secondaryChargingCollectionFunctionName: AVPName { AVPName(622, .tgpp) }
  package static var userAuthorizationType: AVPName { AVPName(623, .tgpp) }
  package static var userDataAlreadyAvailable: AVPName { AVPName(624, .tgpp) }
  package static var confidentialityKey: AVPName { AVPName(625, .tgpp) }
  package static var integrityKey: AVPName { AVPName(626, .tgpp) }
  package static var supportedFeatures: AVPName { AVPName(628, .tgpp) }
  package static var featureListID: AVPName { AVPName(629, .tgpp) }
  package static var featureList: AVPName { AVPName(630, .tgpp) }
  package static var supportedApplications: AVPName { AVPName(631, .tgpp) }
  package static var associatedIdentities: AVPName { AVPName(632, .tgpp) }
  package static var originatingRequest: AVPName { AVPName(633, .tgpp) }
  package static var wildcardedPublicIdentity: AVPName { AVPName(634, .tgpp) }
  package static var sipDigestAuthenticate: AVPName { AVPName(635, .tgpp) }
  package static var wildcardedIMPU: AVPName { AVPName(636, .tgpp) }
  package static var uarFlags: AVPName { AVPName(637, .tgpp) }
  package static var looseRouteIndication: AVPName { AVPName(638, .tgpp) }
  package static var scscfRestorationInfo: AVPName { AVPName(639, .tgpp) }
  package static var path: AVPName { AVPName(640, .tgpp) }
  package static var contact: AVPName { AVPName(641, .tgpp) }
  package static var subscriptionInfo: AVPName { AVPName(642, .tgpp) }
  package static var callIDSIPHeader: AVPName { AVPName(643, .tgpp) }
  package static var fromSIPHeader: AVPName { AVPName(644, .tgpp) }
  package static var toSIPHeader: AVPName { AVPName(645, .tgpp) }
  package static var recordRoute: AVPName { AVPName(646, .tgpp) }
  package static var associatedRegisteredIdentities: AVPName { AVPName(647, .tgpp) }
  package static var multipleRegistrationIndication: AVPName { AVPName(648, .tgpp) }
  package static var restorationInfo: AVPName { AVPName(649, .tgpp) }
  package static var sessionPriority: AVPName { AVPName(650, .tgpp) }
  package static var identityWithEmergencyRegistration: AVPName { AVPName(651, .tgpp) }
  package static var priviledgedSenderIndication: AVPName { AVPName(652, .tgpp) }
  package static var liaFlags: AVPName { AVPName(653, .tgpp) }
  package static var initialCSeqSequenceNumber: AVPName { AVPName(654, .tgpp) }
  package static var sarFlags: AVPName { AVPName(655, .tgpp) }
  package static var allowedWAFWWSFIdentities: AVPName { AVPName(656, .tgpp) }
  package static var webRTCAuthenticationFunctionName: AVPName { AVPName(657, .tgpp) }
  package static var webRTCWebServerFunctionName: AVPName { AVPName(658, .tgpp) }
  package static var rtrFlags: AVPName { AVPName(659, .tgpp) }
  package static var pCSCFSubscriptionInfo: AVPName { AVPName(660, .tgpp) }
  package static var registrationTimeOut: AVPName { AVPName(661, .tgpp) }
  package static var alternateDigestAlgorithm: AVPName { AVPName(662, .tgpp) }
  package static var alternateDigestHA1: AVPName { AVPName(663, .tgpp) }
  package static var failedPCSCF: AVPName { AVPName(664, .tgpp) }
  package static var pcscfFQDN: AVPName { AVPName(665, .tgpp) }
  package static var pcscfIPAddress: AVPName { AVPName(666, .tgpp) }
}
