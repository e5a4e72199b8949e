package import IMSCapture
package import IMSWire

/// What to call a capture point: the interface as the capture names it, else by its number; with several recorders the
/// number of the input with which its recorder began stands before it.
package struct InterfaceNames: Sendable {
  private struct Place: Hashable, Sendable {
    var input: UInt16
    var interface: UInt16
  }

  private var names: [Place: String] = [:]
  private let namesInputs: Bool

  package init(inputs: Int) { namesInputs = inputs > 1 }

  package init(_ inputs: [InputReport]) {
    self.init(inputs: inputs.count { $0.continues == nil && $0.packets > 0 })
    for (number, report) in inputs.enumerated() {
      var input = number
      while let before = inputs[input].continues { input = before }
      for (number, interface) in report.interfaces.enumerated() {
        add(CapturePoint(input: UInt16(input), interface: UInt16(number)), interface)
      }
    }
  }

  package mutating func add(_ point: CapturePoint, _ interface: CaptureReader.Interface) {
    names[Place(input: point.input, interface: point.interface)] = interface.name ?? "if\(point.interface)"
  }

  /// "eth0", "if2", "1/if0"; "agent 2001" for what an agent of HEP recorded.
  package func callAsFunction(_ point: CapturePoint) -> String {
    if let agent = point.agent { return namesInputs ? "\(point.input)/agent \(agent)" : "agent \(agent)" }
    let name = names[Place(input: point.input, interface: point.interface)] ?? "if\(point.interface)"
    return namesInputs ? "\(point.input)/\(name)" : name
  }
}
