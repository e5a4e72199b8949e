package import IMSCapture
package import IMSFlows
package import IMSRules

/// What the user may set of an analysis.
package struct Options: Sendable {
  package var profile = Profile.field
  package var hosts = Hosts()
  /// Registrations that are reported and counted; numbers stay those of the whole capture.
  package var selection = Selection()
  /// Frames that are taken apart; the others are read and counted, so that frame numbers stay those of the file.
  package var filter: FrameFilter?
  /// Correlators that share the work, fed by subscriber; the report does not depend on it.
  package var lanes = 1

  package init() {}
}
