package import IMSCapture
package import IMSRules
package import IMSWire

/// What to call a capture point: the interface as the capture names it, else the file.
package struct InterfaceNames: Sendable {
  private struct Place: Hashable, Sendable {
    var input: UInt16
    var interface: UInt16
  }

  private var names: [Place: String] = [:]

  package init() {}

  package init(_ inputs: [InputReport]) {
    for (input, report) in inputs.enumerated() {
      for (number, interface) in report.interfaces.enumerated() {
        add(CapturePoint(input: UInt16(input), interface: UInt16(number)), interface, path: report.path)
      }
    }
  }

  package mutating func add(_ point: CapturePoint, _ interface: CaptureReader.Interface, path: String) {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    names[Place(input: point.input, interface: point.interface)] = interface.name ?? file
  }

  package func callAsFunction(_ point: CapturePoint) -> String {
    names[Place(input: point.input, interface: point.interface)] ?? "\(point.input)/\(point.interface)"
  }
}
