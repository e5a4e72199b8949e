import IMSBytes

// A record whose length or stamp is odd is looked at together with what follows it: only what stands behind tells a
// packet after a pause from a damaged record.

extension PcapHead {
  /// May such a header be one? For what follows a record that is odd itself.
  var isPossible: Bool { hasFraction && original > 0 && max(captured, original) <= CaptureReader.largestPacket }
  /// Is it one, as far as can be told? For bytes among which a record is looked for.
  var isLikely: Bool { isPossible && captured > 0 && captured <= min(original, Bounds.largestSoughtPacket) }
}

extension CaptureReader {
  /// Does a packet stand far from the one before it?
  func leaps(_ time: Timestamp) -> Bool { (time - stamp).magnitude > Self.farthestStamp }

  /// False when the record at the start of the window is damaged. Mends its length where the length on the wire leads to
  /// the next record, and its stamp where it stands alone.
  mutating func examine(_ head: inout PcapHead) -> Bool {
    let isCredible = head.isLikely && head.isNear(stamp)
    if head.captured > Self.largestPacket || !(isCredible || isFollowed(head)) {
      let length = head.original
      guard head.captured != length, length > 0, length <= Bounds.largestSoughtPacket,
        let next = self.head(pcap.recordHeader + length), next.isLikely, next.isNear(head.time) || next.isNear(stamp)
      else { return false }
      report("packet \(nextNumber) claims \(head.captured) bytes: its length on the wire was taken")
      head.captured = length
    }
    if leaps(head.time) {
      var next: [Timestamp] = []
      var offset = pcap.recordHeader + head.captured
      while next.count < 2, let following = self.head(offset), following.isPossible {
        next.append(following.time)
        offset += pcap.recordHeader + following.captured
      }
      head.time = settled(head.time, of: 0, before: NextStamps(own: next, any: next))
    }
    return true
  }

  /// Ends the input with this record, or stands another one behind it?
  private func isFollowed(_ head: PcapHead) -> Bool {
    let end = pcap.recordHeader + head.captured
    if let next = self.head(end) { return next.isPossible }
    // A last record that is cut, or behind which one begins that is cut.
    return file.available >= end || head.captured <= head.original
  }

  /// The header at an offset of the window; nil at the end of the input. The first packet waits for no other.
  private func head(_ offset: Int) -> PcapHead? {
    let end = offset + pcap.recordHeader
    return stamp == .distantPast
      ? file.available >= end ? pcap.head(file.span, offset) : nil
      : file.fill(end) ? pcap.head(file.span, offset) : nil
  }

  /// Goes on with the next record that makes sense, and says what was skipped. False when there is none.
  mutating func recoverPcap(_ what: String, isSilent: Bool) -> Bool {
    let (file, layout, stamp) = (self.file, pcap, self.stamp)
    func head(_ offset: Int) -> PcapHead? {
      file.fill(offset + layout.recordHeader) ? layout.head(file.span, offset) : nil
    }
    return resynchronise(what, isSilent: isSilent) { offset in
      guard let first = head(offset), first.isLikely, first.isNear(stamp) else { return false }
      let end = offset + layout.recordHeader + first.captured
      guard let second = head(end) else { return file.available >= end }
      return second.isLikely && second.isNear(first.time)
    }
  }
}

extension PcapHead {
  /// Within a day; everything is near to what is not known.
  fileprivate func isNear(_ other: Timestamp) -> Bool {
    other == .distantPast || (time - other).magnitude <= .seconds(86_400)
  }
}
