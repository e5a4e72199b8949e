import IMSBytes
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
  /// Threads that judge registrations beside the one that reads, fed by subscriber; 1: none, the same work is done in line.
  /// The report does not depend on it.
  package var threads = 1
  /// Bytes of open messages and streams; beyond it the registrations that began first are closed as they are.
  package var maxMemory = Bounds.openBytes
  /// Called in each lane before each of its batches, with the number of the lane: tests hold lanes up by it.
  package var pause: (@Sendable (Int) -> Void)?

  package init() {}
}
