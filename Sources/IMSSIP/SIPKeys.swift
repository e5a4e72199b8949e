package import IMSBytes

/// What joins a message to others, as numbers. A missing part is `Fingerprint.empty`, a missing CSeq number 0.
package struct SIPKeys: Hashable, Sendable {
  package var callID = Fingerprint.empty
  package var cseq: UInt32 = 0
  package var method: Method
  package var topBranch = Fingerprint.empty
  /// Host and port of the topmost Via, equal for equal hosts in different spellings.
  package var topSentBy = Fingerprint.empty
  /// Via elements, 255 for more.
  package var viaCount: UInt8 = 0
  /// The branch of the last Via, which every forwarded copy of a request keeps.
  package var bottomBranch = Fingerprint.empty
  package var fromTag = Fingerprint.empty
  /// Of `addressOfRecord` of To.
  package var toAOR = Fingerprint.empty
}

extension SIPMessage {
  package var keys: SIPKeys {
    let cseq = self.cseq
    var keys = SIPKeys(method: isRequest ? method : Method(cseq?.method ?? text(0..<0)))
    keys.cseq = cseq?.number ?? 0
    if let callID { keys.callID = Fingerprint(of: callID) }
    readVias(into: &keys)
    if let tag = from?.tag { keys.fromTag = Fingerprint(of: tag) }
    if let uri = to?.uri { keys.toAOR = uri.addressOfRecordFingerprint }
    return keys
  }

  private func readVias(into keys: inout SIPKeys) {
    var bottom: Text?
    for element in elements(.via) {
      if keys.viaCount == 0, let via = Via(element) {
        keys.topSentBy = via.sentBy.fingerprint(defaultPort: via.defaultPort)
        if let branch = via.branch { keys.topBranch = Fingerprint(of: branch) }
      }
      keys.viaCount = keys.viaCount == .max ? .max : keys.viaCount + 1
      bottom = element
    }
    if keys.viaCount <= 1 {
      keys.bottomBranch = keys.topBranch
    } else if let branch = bottom.flatMap({ Via($0) })?.branch {
      keys.bottomBranch = Fingerprint(of: branch)
    }
  }
}
