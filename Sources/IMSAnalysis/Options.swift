package import IMSCapture
package import IMSFlows
package import IMSRules
package import IMSSecrets
package import IMSWire

/// What the user may set of an analysis.
package struct Options: Sendable {
  package var profile = Profile.field
  /// Those that are run.
  package var rules = Catalogue.rules
  package var suppressions = Suppressions()
  package var hosts = Hosts()
  /// Registrations that are reported and counted; numbers stay those of the whole capture.
  package var selection = Selection()
  /// Frames that are taken apart; the others are read and counted, so that frame numbers stay those of the file.
  package var filter: FrameFilter?
  /// What frames of a link type hold that has no meaning of its own (LINKTYPE_USER0 and the like).
  package var linkTypes: [LinkType: LinkType] = [:]
  /// Opens what agents of HEP packed; without it such payloads are counted.
  package var unpack: Unpack?
  /// Security associations that are known from elsewhere.
  package var associations: [SecurityAssociation] = []
  /// K and OP or OPc of subscribers.
  package var subscriberKeys = SubscriberKeys()
  /// The report is to hold the security associations that were learned.
  package var keepsKeys = false
  /// Correlators that share the work, fed by subscriber; the report does not depend on it.
  package var lanes = 1

  package init() {}
}
