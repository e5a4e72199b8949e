/// What the data of an AVP must be, as far as its length tells.
package enum AVPShape: Sendable {
  /// Four octets.
  case number
  case group
  case other
}

extension AVPSequence.Header {
  /// Of the AVPs that a registration has. The dictionary knows them too, at a higher price.
  @inline(__always) package var shape: AVPShape {
    switch vendor {
    case 0:
      switch code {
      case 258, 259, 266, 268, 277, 298: .number
      case 260, 279, 297: .group
      default: .other
      }
    case Vendor.tgpp.rawValue:
      switch code {
      case 604, 605, 607, 613, 614, 616, 623, 624, 633: .number
      case 603, 612, 615, 618, 632, 635: .group
      default: .other
      }
    default: .other
    }
  }
}
