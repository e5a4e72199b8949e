import IMSBytes
package import IMSMessages
import IMSSIP
import IMSWire

/// Joins the messages of a REGISTER whose Call-ID, CSeq or To the capture cut off, by what stands before the cut: every
/// copy and every response carries the branches of the Vias below its own (RFC 3261 §8.1.1.7, §17.1.3), and a UE keeps its
/// From tag from one REGISTER to the next.
///
/// Nothing is kept until the first message was cut. A branch that two different REGISTERs used joins nothing.
package struct CutMessages: Sendable {
  /// Branches, and From tags, that are remembered; the oldest goes first.
  private let capacity: Int
  /// No response comes later, and no second pass.
  static let patience = Timers.standard.awaitAuthentication
  /// CSeq numbers are less (RFC 3261 §8.1.1.5): from here on they stand for one that was cut off.
  static let standIn: UInt32 = 1 << 31

  /// The REGISTER that a branch belongs to.
  private struct Entry: Sendable, BitwiseCopyable {
    var callID: Fingerprint
    var cseq: UInt32
    var toAOR: Fingerprint
    var fromTag: Fingerprint
    /// Who sent the request with this branch on top; 0.0.0.0 when that is not known.
    var sender: IPAddress
    var time: Timestamp
    /// Call-ID or CSeq are none that the message bears.
    var isStandIn: Bool
    var isAmbiguous = false

    func isSame(_ other: Entry) -> Bool {
      callID == other.callID && cseq == other.cseq && toAOR == other.toAOR && isOf(other.sender)
    }

    /// What was seen of a message says that it belongs to another REGISTER.
    func contradicts(_ keys: SIPKeys, _ seen: Seen) -> Bool {
      !isStandIn && (seen.callID && keys.callID != callID || seen.cseq && keys.cseq != cseq)
    }

    func isOf(_ other: IPAddress) -> Bool { sender == other || [sender, other].contains(CutMessages.unknown) }
  }

  /// A Via that was captured whole.
  private struct Hop {
    var branch: Fingerprint
    var sender: IPAddress
  }

  private struct Dialog: Sendable, BitwiseCopyable {
    var callID: Fingerprint
    var cseq: UInt32
  }

  private static let unknown = IPAddress(v4: 0)

  /// Something was cut.
  private var isActive = false
  /// Messages that were cut before anything that tells where they belong.
  package private(set) var unjoined = 0
  /// Branches that were forgotten while they could still have joined something.
  package private(set) var evicted = 0
  private var entries = FingerprintTable<Entry>()
  private var order = FIFO<Fingerprint>()
  private var dialogs = FingerprintTable<Dialog>()
  private var dialogOrder = FIFO<Fingerprint>()

  package init(capacity: Int = Bounds.cutBranches) { self.capacity = capacity }

  /// Gives a message that was cut the keys of the REGISTER that it belongs to.
  package mutating func complete(_ message: inout Message) {
    guard message.isTruncated || isActive, let sip = message.sip, let keys = message.keys else { return }
    isActive = true
    let seen = Seen(sip, isTruncated: message.isTruncated)
    guard keys.method == .register || (!sip.isRequest && !seen.cseq) else { return }
    let hops = CutMessages.hops(of: message, sip)
    let fromTag = seen.from ? keys.fromTag : .empty
    let known = find(hops, fromTag, at: message.time)
    if seen.everything {
      if let known, known.isStandIn { return message.complete(CutMessages.filled(keys, from: known)) }
      if sip.isRequest { remember(hops, entry(keys, fromTag, message, isStandIn: false), message) }
      return
    }
    if let known, !known.contradicts(keys, seen) {
      if sip.isRequest { remember(hops, known, message) }
      return message.complete(CutMessages.filled(keys, from: known))
    }
    // Where the Vias are whole the last one is the UE's, and it is new. Else this may be the copy of a known one.
    guard sip.isRequest, !sip.endsInVia, let own = hops.last else {
      var keys = keys
      keys.method = .other
      if message.keys?.method == .register { unjoined += 1 }
      return message.complete(keys)
    }
    let begun = begin(keys, seen, fromTag, own, message, sip)
    remember(hops, begun, message)
    message.complete(CutMessages.filled(keys, from: begun))
  }

  /// What was captured to its end.
  private struct Seen {
    let callID: Bool
    let cseq: Bool
    let from: Bool
    let to: Bool

    init(_ sip: SIPMessage, isTruncated: Bool) {
      func shows(_ name: HeaderName) -> Bool { !isTruncated || sip.showsWhole(name) }
      (callID, cseq, from, to) = (shows(.callID), shows(.cseq), shows(.from), shows(.to))
    }

    var everything: Bool { callID && cseq && to }
  }

  private static func filled(_ keys: SIPKeys, from entry: Entry) -> SIPKeys {
    var keys = keys
    keys.method = .register
    keys.callID = entry.callID
    keys.cseq = entry.cseq
    keys.toAOR = entry.toAOR
    return keys
  }

  /// The Vias of which nothing is missing, topmost first. The topmost names the node next to this hop, whose address the
  /// packet shows.
  private static func hops(of message: Message, _ sip: SIPMessage) -> [Hop] {
    var vias = sip.via
    if message.isTruncated, sip.endsInVia, sip.endsInHeader, !vias.isEmpty { vias.removeLast() }
    let near = (sip.isRequest ? message.source : message.destination).address
    return vias.enumerated().compactMap { place, via in
      guard let branch = via.branch, !branch.isEmpty else { return nil }
      let far = via.received.flatMap { IPAddress($0) } ?? IPAddress(via.sentBy.host) ?? unknown
      return Hop(branch: Fingerprint(of: branch), sender: place == 0 ? near : far)
    }
  }

  private func find(_ hops: [Hop], _ fromTag: Fingerprint, at time: Timestamp) -> Entry? {
    for hop in hops {
      guard let entry = entries[hop.branch], !entry.isAmbiguous,
        (time - entry.time).magnitude <= CutMessages.patience
      else { continue }
      let isAnother = fromTag != entry.fromTag && fromTag != .empty && entry.fromTag != .empty
      if entry.isOf(hop.sender), !isAnother { return entry }
    }
    return nil
  }

  private func entry(
    _ keys: SIPKeys, _ fromTag: Fingerprint, _ message: Message, isStandIn: Bool
  ) -> Entry {
    Entry(
      callID: keys.callID, cseq: keys.cseq, toAOR: keys.toAOR, fromTag: fromTag, sender: CutMessages.unknown,
      time: message.time, isStandIn: isStandIn)
  }

  /// A REGISTER of which nothing was seen before. To is what From is, as far as a UE registers itself; the Call-ID is
  /// the one that went with this From tag before.
  private func begin(
    _ keys: SIPKeys, _ seen: Seen, _ fromTag: Fingerprint, _ own: Hop, _ message: Message, _ sip: SIPMessage
  ) -> Entry {
    var keys = keys
    if !seen.to {
      let from = seen.from ? sip.from?.uri.addressOfRecordFingerprint : nil
      keys.toAOR = from ?? own.branch
    }
    let mark = CutMessages.mark(fromTag == .empty ? own.branch : fromTag, keys.toAOR, own.sender)
    let dialog = dialogs[mark]
    if !seen.callID { keys.callID = dialog?.callID ?? mark }
    if !seen.cseq { keys.cseq = CutMessages.standIn | ((dialog?.cseq ?? 0) + 1) }
    return entry(keys, fromTag, message, isStandIn: true)
  }

  /// A UE at one address, by its From tag.
  private static func mark(_ tag: Fingerprint, _ user: Fingerprint, _ address: IPAddress) -> Fingerprint {
    var key = tag
    key.combine(user)
    key.combine(address.high)
    key.combine(address.low)
    return key
  }

  private mutating func remember(_ hops: [Hop], _ entry: Entry, _ message: Message) {
    for hop in hops {
      var entry = entry
      entry.sender = hop.sender
      entry.time = message.time
      if let before = entries[hop.branch], (message.time - before.time).magnitude <= CutMessages.patience {
        entry.isAmbiguous = before.isAmbiguous || !before.isSame(entry)
      }
      if entries.insert(hop.branch, entry).before == nil { order.append(hop.branch) }
      if entries.count > capacity, let oldest = order.popFirst(), let gone = entries.remove(oldest),
        (message.time - gone.time).magnitude <= CutMessages.patience
      {
        evicted += 1
      }
    }
    guard entry.fromTag != .empty, let own = hops.last, hops.count == 1 else { return }
    let key = CutMessages.mark(entry.fromTag, entry.toAOR, own.sender)
    let dialog = Dialog(callID: entry.callID, cseq: entry.cseq & ~CutMessages.standIn)
    if dialogs.insert(key, dialog).before == nil { dialogOrder.append(key) }
    if dialogs.count > capacity, let oldest = dialogOrder.popFirst() { dialogs.remove(oldest) }
  }
}
