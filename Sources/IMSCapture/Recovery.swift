import IMSBytes

extension CaptureReader {
  /// A stamp further from the packet before it is looked at together with those that follow.
  static var farthestStamp: Interval { .seconds(Int64(Bounds.farthestStamp)) }

  /// The stamps of the packets behind one, at most two of each: of its interface, and of any.
  struct NextStamps {
    var own: [Timestamp] = []
    var any: [Timestamp] = []
  }

  /// The stamp of a packet that stands far from the one before it: its own where its neighbours do not agree that it is
  /// alone, else that of a neighbour. The neighbours of its own interface are asked first: each has a clock.
  mutating func settled(_ time: Timestamp, of interface: Int, before next: NextStamps) -> Timestamp {
    let before = tallies[interface].stamp
    if before.isNear(time) || next.own.contains(where: { $0.isNear(time) }) { return time }
    let neighbour: Timestamp
    if before != .distantPast {
      guard let following = next.own.first ?? next.any.first, following.isNear(before) else { return time }
      neighbour = before
    } else if next.own.count == 2 {
      guard next.own[0].isNear(next.own[1]) else { return time }
      neighbour = next.own[0]
    } else {
      let around = stamp == .distantPast ? next.any : [stamp] + next.any.prefix(1)
      guard around.count == 2, around[0].isNear(around[1]), !around[0].isNear(time) else { return time }
      neighbour = around[0]
    }
    // Whoever put packets together by hand may have left their stamps out.
    if neighbour.nanoseconds == 0 { return time }
    let seconds = (time - neighbour).nanoseconds / 1_000_000_000
    report(
      "packet \(nextNumber) is stamped \(seconds.magnitude) s \(seconds < 0 ? "before" : "after") its neighbours: their stamp was taken"
    )
    // The packet right before it in the file tells best when it came, when the clocks agree.
    return stamp.isNear(neighbour) ? stamp : neighbour
  }

  /// Goes on at the next offset for which `fits` holds, and says how many bytes were skipped; false when there is none,
  /// which is not said with `isSilent`.
  mutating func resynchronise(_ what: String, isSilent: Bool = false, _ fits: (Int) -> Bool) -> Bool {
    let file = self.file
    let start = file.position
    var from = 1
    while true {
      if let distance = Self.distance(in: file, from: from, fits) {
        _ = file.skip(distance)
        skipped += file.position - start
        losses += 1
        report("\(what): damaged, \(file.position - start) bytes skipped", at: start)
        return true
      }
      guard file.available >= Bounds.soughtBytes, file.skip(Bounds.soughtBytes) else { break }
      from = 0
    }
    if isSilent { return false }
    losses += 1
    report("\(what): damaged, not read further", at: start)
    return false
  }

  /// To the first place in the window for which `fits` holds.
  static func distance(in file: BlockFile, from first: Int, _ fits: (Int) -> Bool) -> Int? {
    var offset = first
    while offset < Bounds.soughtBytes, file.fill(offset + 12) {
      if fits(offset) { return offset }
      offset += 1
    }
    return nil
  }
}

extension Timestamp {
  fileprivate func isNear(_ other: Timestamp) -> Bool { (self - other).magnitude <= CaptureReader.farthestStamp }
}

extension BlockFile {
  /// Nothing but its end ended it.
  var mayGoOn: Bool { !wasInterrupted && failure == nil && !isCutByDamage }
}
