package import IMSBytes
package import IMSWire

/// Which files a recorder wrote one after the other, each an input of its own. Within a recorder frames are numbered on from
/// file to file, as if they were one; whoever names a frame asks here which frame of which input that is, and which stamp
/// it has there.
package struct Recorders: Sendable {
  /// A file that continues another one.
  private struct Part: Sendable, BitwiseCopyable {
    var recorder: UInt16
    /// Frames of the files before it.
    var before: UInt32
    var input: UInt16
  }

  /// In the order in which they began.
  private var parts: [Part] = []

  /// What was taken off the stamps of their frames.
  private let shifts: ClockShifts

  package init(_ shifts: ClockShifts = ClockShifts()) { self.shifts = shifts }

  /// No file continues another one: every number is that of an input.
  package var isEmpty: Bool { parts.isEmpty }

  /// While one of two points is seen to be recorded, so is the other: they are of one recorder.
  package func areOne(_ one: CapturePoint, _ other: CapturePoint) -> Bool {
    one.input == other.input && (shifts.isEmpty || !shifts.areApart(one, other))
  }

  /// As the frame has it in its file.
  package func stamp(of sighting: Sighting) -> Timestamp {
    shifts.isEmpty ? sighting.stamp : sighting.stamp + shifts[sighting.point]
  }

  /// - Parameter recorder: the number of the input with which it began.
  package mutating func append(_ input: UInt16, to recorder: UInt16, behind frames: UInt32) {
    parts.append(Part(recorder: recorder, before: frames, input: input))
  }

  /// A frame by the number within its recorder.
  package func reference(_ frame: UInt32, of recorder: UInt16) -> IssueLog.FrameReference {
    // What is asked for is nearly always new.
    for part in parts.reversed() where part.recorder == recorder && part.before < frame {
      return IssueLog.FrameReference(input: part.input, frame: frame - part.before)
    }
    return IssueLog.FrameReference(input: recorder, frame: frame)
  }

  package func resolved(_ reference: IssueLog.FrameReference) -> IssueLog.FrameReference {
    self.reference(reference.frame, of: reference.input)
  }

  /// The first frame of a sighting.
  package func first(of sighting: Sighting) -> IssueLog.FrameReference {
    reference(sighting.frames.first, of: sighting.point.input)
  }

  package func all(of sighting: Sighting) -> [IssueLog.FrameReference] {
    sighting.frames.all.map { reference($0, of: sighting.point.input) }
  }

  /// Some frame lies in another input than the first.
  package func leavesFirstInput(_ sighting: Sighting) -> Bool {
    if sighting.point.input > 0 || parts.isEmpty { return sighting.point.input > 0 }
    return all(of: sighting).contains { $0.input > 0 }
  }
}
